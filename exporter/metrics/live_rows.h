// What routers add to the ledger's state, as it is shown.
#pragma once

#include "ledger/router_books.h"
#include "metrics/snapshot.h"

namespace usage {

// Fills the tenants' live figures, drift and rates, and the join's part of `snapshot->routers`,
// found by name. `books` must have been counted at `snapshot->at`, and the tenants be there.
void AddLiveRows(const Ledger& ledger, const RouterBooks& books, Snapshot* snapshot);

}  // namespace usage
