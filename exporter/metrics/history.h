// Closed days and billing months as they are shown: what /metrics/history is made from;
// and what forecasts go by.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "ledger/forecast.h"
#include "ledger/past.h"

namespace usage {

// The bytes of a billing month, in both directions and by all accesses, up to the end of a day.
struct CurvePoint {
  int day = 0;  // of the billing month: 1 is its first
  uint64_t bytes = 0;
};

struct TenantHistory {
  std::string id;
  // The last 31 closed days and 13 closed billing months, by time. From the first day with bytes
  // on, a day or month without is a 0.
  std::array<AccessPast, kAccessCount> access;
  std::vector<CurvePoint> this_month;  // today's last, as of the last fold
  std::vector<CurvePoint> last_month;
  ForecastBasis basis;  // not shown: what the closed days say of this month's end
};

// Never changed once it is made; shared between threads.
struct History {
  Instant read_at;
  std::vector<TenantHistory> tenants;  // by id
};

// How far back the tables are to be read for MakeHistory at `now`, whatever zones and billing days
// there are.
Day FirstDayOfHistory(Instant now);
Day FirstPeriodOfHistory(Instant now);

// What the tables held at `now`. Days are closed from the tenant's own midnight on. Tenants that
// have left their list are shown for `keep_for`.
History MakeHistory(const Past& past, Instant now, Duration keep_for);

}  // namespace usage
