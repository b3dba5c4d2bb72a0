// This process, as /proc tells it.
#pragma once

#include "metrics/snapshot.h"

namespace usage {

// Fills in CPU seconds (user and system), resident bytes and open file descriptors; what /proc
// does not tell stays 0.
void DescribeProcess(ExporterStatus* status);

}  // namespace usage
