// Why the numbers can't be relied on yet.
#pragma once

#include <string>

#include "metrics/snapshot.h"

namespace usage {

// "" once `snapshot` is ready; else a few lines that name what is waited for, with the last error
// of each. `snapshot` may be null: none has been made yet.
std::string WhyNotReady(const Snapshot* snapshot);

}  // namespace usage
