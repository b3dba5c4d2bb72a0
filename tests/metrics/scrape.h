// A page read back, by a reader that is stricter than Prometheus.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/exposition.h"

namespace usage {

struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;  // unescaped
  std::string value;                          // as written

  friend auto operator<=>(const Sample&, const Sample&) = default;
};

struct ScrapedFamily {
  std::string name, type, unit, help;
  std::vector<Sample> samples;
};

struct Scrape {
  std::vector<ScrapedFamily> families;
  std::vector<std::string> faults;  // what the format forbids, with the line

  std::vector<Sample> samples() const;  // of all families
  // The value of the one sample with that name and these labels; "" if there is none.
  std::string Value(const std::string& name,
                    const std::map<std::string, std::string>& labels = {}) const;
};

// Follows the text format 0.0.4 as exporters write it, or OpenMetrics 1.0.0 (ABNF and the rules on
// names, units, metadata and the end). Beyond both: families sorted, with HELP and TYPE, never
// without samples; no series twice.
Scrape ReadPage(std::string_view page, Format format);

}  // namespace usage
