// What a page of the exporter's metrics says.
#pragma once

#include <string>

#include "sim/figures.h"

namespace usage::sim {

// The families of usage_*_bytes* that the truth knows; others are left out. Throws
// std::runtime_error that names the line.
Figures ParsePage(const std::string& page);

}  // namespace usage::sim
