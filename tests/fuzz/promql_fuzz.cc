// Any bytes as a query: they are refused, or what is printed of them is read as the same tree, and
// enforced has the tenant's matcher last in every selector.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "gateway/enforce.h"
#include "gateway/parser.h"
#include "gateway/printer.h"

namespace usage::gateway {
namespace {

const TenantMatcher kTenant{"tenant_id", "acme"};
// Text that was accepted may grow by the parentheses of an offset.
constexpr LanguageLimits kAgain{1 << 20, kDeepest};

void Require(bool claim, const char* what, std::string_view text) {
  if (claim) return;
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

bool IsEnforced(const VectorSelector& selector) {
  if (selector.matchers.empty()) return false;
  const Matcher& last = selector.matchers.back();
  return last.label == kTenant.label && last.op == MatchOp::kEqual && last.value == kTenant.value;
}

bool AreEnforced(const Expr& expr) {
  const auto* vector = std::get_if<VectorSelector>(&expr.node);
  const auto* matrix = std::get_if<MatrixSelector>(&expr.node);
  if (vector != nullptr && !IsEnforced(*vector)) return false;
  if (matrix != nullptr && !IsEnforced(matrix->selector)) return false;
  bool all = true;
  ForEachChild(expr, [&](const Expr& child) { all = all && AreEnforced(child); });
  return all;
}

void CheckRoundTrip(std::string_view query, const std::string& printed) {
  Tree first, second;
  ParseQuery(query, kDeepest, &first);
  ParseQuery(printed, kDeepest, &second);
  Require(SameTree(*first.root, *second.root), "printed as another tree", printed);
}

void CheckQuery(std::string_view query) {
  Expected<EnforcedQuery, QueryFault> printed = EnforceQuery(query, nullptr);
  Expected<EnforcedQuery, QueryFault> enforced = EnforceQuery(query, &kTenant);
  Require(bool(printed) == bool(enforced), "the tenant decides whether it is a query", query);
  if (!printed) {
    Require(printed.fault().offset <= query.size(), "a fault outside of the text", query);
    PointAtFault(query, printed.fault());
    return;
  }
  CheckRoundTrip(query, printed->text);
  Require(bool(EnforceQuery(enforced->text, nullptr, kAgain)), "enforced and refused",
          enforced->text);
  Tree tree;
  ParseQuery(enforced->text, kDeepest, &tree);
  Require(AreEnforced(*tree.root), "not enforced", enforced->text);
}

void CheckSelector(std::string_view text) {
  Expected<std::string, QueryFault> enforced = EnforceSelector(text, &kTenant);
  if (!enforced) return;
  Tree tree;
  ParseSelector(*enforced, kDeepest, &tree);
  Require(AreEnforced(*tree.root), "not enforced", *enforced);
}

}  // namespace
}  // namespace usage::gateway

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  usage::gateway::CheckQuery(text);
  usage::gateway::CheckSelector(text);
  return 0;
}
