// Opening a TCP connection within a time.
#pragma once

#include <string>

#include "net/channel.h"

namespace usage {

struct Dialled {
  int fd = -1;  // connected and non-blocking, for a Channel; -1: not connected
  Io io = Io::kFailed;
  std::string error = {};  // why not: "connection refused", "the name is not known"
};

// Every address of the name in its turn. Resolving the name is the system's and has its own limits,
// which the deadline does not shorten. The watch ends it as it ends a Channel's waits.
Dialled Dial(const std::string& host, int port, SteadyTime deadline, Watch watch = {});

}  // namespace usage
