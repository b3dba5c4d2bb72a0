// What a page of the exporter's metrics says.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sim/figures.h"

namespace usage::sim {

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

// The families of usage_*_bytes* that the truth knows; others are left out. Throws
// std::runtime_error that names the line.
Figures ParsePage(const std::string& page);

}  // namespace usage::sim
