// Vector selectors, and the names and values in them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/token_stream.h"
#include "gateway/tree.h"

namespace usage::gateway {

class SelectorParser {
 public:
  // Both outlive the parser.
  SelectorParser(TokenStream* tokens, Tree* tree) : tokens_(*tokens), tree_(*tree) {}

  // Whether a metric may be called so outside of braces.
  static bool IsMetricName(TokenKind kind);

  // A name, matchers in braces, or both.
  VectorSelector Parse();

  // (a, b, "l.n"): of by, without, on, ignoring, group_left, group_right.
  std::span<const std::string_view> ParseLabels();

  std::string_view ValueOf(const Token& string_token);

 private:
  void ParseMatchers();
  Matcher ParseMatcher();
  MatchOp ParseMatchOp();
  std::string_view ParseLabel();
  [[noreturn]] void Refuse(const Token& token, const std::string& what) const;

  TokenStream& tokens_;
  Tree& tree_;
  // Lists as they grow, kept for their memory.
  std::vector<Matcher> matchers_;
  std::vector<std::string_view> labels_;
};

}  // namespace usage::gateway
