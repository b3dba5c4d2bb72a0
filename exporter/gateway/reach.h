// How far into the past a query reaches, and how often its subqueries evaluate.
#pragma once

#include "gateway/enforce.h"
#include "gateway/tree.h"

namespace usage::gateway {

// Sets the numbers of `query`, not its text.
void MeasureReach(const Expr& root, const TimeFrame& frame, EnforcedQuery* query);

}  // namespace usage::gateway
