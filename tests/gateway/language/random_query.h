// Random queries of the right types, as trees.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "gateway/operators.h"
#include "gateway/tree.h"

namespace usage::gateway {

enum class Dialect {
  kAll,            // all that the parser knows
  kPrometheus242,  // what Prometheus 2.42 knows too
  kDeterministic,  // of that, what answers the same whatever else the database holds: no absent()
};

// Whether Prometheus 2.42 has it, without any feature flag.
bool IsIn242(const Function& function);

// Trees as the parser makes them: printing one and parsing it gives it again.
class RandomQuery {
 public:
  RandomQuery(uint32_t seed, Dialect dialect) : random_(seed), dialect_(dialect) {}

  // Of any type that a query may have. `depth` bounds the nesting. The nodes are the tree's.
  Expr* Make(int depth, Tree* tree);

  // Metrics and labels to choose from, for a database that has them.
  std::vector<std::string> metrics = {"m",      "up",    "job:rate:5m", "sum",
                                      "offset", "start", "fill",        "_"};
  std::vector<std::string> labels = {"a", "job", "on", "by", "tenant_id", "__x"};
  std::vector<std::string> values = {"", "x", "acme", "other", "a\"b\\c\n", "ä", "\xff", "{}#"};

 private:
  // An expression of a type whose text binds at least as strongly as asked.
  Expr* Vector(int depth);
  Expr* Scalar(int depth);
  Expr* Matrix(int depth);
  Expr* Text();
  Expr* OfType(Type type, int depth);

  Expr* VectorBinary(int depth);
  Expr* ScalarBinary(int depth);
  Expr* NewBinary(BinaryOp op, Expr* left, Expr* right, const Matching& matching);
  Matching RandomMatching(BinaryOp op, bool vectors);
  Expr* RandomUnary(Expr* operand);
  Expr* RandomAggregation(int depth);
  Expr* RandomCall(Type result, int depth);
  Expr* InfoArgument();
  VectorSelector RandomSelector(bool named);
  Matcher RandomMatcher(std::string_view label);
  Modifiers RandomModifiers();
  At RandomAt();
  bool IsKnown(const Function& function) const;

  const Duration* RandomRange();
  const Duration* RandomOffset();
  const Duration* RandomDuration(int depth);
  const Duration* DurationOperand(int depth, bool literal_minus);
  const Duration* WholeDuration(bool positive);
  const Duration* NewDuration(Duration duration) { return tree_->New(duration); }

  Expr* InParens(Expr* expr) { return New(Parens{expr}); }
  template <typename Node>
  Expr* New(Node node) {
    return tree_->New(Expr{node});
  }

  bool All() const { return dialect_ == Dialect::kAll; }
  int Below(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }
  bool Chance(int percent) { return Below(100) < percent; }
  template <typename List>
  const auto& OneOf(const List& list) {
    return list[static_cast<size_t>(Below(static_cast<int>(std::size(list))))];
  }
  // One of them, in the tree's memory.
  std::string_view NameOf(const std::vector<std::string>& names) {
    return tree_->Copy(std::string_view(OneOf(names)));
  }
  std::span<const std::string_view> RandomLabels();

  std::mt19937 random_;
  Dialect dialect_;
  Tree* tree_ = nullptr;
};

}  // namespace usage::gateway
