#include "sim/pace.h"

#include <algorithm>

namespace usage::sim {
namespace {

constexpr double kCatchUp = 100;

double UnixTime(Second t) { return static_cast<double>(t.time_since_epoch().count()); }

}  // namespace

Pace::Pace(Second start, double speed, Steady now)
    : speed_(speed), due_(UnixTime(start)), position_(due_), last_(now) {}

Second Pace::Next(Steady now, Second wall) {
  double passed = std::chrono::duration<double>(now - last_).count();
  last_ = now;
  due_ = std::min(due_ + passed * speed_, UnixTime(wall));
  // A step is short even after a long stop.
  double step = std::min(passed, 0.25) * std::max(speed_, kCatchUp);
  position_ = std::min(position_ + step, due_);
  return Second(seconds(static_cast<int64_t>(position_)));
}

void Pace::Reached(Second at) {
  if (Second(seconds(static_cast<int64_t>(position_))) > at) position_ = UnixTime(at);
}

}  // namespace usage::sim
