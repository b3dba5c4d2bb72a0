// The true bytes of one session, second by second.
#pragma once

#include <cstdint>
#include <vector>

#include "core/types.h"
#include "sim/timetable.h"

namespace usage::sim {

struct DayVolume {
  Day day;
  Volume volume;

  friend bool operator==(const DayVolume&, const DayVolume&) = default;
};

struct CurveShape {
  uint64_t seed = 0;
  double bytes_per_second = 0;  // both directions, the mean over a day
  double upload_share = 0.13;
  Second quiet_from = Second::max();  // nothing flows from then on
};

// How busy an hour of the day is; the mean of the 24 is about 1.
double HourWeight(int hour);

// Bytes a second of a session in a segment: whole numbers, so that every share of a segment at
// whole seconds is one too.
Volume RateIn(const CurveShape& shape, const Segment& segment);

// A session's counters, moving forward only: never zero after the first second, though there are
// idle hours later. `timetable` must outlive it.
class Curve {
 public:
  Curve(const CurveShape& shape, Second start, Timetable& timetable);

  // Moves to `t` (not before now()) and returns what flowed since, by local day, in their order;
  // days without bytes are left out.
  std::vector<DayVolume> Advance(Second t);
  Second now() const { return now_; }
  Volume total() const { return total_; }

 private:
  void Flow(Second until, Day day, std::vector<DayVolume>& days);
  void Enter(Second t);

  CurveShape shape_;
  Timetable* timetable_;
  const Segment* segment_ = nullptr;
  Volume rate_;
  Second now_;
  Volume total_;
};

}  // namespace usage::sim
