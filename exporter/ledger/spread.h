// Bytes over the time in which they flowed.
#pragma once

#include <functional>
#include <vector>

#include "core/types.h"
#include "ledger/calendar.h"

namespace usage {

// Bytes that flowed from `from` to `to`, evenly as far as anybody knows. from == to: at once.
struct Flow {
  Instant from;
  Instant to;
  Volume volume;

  friend bool operator==(const Flow&, const Flow&) = default;
};

// The part of a flow that falls on one day.
struct DayPart {
  Day day;
  Volume volume;

  friend bool operator==(const DayPart&, const DayPart&) = default;
};

// The bytes of `flow` that had flowed by `t`: floor of the even share. Cutting a flow by
// differences of this makes the parts sum to it, whatever the cuts, and a cut that is left out
// or added changes no other part.
Volume FlowedBy(const Flow& flow, Instant t);

// Cuts a flow at the tenant's midnights. Bytes that flow at one instant belong to the day that
// ends there, if one does: they flowed before it. Parts without bytes are left out.
std::vector<DayPart> SplitByDay(const Flow& flow, const TenantCalendar& calendar);

// Cuts a flow of at most a quarter of an hour at the quarters of UTC and widens each part to its
// quarter; a longer one stays whole. All zones since 1972 change days at such quarters, so the
// parts of many flows can be added up and still be split by day exactly, once a zone is known.
std::vector<Flow> SplitByQuarter(const Flow& flow);

}  // namespace usage
