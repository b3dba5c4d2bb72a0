#include "sim/metrics_page.h"

#include <array>
#include <charconv>
#include <cmath>
#include <sstream>
#include <stdexcept>

namespace usage::sim {
namespace {

struct Family {
  std::string_view name;
  FigureKind kind;
  uint64_t Volume::*direction;
};
constexpr std::array<Family, 8> kFamilies = {{
    {"usage_upload_bytes_total", FigureKind::kTotal, &Volume::upload},
    {"usage_download_bytes_total", FigureKind::kTotal, &Volume::download},
    {"usage_today_upload_bytes", FigureKind::kToday, &Volume::upload},
    {"usage_today_download_bytes", FigureKind::kToday, &Volume::download},
    {"usage_month_upload_bytes", FigureKind::kMonth, &Volume::upload},
    {"usage_month_download_bytes", FigureKind::kMonth, &Volume::download},
    {"usage_subscriber_today_upload_bytes", FigureKind::kSubscriberToday, &Volume::upload},
    {"usage_subscriber_today_download_bytes", FigureKind::kSubscriberToday, &Volume::download},
}};

// Reads one line from its beginning.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : rest_(line) {}

  std::string_view Until(std::string_view stops) {
    size_t end = std::min(rest_.find_first_of(stops), rest_.size());
    std::string_view part = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return part;
  }
  bool Take(char c) {
    bool is_next = !rest_.empty() && rest_.front() == c;
    if (is_next) rest_.remove_prefix(1);
    return is_next;
  }
  // A label's value after its opening quote, up to the closing one.
  std::string Quoted() {
    std::string value;
    while (!Take('"')) {
      bool is_escaped = Take('\\');
      if (rest_.empty()) throw std::runtime_error("a label's value does not end");
      char c = rest_.front();
      rest_.remove_prefix(1);
      value += is_escaped && c == 'n' ? '\n' : c;
    }
    return value;
  }

 private:
  std::string_view rest_;
};

void ReadLabels(LineReader& line, std::map<std::string, std::string>& labels) {
  while (!line.Take('}')) {
    std::string name(line.Until("="));
    if (!line.Take('=') || !line.Take('"')) throw std::runtime_error("no label");
    labels[name] = line.Quoted();
    line.Take(',');
  }
}

void Add(const Family& family, const Sample& sample, Figures& figures) {
  auto value = WholeNumber(sample.value);
  if (!value) throw std::runtime_error(sample.value + " is no number of bytes");
  auto label = [&](const char* name) {
    auto found = sample.labels.find(name);
    return found == sample.labels.end() ? std::string() : found->second;
  };
  figures[{family.kind, label("tenant_id"), label("access"), "", label("subscriber")}].*
      family.direction += *value;
}

}  // namespace

std::optional<uint64_t> WholeNumber(const std::string& text) {
  uint64_t whole = 0;
  const char* last = text.data() + text.size();
  auto [end, error] = std::from_chars(text.data(), last, whole);
  if (error == std::errc() && end == last) return whole;
  double value = 0;
  auto [end_of_double, double_error] = std::from_chars(text.data(), last, value);
  bool is_whole = double_error == std::errc() && end_of_double == last && value >= 0 &&
                  value < 0x1p64 && std::floor(value) == value;
  return is_whole ? std::optional(static_cast<uint64_t>(value)) : std::nullopt;
}

std::optional<Sample> ParseSample(std::string_view text) {
  if (text.empty() || text.front() == '#') return std::nullopt;
  LineReader line(text);
  Sample sample;
  sample.name = line.Until("{ ");
  if (line.Take('{')) ReadLabels(line, sample.labels);
  if (!line.Take(' ')) throw std::runtime_error("no sample");
  sample.value = line.Until(" ");
  return sample;
}

Figures ParsePage(const std::string& page) {
  Figures figures;
  std::istringstream lines(page);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    try {
      auto sample = ParseSample(line);
      for (const Family& family : kFamilies) {
        if (sample && sample->name == family.name) Add(family, *sample, figures);
      }
    } catch (const std::runtime_error& error) {
      throw std::runtime_error("line " + std::to_string(number) + ": " + error.what());
    }
  }
  return figures;
}

}  // namespace usage::sim
