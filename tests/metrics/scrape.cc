#include "tests/metrics/scrape.h"

#include <regex>
#include <set>

#include "metrics/label_text.h"

namespace usage {
namespace {

constexpr std::string_view kSuffixes[][2] = {{"counter", "_total"}, {"info", "_info"}};

class Reader {
 public:
  explicit Reader(Format format) : open_metrics_(format == Format::kOpenMetrics) {}

  Scrape Read(std::string_view page) {
    if (ValidText(page) != page) Fault("not UTF-8");
    if (!page.empty() && page.back() != '\n') Fault("the last line has no end");
    while (!page.empty()) {
      const size_t end = std::min(page.find('\n'), page.size() - 1);
      Line(std::string(page.substr(0, end)));
      page.remove_prefix(end + 1);
    }
    CloseFamily();
    if (open_metrics_ && !ended_) Fault("no # EOF");
    return std::move(scrape_);
  }

 private:
  void Line(const std::string& line) {
    line_ = line;
    if (ended_) Fault("after # EOF");
    if (open_metrics_ && line == "# EOF") {
      ended_ = true;
    } else if (line.starts_with("# ")) {
      Metadata(line);
    } else {
      SampleLine(line);
    }
  }

  void Metadata(const std::string& line) {
    static const std::regex kPattern("# (HELP|TYPE|UNIT) ([a-z_][a-z0-9_]*) ([^\n]+)");
    std::smatch match;
    if (!std::regex_match(line, match, kPattern)) return Fault("no metadata");
    const std::string keyword = match[1], name = match[2], text = match[3];
    if (keyword == (open_metrics_ ? "TYPE" : "HELP")) OpenFamily(name);
    if (scrape_.families.empty() || family().name != name) return Fault("of another family");
    std::string& field = keyword == "HELP"   ? family().help
                         : keyword == "TYPE" ? family().type
                                             : family().unit;
    if (!field.empty()) Fault("twice");
    if (!family().samples.empty()) Fault("after samples");
    if (keyword == "UNIT" && (!family().help.empty() || !open_metrics_)) Fault("not here");
    field = text;
  }

  void OpenFamily(const std::string& name) {
    CloseFamily();
    if (!names_.insert(name).second) Fault("the family was there before");
    scrape_.families.emplace_back().name = name;
  }

  void CloseFamily() {
    if (scrape_.families.empty()) return;
    const ScrapedFamily& f = family();
    if (f.help.empty() || f.type.empty()) Fault(f.name + " has no HELP or no TYPE");
    if (f.samples.empty()) Fault(f.name + " has no samples");
    if (!f.unit.empty() && !f.name.ends_with("_" + f.unit)) Fault(f.name + " lacks its unit");
    if (!f.samples.empty() && f.samples[0].name <= last_name_) Fault(f.name + " is out of order");
    if (!f.samples.empty()) last_name_ = f.samples[0].name;
    const std::set<std::string> types = {"counter", "gauge", open_metrics_ ? "info" : "gauge"};
    if (!types.contains(f.type)) Fault(f.name + " is a " + f.type);
  }

  std::string NameOfSamples() {
    for (const auto& [type, suffix] : kSuffixes) {
      if (open_metrics_ && family().type == type) return family().name + std::string(suffix);
    }
    return family().name;
  }

  void SampleLine(const std::string& line) {
    static const std::regex kName("^[a-z_][a-z0-9_]*");
    static const std::regex kNumber(R"(-?[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?|NaN|[+-]Inf)");
    std::smatch match;
    if (!std::regex_search(line, match, kName)) return Fault("no name");
    Sample sample{match[0], {}, {}};
    std::string_view rest = std::string_view(line).substr(sample.name.size());
    if (rest.starts_with("{")) rest = Labels(rest, sample);
    if (!rest.starts_with(" ")) return Fault("no space before the value");
    sample.value = rest.substr(1);
    if (!std::regex_match(sample.value, kNumber)) Fault("no number: " + sample.value);
    Add(std::move(sample));
  }

  void Add(Sample sample) {
    if (scrape_.families.empty() || sample.name != NameOfSamples()) return Fault("wrong name");
    if (!series_.insert({sample.name, sample.labels}).second) Fault("the series was there before");
    if (sample.name.ends_with("_info") && sample.value != "1") Fault("an info that is not 1");
    family().samples.push_back(std::move(sample));
  }

  // Reads `{name="value",…}` and returns what follows it.
  std::string_view Labels(std::string_view text, Sample& sample) {
    static const std::regex kPattern(R"re(^([a-z_]+)="((?:[^"\\]|\\[\\"n])*)"([,}]))re");
    text.remove_prefix(1);
    std::cmatch match;
    do {
      if (!std::regex_search(text.data(), text.data() + text.size(), match, kPattern)) {
        Fault("bad labels");
        return {};
      }
      if (!sample.labels.insert({match[1], Unescape(match[2])}).second) Fault("a label twice");
      text.remove_prefix(static_cast<size_t>(match.length()));
    } while (match[3] == ",");
    return text;
  }

  static std::string Unescape(const std::string& text) {
    std::string raw;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\') {
        raw += text[i];
      } else {
        raw += text[++i] == 'n' ? '\n' : text[i];
      }
    }
    return raw;
  }

  ScrapedFamily& family() { return scrape_.families.back(); }
  void Fault(const std::string& what) { scrape_.faults.push_back(what + ": " + line_); }

  const bool open_metrics_;
  Scrape scrape_;
  std::string line_;
  std::string last_name_;
  bool ended_ = false;
  std::set<std::string> names_;
  std::set<std::pair<std::string, std::map<std::string, std::string>>> series_;
};

}  // namespace

std::vector<Sample> Scrape::samples() const {
  std::vector<Sample> all;
  for (const ScrapedFamily& f : families) all.insert(all.end(), f.samples.begin(), f.samples.end());
  return all;
}

std::string Scrape::Value(const std::string& name,
                          const std::map<std::string, std::string>& labels) const {
  for (const ScrapedFamily& f : families) {
    for (const Sample& s : f.samples) {
      if (s.name == name && s.labels == labels) return s.value;
    }
  }
  return "";
}

Scrape ReadPage(std::string_view page, Format format) { return Reader(format).Read(page); }

}  // namespace usage
