// The virtual clock of a run.
#pragma once

#include <chrono>

#include "sim/timetable.h"

namespace usage::sim {

// Runs `speed` times as fast as the wall clock until it reaches it, and then with it: it is never
// ahead. What was missed (a stop, a slow server) is caught up with at a limited speed, because who
// reads a table every few seconds must see more than one reading around midnight.
class Pace {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  Pace(Second start, double speed, Steady now);

  // The time until which the world may go on. `wall` is the wall clock.
  Second Next(Steady now, Second wall);
  // How far it came.
  void Reached(Second at);

 private:
  double speed_;
  double due_;       // where the clock were without any stop; Unix time
  double position_;  // Unix time
  Steady last_;
};

}  // namespace usage::sim
