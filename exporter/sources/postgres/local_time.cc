#include "sources/postgres/local_time.h"

#include <date/tz.h>

#include <algorithm>
#include <stdexcept>

namespace usage {
namespace {

using LocalPoint = date::local_time<Duration>;

LocalPoint PointOf(LocalMicros local) { return LocalPoint(Duration(local)); }

constexpr int64_t kDay = 86'400'000'000;
// Far enough for every time that is not impossible, near enough not to overflow.
constexpr int64_t kFar = 250'000 * kDay;

int64_t Micros(date::sys_seconds t) {
  return std::clamp(int64_t{t.time_since_epoch().count()}, -kFar / 1'000'000, kFar / 1'000'000) *
         1'000'000;
}

int64_t Micros(std::chrono::seconds offset) { return Duration(offset).count(); }

const date::time_zone* FindZone(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::runtime_error&) {
    throw std::runtime_error("the time zone database has no zone " + name);
  }
}

}  // namespace

LocalTime::LocalTime(const std::string& zone) : zone_(FindZone(zone)) {}

// The search for an offset is dear against the rest of decoding a row, and all rows are of the
// same months.
bool LocalTime::IsSimple(LocalMicros local) const {
  if (simple_begin_ <= local && local < simple_end_) return true;
  const date::local_info info = zone_->get_info(PointOf(local));
  offset_ = Micros(info.first.offset);
  // No clock was ever set by more than a day.
  simple_begin_ = Micros(info.first.begin) + offset_ + kDay;
  simple_end_ = Micros(info.first.end) + offset_ - kDay;
  return simple_begin_ <= local && local < simple_end_;
}

Instant LocalTime::First(LocalMicros local) const {
  if (IsSimple(local)) return FromUnixMicros(local - offset_);
  return FromUnixMicros(local - Micros(zone_->get_info(PointOf(local)).first.offset));
}

Instant LocalTime::LastUntil(LocalMicros local, Instant now) const {
  if (IsSimple(local)) return FromUnixMicros(local - offset_);
  const date::local_info info = zone_->get_info(PointOf(local));
  if (info.result != date::local_info::ambiguous) return First(local);
  const Instant second = FromUnixMicros(local - Micros(info.second.offset));
  return second <= now ? second : First(local);
}

LocalMicros LocalTime::Reading(Instant t) const {
  return zone_->to_local(t).time_since_epoch().count();
}

// A clock that is set back shows an earlier reading than `local` only soon after it: no zone sets
// its clocks back by more than three hours. Readings between the samples are up to a step less.
LocalMicros LocalTime::LeastSince(LocalMicros local, Duration back) const {
  constexpr Duration kStep = std::chrono::minutes(15);
  const Instant begin = First(local) - back;
  LocalMicros least = Reading(begin);
  for (Duration ahead = kStep; ahead <= std::chrono::hours(3); ahead += kStep) {
    least = std::min(least, Reading(begin + ahead) - kStep.count());
  }
  return least;
}

}  // namespace usage
