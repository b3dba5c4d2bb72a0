// Samples out of a page of metrics.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace usage {

struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  std::string value;  // as it is written
};

// A line of the text format of Prometheus or of OpenMetrics; no value for comments and blank lines.
// Throws std::runtime_error for anything else.
std::optional<Sample> ParseSample(std::string_view line);

// A count as it may be written, "12345" or "1.2345e+04"; no value for what is no whole number of 64
// bits.
std::optional<uint64_t> WholeNumber(const std::string& text);

}  // namespace usage
