// A tenant's own days and billing months.
#pragma once

#include <vector>

#include "core/types.h"
#include "core/zone.h"

namespace usage {

// The first day of the billing month that holds `day`. A month starts on `billing_day` (1 to 31),
// or on its last day where it has no such day.
Day BillingPeriodOf(Day day, int billing_day);

// A tenant's calendar, with its history: a change of zone or billing day counts from the next
// local day on, so that days which are closed stay as they were cut. Days and periods never go
// backwards in time, also when a zone moves west over midnight: that day is then a long one.
// A value; not thread-safe while it is changed.
class TenantCalendar {
 public:
  struct Era {
    Instant from;      // the first instant of the era; the first era has none before it
    Day first_day;     // no day of the era is before it
    Day first_period;  // no billing month of the era is before it
    const Zone* zone;
    int billing_day;

    friend bool operator==(const Era&, const Era&) = default;
  };

  TenantCalendar() : TenantCalendar(Zone::Utc(), 1) {}
  TenantCalendar(const Zone& zone, int billing_day);
  // From what eras() gave. Throws std::invalid_argument when there is none.
  explicit TenantCalendar(std::vector<Era> eras);

  // Changes the rules from the day after `now` on. True when that is a change.
  bool Change(Instant now, const Zone& zone, int billing_day);

  Day DayAt(Instant t) const;
  Instant Start(Day day) const;  // DayAt(t) >= day for all t from here on, and for no earlier one
  Day PeriodOf(Day day) const;   // the first day of its billing month
  Duration OffsetAt(Instant t) const;  // local time minus UTC

  // The first day that is counted in that billing month: `period` itself, but later in the month
  // that begins with a new billing day.
  Day FirstDayIn(Day period) const;
  // The first day after `day` of another billing month, as far as the rules are known.
  Day NextPeriodAfter(Day day) const;

  // The rules in force from now on, a change that waits for midnight included.
  const Zone& zone() const { return *eras_.back().zone; }
  int billing_day() const { return eras_.back().billing_day; }
  const std::vector<Era>& eras() const { return eras_; }

 private:
  const Era& EraOf(Instant t) const;
  const Era& EraOf(Day day) const;
  Day NextCutAfter(Day day) const;

  std::vector<Era> eras_;  // never empty, by time
};

}  // namespace usage
