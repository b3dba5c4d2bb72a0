#include "sim/timetable.h"

#include <algorithm>
#include <stdexcept>

namespace usage::sim {
namespace {

constexpr seconds kQuiet = std::chrono::hours(2);
constexpr seconds kHour = std::chrono::hours(1);

Second StartOf(const Zone& zone, Day day) { return std::chrono::floor<seconds>(zone.Start(day)); }

}  // namespace

Timetable::Timetable(const Zone& zone, Second from) : zone_(zone), day_(zone.At(from) - 2) {
  AddDay();
}

// The last segment's end is not known before the next day is cut.
void Timetable::Open(Second begin, int hour) {
  if (!segments_.empty()) segments_.back().end = begin;
  segments_.push_back({begin, begin, hour, day_, {}, {}});
}

void Timetable::AddDay() {
  Second start = StartOf(zone_, day_), next = StartOf(zone_, day_ + 1);
  size_t first = segments_.size();
  for (int hour = 2; start + kHour * hour <= next - kQuiet; ++hour) {
    Open(start + kHour * hour, hour);
  }
  Day next_day = zone_.At(next);
  for (size_t i = first; i < segments_.size(); ++i) {
    segments_[i].midnight = next;
    segments_[i].next_day = next_day;
  }
  day_ = next_day;
}

const Segment& Timetable::At(Second t) {
  while (segments_.back().begin <= t) AddDay();
  auto after = std::upper_bound(segments_.begin(), segments_.end(), t,
                                [](Second time, const Segment& s) { return time < s.begin; });
  if (after == segments_.begin()) throw std::logic_error("timetable: a time before its beginning");
  return *std::prev(after);
}

}  // namespace usage::sim
