// Scans of tables that lack an index: rarely.
#pragma once

#include <chrono>
#include <optional>

#include "sources/postgres/table_facts.h"

namespace usage {

class ScarceScan {
 public:
  static constexpr std::chrono::minutes kEvery{5};

  // Whether to ask now a question that without an index is a scan. Of a small table always.
  bool IsDue(const TableFacts& table, bool has_index) {
    if (has_index || table.IsView() || table.IsScannable()) return true;
    const auto now = std::chrono::steady_clock::now();
    if (last_ && now - *last_ < kEvery) return false;
    last_ = now;
    return true;
  }

 private:
  std::optional<std::chrono::steady_clock::time_point> last_;
};

}  // namespace usage
