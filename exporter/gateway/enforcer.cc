#include "gateway/enforcer.h"

namespace usage::gateway {
namespace {

class Enforcer {
 public:
  Enforcer(const TenantMatcher& tenant, Tree* tree)
      : matcher_{tenant.label, MatchOp::kEqual, tenant.value}, tree_(*tree) {}

  void Enforce(Expr& expr) { std::visit(*this, expr.node); }

  void operator()(const NumberLiteral&) const {}
  void operator()(const StringLiteral&) const {}
  void operator()(Parens& parens) { Enforce(*parens.inner); }
  void operator()(Unary& unary) { Enforce(*unary.operand); }
  void operator()(Subquery& subquery) { Enforce(*subquery.expr); }
  void operator()(MatrixSelector& matrix) { (*this)(matrix.selector); }
  void operator()(VectorSelector& selector) {
    selector.matchers = tree_.Append(selector.matchers, matcher_);
  }
  void operator()(Binary& binary) {
    Enforce(*binary.left);
    Enforce(*binary.right);
  }
  void operator()(Aggregation& aggregation) {
    if (aggregation.parameter != nullptr) Enforce(*aggregation.parameter);
    Enforce(*aggregation.expr);
  }
  void operator()(Call& call) {
    if (IsInfo(*call.function) && call.arguments.size() == 1) AddInfoSelector(&call);
    for (Expr* argument : call.arguments) Enforce(*argument);
    if (AnswersWithMatchers(*call.function)) AddOnceMore(*call.arguments[0]);
  }

 private:
  // A label with two matchers is none of absent()'s answer: so the tenant's is not in it, as it
  // would not be if Prometheus held this tenant only.
  void AddOnceMore(Expr& expr) {
    if (auto* parens = std::get_if<Parens>(&expr.node)) return AddOnceMore(*parens->inner);
    bool selector = std::holds_alternative<VectorSelector>(expr.node) ||
                    std::holds_alternative<MatrixSelector>(expr.node);
    if (selector) Enforce(expr);
  }

  // info(v) reads target_info of all tenants inside of Prometheus: the selector that it implies is
  // written out, and then enforced as any other.
  void AddInfoSelector(Call* call) {
    static constexpr Matcher kTargetInfo[] = {{"__name__", MatchOp::kEqual, "target_info"}};
    Expr* selector = tree_.New(Expr{VectorSelector{"", kTargetInfo, {}}});
    call->arguments = tree_.Append(call->arguments, selector);
  }

  Matcher matcher_;
  Tree& tree_;
};

}  // namespace

void Enforce(const TenantMatcher& tenant, Tree* tree) {
  Enforcer(tenant, tree).Enforce(*tree->root);
}

}  // namespace usage::gateway
