// Scans of tables that lack an index: rarely.
#pragma once

#include <optional>

#include "core/types.h"
#include "sources/postgres/table_facts.h"

namespace usage {

class ScarceScan {
 public:
  static constexpr Duration kEvery = std::chrono::minutes(5);

  // Whether to ask now a question that without an index is a scan. Of a small table always.
  bool IsDue(const TableFacts& table, bool has_index, Instant now) {
    if (has_index || table.IsView() || table.IsScannable()) return true;
    if (last_ && now - *last_ < kEvery && now >= *last_) return false;
    last_ = now;
    return true;
  }

  // The first one can wait for as long as the others.
  void Skip(Instant now) { last_ = now; }

 private:
  std::optional<Instant> last_;
};

}  // namespace usage
