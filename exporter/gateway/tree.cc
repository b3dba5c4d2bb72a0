#include "gateway/tree.h"

#include <algorithm>
#include <cmath>

namespace usage::gateway {
namespace {

bool SameNumber(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

bool SameNumber(const std::optional<double>& a, const std::optional<double>& b) {
  return a.has_value() == b.has_value() && (!a || SameNumber(*a, *b));
}

bool SameDuration(const Duration* a, const Duration* b);

bool Same(const DurationLiteral& a, const DurationLiteral& b) {
  return a.seconds == b.seconds && a.number == b.number;
}
bool Same(const DurationCall& a, const DurationCall& b) { return a.source == b.source; }
bool Same(const DurationChoice& a, const DurationChoice& b) {
  return a.greater == b.greater && SameDuration(a.left, b.left) && SameDuration(a.right, b.right);
}
bool Same(const DurationMinus& a, const DurationMinus& b) {
  return SameDuration(a.operand, b.operand);
}
bool Same(const DurationParens& a, const DurationParens& b) {
  return SameDuration(a.inner, b.inner);
}
bool Same(const DurationBinary& a, const DurationBinary& b) {
  return a.op == b.op && SameDuration(a.left, b.left) && SameDuration(a.right, b.right);
}

bool Same(const Matcher& a, const Matcher& b) {
  return a.label == b.label && a.op == b.op && a.value == b.value;
}

bool Same(const Modifiers& a, const Modifiers& b) {
  return SameDuration(a.offset, b.offset) && a.at.kind == b.at.kind &&
         SameNumber(a.at.seconds, b.at.seconds) && a.mode == b.mode;
}

bool Same(const VectorSelector& a, const VectorSelector& b) {
  auto same = [](const Matcher& x, const Matcher& y) { return Same(x, y); };
  return a.name == b.name && std::ranges::equal(a.matchers, b.matchers, same) &&
         Same(a.modifiers, b.modifiers);
}

bool Same(const MatrixSelector& a, const MatrixSelector& b) {
  return Same(a.selector, b.selector) && SameDuration(a.range, b.range);
}

bool Same(const Subquery& a, const Subquery& b) {
  return SameTree(*a.expr, *b.expr) && SameDuration(a.range, b.range) &&
         SameDuration(a.step, b.step) && Same(a.modifiers, b.modifiers);
}

bool Same(const NumberLiteral& a, const NumberLiteral& b) { return SameNumber(a.value, b.value); }
bool Same(const StringLiteral& a, const StringLiteral& b) { return a.value == b.value; }
bool Same(const Parens& a, const Parens& b) { return SameTree(*a.inner, *b.inner); }
bool Same(const Unary& a, const Unary& b) {
  return a.minus == b.minus && SameTree(*a.operand, *b.operand);
}

bool Same(const Matching& a, const Matching& b) {
  return a.return_bool == b.return_bool && a.on == b.on && std::ranges::equal(a.labels, b.labels) &&
         a.group == b.group && std::ranges::equal(a.include, b.include) &&
         SameNumber(a.fill_left, b.fill_left) && SameNumber(a.fill_right, b.fill_right);
}

bool Same(const Binary& a, const Binary& b) {
  return a.op == b.op && Same(a.matching, b.matching) && SameTree(*a.left, *b.left) &&
         SameTree(*a.right, *b.right);
}

bool Same(const Aggregation& a, const Aggregation& b) {
  bool parameters = a.parameter == nullptr || b.parameter == nullptr
                        ? a.parameter == b.parameter
                        : SameTree(*a.parameter, *b.parameter);
  return a.op == b.op && a.grouping == b.grouping && std::ranges::equal(a.labels, b.labels) &&
         parameters && SameTree(*a.expr, *b.expr);
}

bool Same(const Call& a, const Call& b) {
  auto same = [](const Expr* x, const Expr* y) { return SameTree(*x, *y); };
  return a.function == b.function && std::ranges::equal(a.arguments, b.arguments, same);
}

// Of the same kind, and then the same.
template <typename Variant>
bool SameNode(const Variant& a, const Variant& b) {
  auto as_b = [&](const auto& node) {
    return Same(node, *std::get_if<std::decay_t<decltype(node)>>(&b));
  };
  return a.index() == b.index() && std::visit(as_b, a);
}

bool SameDuration(const Duration* a, const Duration* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return SameNode(a->node, b->node);
}

}  // namespace

bool SameTree(const Expr& a, const Expr& b) { return SameNode(a.node, b.node); }

}  // namespace usage::gateway
