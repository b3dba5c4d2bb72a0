#include "ledger/forecast.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace usage {
namespace {

constexpr int kWeekdays = 7;
constexpr int kShapeDays = 4 * kWeekdays;
constexpr int kLeastShapeDays = 2 * kWeekdays;
constexpr int kLeastRateDays = kWeekdays;

using Week = std::array<double, kWeekdays>;  // by weekday, Sunday first

size_t WeekdayOf(Day day) {
  return std::chrono::weekday(std::chrono::sys_days(std::chrono::days(day.number))).c_encoding();
}

uint64_t Plus(uint64_t bytes, uint64_t more) {
  return more > UINT64_MAX - bytes ? UINT64_MAX : bytes + more;
}

uint64_t Plus(uint64_t bytes, double more) {
  constexpr double kBeyond = 18446744073709551616.0;  // 2^64
  return more >= kBeyond ? UINT64_MAX : Plus(bytes, static_cast<uint64_t>(more));
}

double Ratio(Duration part, Duration whole) {
  return static_cast<double>(part.count()) / static_cast<double>(whole.count());
}

// A tenant's closed days, at one moment.
class ClosedDays {
 public:
  ClosedDays(const TenantPast& past, Day first_read, Day today) : past_(past), today_(today) {
    first_ = today;
    for (const AccessPast& access : past.access) {
      first_ = std::min(first_, FirstWithBytes(access, first_read).value_or(today));
    }
  }

  uint64_t BytesOn(Day day) const {
    uint64_t bytes = 0;
    for (const AccessPast& access : past_.access) {
      const Volume volume = VolumeOn(access.days, day);
      bytes = Plus(Plus(bytes, volume.upload), volume.download);
    }
    return bytes;
  }

  Week Weights() const {
    const Day begin = std::max(first_, today_ - kShapeDays);
    if (today_.number - begin.number < kLeastShapeDays) return EvenWeek();
    Week means = {}, counts = {};
    for (Day day = begin; day < today_; day = day + 1) {
      means[WeekdayOf(day)] += static_cast<double>(BytesOn(day));
      ++counts[WeekdayOf(day)];
    }
    for (size_t i = 0; i < means.size(); ++i) means[i] /= counts[i];
    return Normal(means);
  }

  // Of a day of weight 1. `month` is the first day of this one.
  std::optional<double> Rate(const Week& weights, Day month) const {
    const Day begin = std::max(first_, std::min(month, today_ - kLeastRateDays));
    if (begin >= today_) return std::nullopt;
    double bytes = 0, weight = 0;
    for (Day day = begin; day < today_; day = day + 1) {
      bytes += static_cast<double>(BytesOn(day));
      weight += weights[WeekdayOf(day)];
    }
    return bytes / weight;  // the weights of seven days in a row sum to 7; fewer are all 1
  }

 private:
  static Week EvenWeek() {
    Week week;
    week.fill(1);
    return week;
  }

  static Week Normal(Week week) {
    const double mean = std::accumulate(week.begin(), week.end(), 0.0) / kWeekdays;
    if (mean == 0) return EvenWeek();
    for (double& weight : week) weight /= mean;
    return week;
  }

  const TenantPast& past_;
  const Day today_;
  Day first_;  // with bytes; today: none is closed
};

// Where today is in the basis' month, if it is that of `month`.
std::optional<size_t> IndexOfToday(const ForecastBasis& basis, const MonthSoFar& month) {
  const std::vector<Instant>& starts = basis.starts;
  if (starts.empty() || starts.front() != month.month_start || starts.back() != month.month_end)
    return std::nullopt;
  const auto today = std::lower_bound(starts.begin(), starts.end() - 1, month.today_start);
  if (today == starts.end() - 1 || *today != month.today_start) return std::nullopt;
  return today - starts.begin();
}

std::optional<double> RateOfToday(const MonthSoFar& month, Duration elapsed, Duration length) {
  if (elapsed * 4 < length) return std::nullopt;
  return static_cast<double>(month.today) / Ratio(elapsed, length);
}

// The ledger's own sum is newer than the tables: what it has more is booked on the last of the
// closed days, and on those that were not closed when the tables were read.
void AddClosedDays(const ForecastBasis& basis, const MonthSoFar& month,
                   std::vector<CurveStop>* curve) {
  const uint64_t closed = month.month - std::min(month.today, month.month);
  for (size_t i = 0; i < basis.closed.size() && basis.starts[i + 1] < month.today_start; ++i) {
    curve->push_back({basis.starts[i + 1], std::min(basis.closed[i], closed)});
  }
  curve->push_back({month.today_start, closed});
}

void AddWhatComes(const ForecastBasis& basis, size_t today, double rate, Instant now, uint64_t used,
                  std::vector<CurveStop>* curve) {
  const Instant begin = basis.starts[today], end = basis.starts[today + 1];
  double bytes = rate * basis.weights[today] * Ratio(end - now, end - begin);
  curve->push_back({end, Plus(used, bytes)});
  for (size_t i = today + 1; i < basis.weights.size(); ++i) {
    bytes += rate * basis.weights[i];
    curve->push_back({basis.starts[i + 1], Plus(used, bytes)});
  }
}

// Where a straight line from `a`, below the level, to `b`, not below it, reaches the level.
Instant CrossingOf(uint64_t level, const CurveStop& a, const CurveStop& b) {
  const Wide rise = b.bytes - a.bytes;
  const Wide micros = static_cast<Wide>((b.at - a.at).count()) * (level - a.bytes);
  return a.at + Duration(static_cast<int64_t>((micros + rise - 1) / rise));
}

std::optional<Instant> FirstAt(uint64_t level, const std::vector<CurveStop>& curve) {
  const auto stop = std::find_if(curve.begin(), curve.end(),
                                 [&](const CurveStop& s) { return s.bytes >= level; });
  if (stop == curve.end()) return std::nullopt;
  return stop == curve.begin() ? stop->at : CrossingOf(level, *(stop - 1), *stop);
}

}  // namespace

ForecastBasis ForecastBasisOf(const TenantPast& past, Day first_read, Instant now) {
  const TenantCalendar& calendar = past.profile.calendar;
  const Day today = calendar.DayAt(now);
  const Day first = calendar.FirstDayIn(calendar.PeriodOf(today));
  const ClosedDays days(past, first_read, today);
  const Week weights = days.Weights();
  ForecastBasis basis;
  basis.rate = days.Rate(weights, first);
  uint64_t bytes = 0;
  const Day end = calendar.NextPeriodAfter(today);
  for (Day day = first; day < end; day = day + 1) {
    basis.starts.push_back(calendar.Start(day));
    basis.weights.push_back(weights[WeekdayOf(day)]);
    if (day < today) basis.closed.push_back(bytes = Plus(bytes, days.BytesOn(day)));
  }
  basis.starts.push_back(calendar.Start(end));
  return basis;
}

std::vector<CurveStop> ForecastCurve(const ForecastBasis& basis, const MonthSoFar& month) {
  std::vector<CurveStop> curve;
  curve.reserve(basis.starts.size() + 4);
  curve.push_back({month.month_start, 0});
  const std::optional<size_t> today = IndexOfToday(basis, month);
  AddClosedDays(today ? basis : ForecastBasis(), month, &curve);
  if (!today) {
    curve.push_back({std::max(month.now, month.today_start), month.month});
    return curve;
  }
  const Instant begin = basis.starts[*today], end = basis.starts[*today + 1];
  const Instant now = std::clamp(month.now, begin, end);
  curve.push_back({now, month.month});
  const std::optional<double> rate =
      basis.rate ? basis.rate : RateOfToday(month, now - begin, end - begin);
  if (rate) AddWhatComes(basis, *today, *rate, now, month.month, &curve);
  return curve;
}

Forecast ForecastOf(const ForecastBasis& basis, const MonthSoFar& month,
                    std::optional<uint64_t> quota_bytes) {
  const std::vector<CurveStop> curve = ForecastCurve(basis, month);
  Forecast forecast;
  if (curve.back().at == month.month_end) forecast.bytes = curve.back().bytes;
  if (quota_bytes) forecast.exhausted_at = FirstAt(*quota_bytes, curve);
  return forecast;
}

}  // namespace usage
