// One run of the simulator: `usage_sim run`.
#pragma once

#include <chrono>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

#include "core/expected.h"
#include "sim/faults.h"
#include "sim/population.h"
#include "sim/routers/fake_routers.h"

namespace usage::sim {

struct RunOptions {
  PopulationOptions population;  // `from` is set by RunSimulator
  FaultRates faults;
  std::string database;  // DSN; "": none
  bool create_tables = false;
  std::string radius = "127.0.0.1:1813";
  std::string secret;
  double speed = 1;
  std::optional<Second> since;      // none: now
  std::optional<seconds> duration;  // virtual; none: until it is stopped
  seconds interim{300};
  seconds panel_interval{5};
  seconds visible_for{15};         // real
  seconds purge_after{60};         // real
  std::optional<seconds> closing;  // virtual, since the start: every session is over then
  seconds idle_tail{0};            // virtual: nothing flows so long before a session ends
  FakeRoutersOptions routers;
  std::string truth;  // path; "": none
  bool json = false;
};

// What the simulator can't do with these; "" when it can.
std::string Complaint(const RunOptions& options);

// As core/units.h reads durations, but whole seconds, at least one.
Expected<seconds> ParseSeconds(const std::string& text);
// "now", "-2d", "2026-11-20", "2026-11-20T08:00:00Z"; not after `now`.
Expected<Second> ParseSince(const std::string& text, Second now);

// Runs until the duration is over or `is_stopped`, which is asked often. Then delivers what is
// under way and writes the truth. Progress goes to `progress`, one line at a time. While the file
// TRUTH.hold exists the world stands still: the truth says "settled" then. Throws
// std::runtime_error and std::invalid_argument with the remedy. True when everything was delivered.
bool RunSimulator(const RunOptions& options, const std::function<bool()>& is_stopped,
                  std::ostream& progress);

}  // namespace usage::sim
