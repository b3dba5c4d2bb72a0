#include "metrics/exposition.h"

#include <algorithm>
#include <cstring>

#include "metrics/history_series.h"

namespace usage {
namespace {

char* Put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// Overwrites a string from its begin, without what appending costs: a look at the capacity for
// every piece, and zeroes before the text wherever the string grows.
class PageWriter {
 public:
  explicit PageWriter(std::string& page) : page_(page) {}
  PageWriter(const PageWriter&) = delete;
  PageWriter& operator=(const PageWriter&) = delete;

  void Text(std::string_view text) { Seek(Put(Room(text.size()), text)); }

  // A line per item that has a value.
  template <typename S>
  void Samples(std::string_view name, const SeriesList<S>& series, const Of<S>& of) {
    char* next = Room(series.label_bytes + series.all.size() * (name.size() + kNumberRoom));
    for (const Series<S>& one : series.all) {
      const Value value = of.value(*one.item);
      if (!value.absent()) next = PutSample(next, name, one.labels, value);
    }
    Seek(next);
  }

  size_t used() const { return used_; }

  // Forgets what was written after the first `used` bytes.
  void Rewind(size_t used) { used_ = used; }

  // Cuts off what is left of the old text.
  void Finish() { page_.resize(used_); }

 private:
  static constexpr size_t kNumberRoom = Value::kMaxChars + 1;

  // The number goes first: it spoils the bytes before it, which are the line's own, as no name is
  // shorter than that.
  static char* PutSample(char* out, std::string_view name, std::string_view labels, Value value) {
    char* end = value.Write(out + name.size() + labels.size());
    *end = '\n';
    Put(Put(out, name), labels);
    return end + 1;
  }

  // The place of the next byte, with room for `bytes`.
  char* Room(size_t bytes) {
    if (page_.size() - used_ < bytes) page_.resize(used_ + bytes);
    return page_.data() + used_;
  }

  void Seek(const char* next) { used_ = static_cast<size_t>(next - page_.data()); }

  std::string& page_;
  size_t used_ = 0;
};

// What one family needs apart from the snapshot.
struct FamilyText {
  const Family* family;
  std::string name;       // of its samples
  std::string header[2];  // by Format
};

std::string_view WithoutSuffix(const Family& family) {
  std::string_view name = family.name;
  if (family.type == Type::kCounter) name.remove_suffix(std::string_view("_total").size());
  if (family.type == Type::kInfo) name.remove_suffix(std::string_view("_info").size());
  return name;
}

std::string TextHeader(const Family& family) {
  const std::string name(family.name);
  const std::string_view type = family.type == Type::kInfo ? "gauge" : TypeName(family.type);
  return "# HELP " + name + ' ' + std::string(family.help) + "\n# TYPE " + name + ' ' +
         std::string(type) + '\n';
}

std::string OpenMetricsHeader(const Family& family) {
  const std::string name(WithoutSuffix(family));
  std::string header = "# TYPE " + name + ' ' + std::string(TypeName(family.type)) + '\n';
  if (!family.unit.empty()) header += "# UNIT " + name + ' ' + std::string(family.unit) + '\n';
  return header + "# HELP " + name + ' ' + std::string(family.help) + '\n';
}

using FamilyTexts = std::vector<FamilyText>;

// A catalogue in the order of names, with its headers.
FamilyTexts* Sorted(std::span<const Family> catalogue) {
  auto* all = new FamilyTexts;
  for (const Family& family : catalogue) {
    all->push_back(
        {&family, std::string(family.name), {TextHeader(family), OpenMetricsHeader(family)}});
  }
  std::sort(all->begin(), all->end(),
            [](const FamilyText& a, const FamilyText& b) { return a.name < b.name; });
  return all;
}

// A family without samples is left out whole.
void WriteFamily(const FamilyText& text, Format format, const SeriesTable& series,
                 PageWriter& out) {
  const size_t begin = out.used();
  out.Text(text.header[format == Format::kText ? 0 : 1]);
  const size_t first_sample = out.used();
  std::visit([&]<typename S>(const Of<S>& of) { out.Samples(text.name, series.Get<S>(), of); },
             text.family->reader);
  if (out.used() == first_sample) out.Rewind(begin);
}

void WritePage(const FamilyTexts& families, Format format, const SeriesTable& series,
               std::string& page) {
  PageWriter out(page);
  for (const FamilyText& family : families) WriteFamily(family, format, series, out);
  if (format == Format::kOpenMetrics) out.Text("# EOF\n");
  out.Finish();
}

}  // namespace

std::string_view ContentType(Format format) {
  return format == Format::kText ? "text/plain; version=0.0.4; charset=utf-8"
                                 : "application/openmetrics-text; version=1.0.0; charset=utf-8";
}

void Exposition::Render(const Snapshot& snapshot, Format format, std::string& page) {
  static const FamilyTexts* const families = Sorted(Catalogue());
  series_.Update(snapshot);
  WritePage(*families, format, series_.table(), page);
}

void Exposition::Render(const History& history, Format format, std::string& page) {
  static const FamilyTexts* const families = Sorted(HistoryCatalogue());
  WritePage(*families, format, HistorySeries(history).table(), page);
}

}  // namespace usage
