// Where the readings of routers go.
#pragma once

#include <string>
#include <vector>

#include "core/router_reading.h"

namespace usage {

// Thread-safe. Both may throw: nothing of the call counts then, and the next one comes all the
// same.
class RouterSink {
 public:
  virtual ~RouterSink() = default;

  // Who is polled from now on, by name.
  virtual void SetRouters(const std::vector<RouterId>& routers) = 0;

  // A good poll of one of them, or of one that has just gone. Those of one router come in order.
  virtual void TakeReading(const std::string& router, const std::string& tenant,
                           const RouterReading& reading) = 0;
};

}  // namespace usage
