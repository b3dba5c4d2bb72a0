#include "ledger/calendar.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace usage {
namespace {

constexpr Day kFirstDay{std::numeric_limits<int32_t>::min()};
constexpr Instant kBeginning = Instant::min();

Day BillingDayIn(std::chrono::year_month month, int billing_day) {
  using namespace std::chrono;
  auto last = static_cast<unsigned>((month / std::chrono::last).day());
  unsigned day = std::min(static_cast<unsigned>(billing_day), last);
  return Day::FromCivil(static_cast<int>(month.year()), static_cast<unsigned>(month.month()), day);
}

Day NextBillingDayAfter(Day day, int billing_day) {
  auto civil = BillingPeriodOf(day, billing_day).civil();
  return BillingDayIn(civil.year() / civil.month() + std::chrono::months(1), billing_day);
}

}  // namespace

Day BillingPeriodOf(Day day, int billing_day) {
  auto civil = day.civil();
  auto month = civil.year() / civil.month();
  Day start = BillingDayIn(month, billing_day);
  return start <= day ? start : BillingDayIn(month - std::chrono::months(1), billing_day);
}

TenantCalendar::TenantCalendar(const Zone& zone, int billing_day)
    : eras_{{kBeginning, kFirstDay, kFirstDay, &zone, billing_day}} {}

TenantCalendar::TenantCalendar(std::vector<Era> eras) : eras_(std::move(eras)) {
  if (eras_.empty()) throw std::invalid_argument("a tenant's calendar needs an era");
}

bool TenantCalendar::Change(Instant now, const Zone& new_zone, int new_billing_day) {
  if (&new_zone == &zone() && new_billing_day == billing_day()) return false;
  // A change that has not begun yet is replaced.
  while (eras_.size() > 1 && eras_.back().from > now) eras_.pop_back();
  if (&new_zone == &zone() && new_billing_day == billing_day()) return true;
  Day today = DayAt(now);
  Instant from = Start(today + 1);
  Day first_day = std::max(today + 1, new_zone.At(from));
  eras_.push_back({from, first_day, PeriodOf(today), &new_zone, new_billing_day});
  return true;
}

const TenantCalendar::Era& TenantCalendar::EraOf(Instant t) const {
  auto it = eras_.end() - 1;
  while (it != eras_.begin() && it->from > t) --it;
  return *it;
}

const TenantCalendar::Era& TenantCalendar::EraOf(Day day) const {
  auto it = eras_.end() - 1;
  while (it != eras_.begin() && it->first_day > day) --it;
  return *it;
}

Day TenantCalendar::DayAt(Instant t) const {
  const Era& era = EraOf(t);
  return std::max(era.first_day, era.zone->At(t));
}

Instant TenantCalendar::Start(Day day) const {
  const Era& era = EraOf(day);
  if (day == era.first_day) return era.from;
  return std::max(era.from, era.zone->Start(day));
}

Day TenantCalendar::PeriodOf(Day day) const {
  const Era& era = EraOf(day);
  return std::max(era.first_period, BillingPeriodOf(day, era.billing_day));
}

Duration TenantCalendar::OffsetAt(Instant t) const { return EraOf(t).zone->OffsetAt(t); }

Day TenantCalendar::FirstDayIn(Day period) const {
  if (PeriodOf(period) == period) return period;
  for (const Era& era : eras_) {
    if (era.first_day > period && PeriodOf(era.first_day) == period) return era.first_day;
  }
  return period;
}

Day TenantCalendar::NextPeriodAfter(Day day) const {
  const Day period = PeriodOf(day);
  do {
    day = NextCutAfter(day);
  } while (PeriodOf(day) == period);
  return day;
}

// Where a billing month may end: the next billing day, or an earlier change of the rules.
Day TenantCalendar::NextCutAfter(Day day) const {
  const Day billing_day = NextBillingDayAfter(day, EraOf(day).billing_day);
  for (const Era& era : eras_) {
    if (era.first_day > day) return std::min(billing_day, era.first_day);
  }
  return billing_day;
}

}  // namespace usage
