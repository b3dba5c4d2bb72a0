// Which routers there are.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace usage {

// A row that can't be used.
struct BadRouter {
  std::string name;   // "": not even that is known
  std::string fault;  // names the place and the remedy, holds no secret; may have several lines

  friend bool operator==(const BadRouter&, const BadRouter&) = default;
};

struct RouterList {
  std::vector<RouterConfig> routers;  // ready to be polled; names are unique
  std::vector<BadRouter> bad;
  std::vector<std::string> warnings;  // what is allowed but likely not meant

  friend bool operator==(const RouterList&, const RouterList&) = default;
};

class RouterListSource {
 public:
  virtual ~RouterListSource() = default;
  // All routers, and their secrets, read anew. Throws std::runtime_error with what is wrong and
  // the remedy when there is no list to be had; then the routers known so far stay.
  virtual RouterList Read() = 0;
};

}  // namespace usage
