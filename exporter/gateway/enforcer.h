// The tenant's matcher on every selector.
#pragma once

#include "gateway/enforce.h"
#include "gateway/tree.h"

namespace usage::gateway {

// Adds it as the last matcher of each selector in the tree, where it is ANDed with the user's own:
// none of those is looked at, replaced or dropped. `tenant` outlives the tree.
void Enforce(const TenantMatcher& tenant, Tree* tree);

}  // namespace usage::gateway
