#include "ledger/past.h"

#include <algorithm>

namespace usage {

Volume VolumeOn(const std::vector<DatedVolume>& rows, Day first) {
  auto it = std::lower_bound(rows.begin(), rows.end(), first,
                             [](const DatedVolume& row, Day day) { return row.first < day; });
  return it != rows.end() && it->first == first ? it->volume : Volume{};
}

std::optional<Day> FirstWithBytes(const AccessPast& past, Day first_read) {
  if (past.months.empty()) return std::nullopt;
  const Day month = past.months.front().first;
  return month < first_read || past.days.empty() ? month : past.days.front().first;
}

}  // namespace usage
