// Where a billing month is going: this month's daily run rate, shaped by the weekdays.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ledger/past.h"

namespace usage {

// What the closed days say of the billing month that they are in or lead to. Made when they
// change; a forecast of any later moment of the month is made from it.
struct ForecastBasis {
  std::vector<Instant> starts;   // of the month's days, and of the next month's first
  std::vector<double> weights;   // of the month's days, by weekday; 1 is the mean
  std::vector<uint64_t> closed;  // bytes from the month's start to the end of each closed day
  std::optional<double> rate;    // bytes of a day of weight 1; none before the first closed day
};

// Weekdays are weighed by the mean of their closed days within the last four weeks, against the
// mean of the seven; all alike before two weeks are known. The rate is that of the month's closed
// days, and at least of the last seven, by their weights; never of days before the tenant's first
// bytes. That first day counts as a whole one, so that a new tenant's rate is rather too low.
ForecastBasis ForecastBasisOf(const TenantPast& past, Day first_read, Instant now);

// The billing month at a moment, in both directions, as the ledger has it.
struct MonthSoFar {
  Instant now;
  Instant month_start;
  Instant month_end;
  Instant today_start;
  uint64_t today = 0;  // bytes
  uint64_t month = 0;  // bytes, today's among them
};

struct CurveStop {
  Instant at;
  uint64_t bytes = 0;  // since the month's start

  friend bool operator==(const CurveStop&, const CurveStop&) = default;
};

// The month's cumulative bytes, straight between the stops, never falling: the closed days, today
// so far, and from now on the rate: of today its weight by the part that is left of it, of the
// days to come their weights. It ends now where no rate is known: without a closed day today's
// own rate stands in, once a quarter of today is over. A basis of another month is not used.
std::vector<CurveStop> ForecastCurve(const ForecastBasis& basis, const MonthSoFar& month);

struct Forecast {
  std::optional<uint64_t> bytes;        // at the month's end; none: not enough is known
  std::optional<Instant> exhausted_at;  // past or to come; none: not before the month's end
};

Forecast ForecastOf(const ForecastBasis& basis, const MonthSoFar& month,
                    std::optional<uint64_t> quota_bytes);

}  // namespace usage
