// What a router knows as RouterOS prints it: tables of rows of named texts.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/routers/router_faults.h"
#include "sim/routers/router_model.h"

namespace usage::sim {

// Names and values in the order of a print; bytes, not always UTF-8.
using PrintedRow = std::vector<std::pair<std::string, std::string>>;

struct PrintedTable {
  bool is_single = false;  // it has no items: /system/resource
  std::vector<PrintedRow> rows;
};

struct TableStyle {
  bool is_huge = false;
  bool is_latin1 = false;
  bool has_wrong_clock = false;
  bool says_clock_times = false;  // 1w2d03:04:05 instead of 1w2d3h4m5s

  static TableStyle Of(const RouterFaults& faults, int router);
};

// "/interface", "/ppp/active", "/ip/hotspot/active", "/ip/hotspot/host", "/queue/simple",
// "/system/resource", "/system/identity", "/system/clock"; none of another path.
std::optional<PrintedTable> PrintTable(const std::string& path, const ModelState& state,
                                       const TableStyle& style);

// "1w2d3h4m5s" or "1w2d03:04:05"; "0s" or "00:00:00".
std::string PrintDuration(std::chrono::seconds duration, bool says_clock_times);

}  // namespace usage::sim
