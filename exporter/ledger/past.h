// Days and billing months as the ledger's tables hold them: whole up to the last fold.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "ledger/tenant.h"

namespace usage {

struct DatedVolume {
  Day first;  // the day, or the first day of the billing month
  Volume volume;
};

struct AccessPast {
  std::vector<DatedVolume> days;    // by time, as is the next; only those with bytes
  std::vector<DatedVolume> months;  // by period
};

struct TenantPast {
  TenantProfile profile;
  std::array<AccessPast, kAccessCount> access;
};

// What stands at `first`, in rows by time; nothing where no row is.
Volume VolumeOn(const std::vector<DatedVolume>& rows, Day first);

// From here on a day without a row is a 0; none without any bytes. Where that was before
// `first_read`, from which on days were read, it is some day before that.
std::optional<Day> FirstWithBytes(const AccessPast& past, Day first_read);

// All tenants of the list that is kept, those that have left it included, by id.
struct Past {
  Instant born;   // when the ledger was begun
  Day first_day;  // no older day was read
  std::vector<TenantPast> tenants;
};

}  // namespace usage
