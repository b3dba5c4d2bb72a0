// What a well-formed query must hold besides: types, numbers of arguments, selectors that select.
// The rules are Prometheus's.
#pragma once

#include "gateway/tree.h"

namespace usage::gateway {

// Throws QueryFault.
void CheckQuery(const Expr& root);

}  // namespace usage::gateway
