// A snapshot with something of everything, made by hand.
#pragma once

#include <string>

#include "metrics/exposition.h"
#include "metrics/snapshot.h"

namespace usage {

Snapshot HandmadeSnapshot();

// The page of `snapshot`, by an Exposition that has rendered nothing before.
std::string FreshPage(const Snapshot& snapshot, Format format);

}  // namespace usage
