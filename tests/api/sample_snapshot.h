// Handmade snapshots for the tests of what is shown: a fleet whose names are as bad as names get.
#pragma once

#include <cstdint>

#include "metrics/snapshot.h"

namespace usage::testing {

enum class SampleNames {
  kNasty,  // the first tenants have names with markup, right-to-left text, broken UTF-8 and such
  kPlain,
};

// `count` tenants `seconds` after the sample's beginning (FromUnixMicros(1'795'421'600'000'000)).
// The same arguments give the same snapshot; volumes, sessions and time stamps grow with `seconds`.
// Every
// 50th tenant has no data; every 7th has RADIUS's rhythm: its numbers move every 5 minutes only.
Snapshot SampleSnapshot(int count, int64_t seconds, SampleNames names = SampleNames::kNasty);

// The moment of SampleSnapshot(…, 0).
Instant SampleBeginning();

}  // namespace usage::testing
