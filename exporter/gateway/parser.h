// PromQL's grammar, from Prometheus 2.42 to 3.x with the experimental rules: text becomes a Tree.
// What is not in the grammar is refused. Types are the checker's matter.
#pragma once

#include <string_view>

#include "gateway/enforce.h"
#include "gateway/tree.h"

namespace usage::gateway {

// How many nodes may be below each other, in addition to the levels of nesting: operators in a
// chain (a + b + c …) make a deep tree without any nesting, and recursion walks it.
constexpr int kLongestChain = 1000;

// Sets the root. The text is valid UTF-8, shorter than 4 GiB, and outlives the tree. Throws
// QueryFault.
void ParseQuery(std::string_view text, int max_depth, Tree* tree);

// As ParseQuery, for one vector selector without any modifier, as match[] takes.
void ParseSelector(std::string_view text, int max_depth, Tree* tree);

}  // namespace usage::gateway
