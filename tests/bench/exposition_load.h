// The 100,000 series of the exposition's benchmark.
#pragma once

#include <prometheus/registry.h>

#include <string>
#include <vector>

#include "metrics/history.h"
#include "metrics/snapshot.h"

namespace usage {

inline constexpr int kBenchTenants = 1000;

// Two moments of the same 1,000 tenants, to be rendered in turn. In `changed` of the tenants every
// number of bytes differs between the two; labels do not.
std::vector<Snapshot> TwoMoments(int changed);

// As above, all numbers changed, and in every tenant two subscribers changed places.
std::vector<Snapshot> TwoRankings();

// Of a month's first twenty days, for the tenants of the snapshot.
History BenchHistory(const Snapshot& snapshot);

std::string TextOf(const Snapshot& snapshot);

// Registers what is on `page`, label for label.
void Register(const std::string& page, prometheus::Registry& registry);

}  // namespace usage
