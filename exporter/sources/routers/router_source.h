// Where a router's numbers come from.
#pragma once

#include <memory>

#include "config/config.h"
#include "core/clock.h"
#include "core/router_reading.h"

namespace usage {

// How much of a router is asked for. Subscribers' counters every time; interfaces and the facts,
// which cost the router more than they tell, now and then.
enum class PollDepth { kRows, kAll };

// One router by one protocol. Keeps its connection from poll to poll. One thread at a time uses it;
// which thread may differ from poll to poll.
class RouterSource {
 public:
  virtual ~RouterSource() = default;

  // One bulk read per table, within the configured timeout for all of them, connecting and signing
  // in included. Throws std::runtime_error with a message that names the router, the fault and the
  // remedy, and never a secret. The connection is then given up, unless the router has left it in
  // good order; where it was, the next call makes a new one.
  virtual RouterReading Poll(PollDepth depth) = 0;
};

// By the configured protocol. Opens no connection. `config` is copied; `clock` must outlive it.
std::unique_ptr<RouterSource> MakeRouterSource(const RouterConfig& config, const Clock& clock);

}  // namespace usage
