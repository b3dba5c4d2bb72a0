// Durations: "5m", "300", and Prometheus's experimental arithmetic on them.
#pragma once

#include "gateway/token_stream.h"
#include "gateway/tree.h"

namespace usage::gateway {

// For one duration each.
class DurationParser {
 public:
  // Both outlive the parser.
  DurationParser(TokenStream* tokens, Tree* tree) : tokens_(*tokens), tree_(*tree) {}

  // What stands in brackets: a whole expression, and not a literal of 0 or less.
  const Duration* ParseRange();
  // What stands behind `offset`: without parentheses one operand only, so that `m offset 5m + 1`
  // is `(m offset 5m) + 1`. Null for a literal of 0, which is no offset.
  const Duration* ParseOffset();

 private:
  const Duration* ParseBinary(int lowest);
  const Duration* ParseSigned();
  const Duration* ParseOperand();
  const Duration* ParseLiteral(bool minus);
  const Duration* ParseSource(DurationSource source);
  const Duration* ParseChoice(bool greater);
  const Duration* ParseParens();
  const Duration* ParseOffsetOperand(bool minus);
  const Duration* AsOperand(const Duration* whole);
  const Duration* Minus(const Duration* operand);
  const Duration* Normal(const Duration* duration);
  void CheckDivisor(char op, const Duration* right, const Token& token);

  template <typename Node>
  const Duration* New(Node node) {
    return tree_.New(Duration{node});
  }

  TokenStream& tokens_;
  Tree& tree_;
  int operators_ = 0;  // of one duration, limited: a chain of them is as deep as it is long
};

}  // namespace usage::gateway
