#include "metrics/history.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace usage {
namespace {

constexpr int kClosedDays = 31;
constexpr int kClosedMonths = 13;
// This month and the last one, of 31 days each, and what zones are ahead or behind of UTC.
constexpr int kDaysToRead = 31 + 31 + 2;
constexpr int kPeriodsToRead = (kClosedMonths + 1) * 31 + 2;

Day UtcDay(Instant t) { return Zone::Utc().At(t); }

// One tenant's calendar at one moment.
class Closing {
 public:
  Closing(const TenantPast& tenant, Day first_read, Instant now)
      : tenant_(tenant),
        calendar_(tenant.profile.calendar),
        first_read_(first_read),
        today_(calendar_.DayAt(now)),
        month_(calendar_.FirstDayIn(calendar_.PeriodOf(today_))) {}

  AccessPast Closed(const AccessPast& access) const {
    const std::optional<Day> begin = FirstWithBytes(access, first_read_);
    if (!begin) return {};
    return {Days(access, *begin), Months(access)};
  }

  std::vector<CurvePoint> ThisMonth() const { return Curve(month_, today_); }
  std::vector<CurvePoint> LastMonth() const {
    return Curve(calendar_.FirstDayIn(calendar_.PeriodOf(month_ - 1)), month_ - 1);
  }

 private:
  std::vector<DatedVolume> Days(const AccessPast& access, Day begin) const {
    std::vector<DatedVolume> days;
    for (Day day = std::max(begin, today_ - kClosedDays); day < today_; day = day + 1) {
      days.push_back({day, VolumeOn(access.days, day)});
    }
    return days;
  }

  std::vector<DatedVolume> Months(const AccessPast& access) const {
    std::vector<DatedVolume> months;
    const Day oldest = access.months.front().first;
    for (Day end = month_; months.size() < kClosedMonths;) {
      const Day period = calendar_.PeriodOf(end - 1);
      if (period < oldest) break;
      months.push_back({period, VolumeOn(access.months, period)});
      end = calendar_.FirstDayIn(period);
    }
    std::reverse(months.begin(), months.end());
    return months;
  }

  std::vector<CurvePoint> Curve(Day first, Day last) const {
    std::vector<CurvePoint> curve;
    uint64_t bytes = 0;
    for (Day day = first; day <= last; day = day + 1) {
      for (const AccessPast& access : tenant_.access) bytes += VolumeOn(access.days, day).sum();
      if (HasBegun(day)) curve.push_back({day.number - first.number + 1, bytes});
    }
    return curve;
  }

  bool HasBegun(Day day) const {
    return std::any_of(tenant_.access.begin(), tenant_.access.end(), [&](const AccessPast& access) {
      const std::optional<Day> begin = FirstWithBytes(access, first_read_);
      return begin && *begin <= day;
    });
  }

  const TenantPast& tenant_;
  const TenantCalendar& calendar_;
  const Day first_read_;
  const Day today_;
  const Day month_;  // the first day of this one
};

TenantHistory HistoryOf(const TenantPast& tenant, Day first_read, Instant now) {
  const Closing closing(tenant, first_read, now);
  TenantHistory history;
  history.id = tenant.profile.id;
  history.basis = ForecastBasisOf(tenant, first_read, now);
  for (size_t i = 0; i < tenant.access.size(); ++i) {
    history.access[i] = closing.Closed(tenant.access[i]);
  }
  history.this_month = closing.ThisMonth();
  history.last_month = closing.LastMonth();
  return history;
}

}  // namespace

Day FirstDayOfHistory(Instant now) { return UtcDay(now) - kDaysToRead; }
Day FirstPeriodOfHistory(Instant now) { return UtcDay(now) - kPeriodsToRead; }

History MakeHistory(const Past& past, Instant now, Duration keep_for) {
  History history;
  history.read_at = now;
  for (const TenantPast& tenant : past.tenants) {
    if (!tenant.profile.IsShown(now, keep_for)) continue;
    history.tenants.push_back(HistoryOf(tenant, past.first_day, now));
  }
  // The tables' order depends on the database's collation.
  std::sort(history.tenants.begin(), history.tenants.end(),
            [](const TenantHistory& a, const TenantHistory& b) { return a.id < b.id; });
  return history;
}

}  // namespace usage
