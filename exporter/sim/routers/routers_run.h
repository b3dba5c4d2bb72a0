// Fake routers without accounting: `usage_sim routers`, for benchmarks of what reads routers.
#pragma once

#include <functional>
#include <iosfwd>
#include <optional>

#include "sim/routers/fake_routers.h"

namespace usage::sim {

struct RoutersRunOptions {
  uint64_t seed = 1;
  int subscribers = 500;  // of each router; all of them are online all the time
  FakeRoutersOptions routers;
  std::optional<seconds> duration;  // none: until it is stopped
  bool json = false;                // progress as JSON lines
};

// Runs until the duration is over or `is_stopped`, which is asked often. Throws
// std::runtime_error and std::invalid_argument with the remedy.
void RunRouters(const RoutersRunOptions& options, const std::function<bool()>& is_stopped,
                std::ostream& progress);

}  // namespace usage::sim
