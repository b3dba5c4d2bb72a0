// What goes wrong, and how often.
#pragma once

#include <string>

#include "core/expected.h"

namespace usage::sim {

// Probabilities per session, unless said otherwise. A session has at most one of the faults of its
// end (lost, late, zeroed).
struct FaultRates {
  double lost_start = 0.01;   // the first that accounting hears is a later report
  double lost_stop = 0.01;    // the row stays open and stands still
  double late_stop = 0.02;    // hours after the end
  double zeroed_stop = 0.01;  // with zero counters
  // The subscriber's next session has the same id. In RADIUS that is a NAS that crashed: the Stop
  // is lost too.
  double reused_id = 0.02;
  double duplicate = 0.01;   // per report: the same one twice
  double purge = 0.1;        // a closed row of user_sessions is deleted
  double nas_reboot = 0.05;  // per NAS and day: all its sessions end without a Stop

  static FaultRates None() { return {0, 0, 0, 0, 0, 0, 0, 0}; }
  friend bool operator==(const FaultRates&, const FaultRates&) = default;
};

// "none", or "lost_stop=0.5,purge=0": the others keep their default; "none,lost_stop=1": the others
// never happen.
Expected<FaultRates> ParseFaults(const std::string& text);

// Names and defaults, for --help.
std::string DescribeFaults();

}  // namespace usage::sim
