// The ledger's state as it is shown.
#pragma once

#include <vector>

#include "ledger/ledger.h"
#include "metrics/snapshot.h"

namespace usage {

// The tenants to show, by id: those in the list, and for `keep_for` those that have left it.
// `now` must be what the ledger was last advanced to.
std::vector<TenantUsage> TenantRows(const Ledger& ledger, Instant now, Duration keep_for);

}  // namespace usage
