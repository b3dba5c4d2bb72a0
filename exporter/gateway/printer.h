// A tree as canonical text, which every Prometheus from 2.42 reads as the same tree: parsing what
// was printed gives the tree again. Trees made by hand must have Parens where precedence wants
// them.
#pragma once

#include <string>

#include "gateway/tree.h"

namespace usage::gateway {

// Appends to `out`.
void Print(const Expr& expr, std::string& out);

void PrintMatcher(const Matcher& matcher, std::string& out);

}  // namespace usage::gateway
