#include "gateway/parser.h"

#include <algorithm>
#include <vector>

#include "core/closest.h"
#include "gateway/duration_parser.h"
#include "gateway/literals.h"
#include "gateway/operators.h"
#include "gateway/selector_parser.h"
#include "gateway/token_stream.h"

namespace usage::gateway {
namespace {

using enum TokenKind;

class Parser {
 public:
  Parser(std::string_view text, int max_depth, Tree* tree)
      : tokens_(text, max_depth),
        selectors_(&tokens_, tree),
        tree_(*tree),
        deepest_(max_depth + kLongestChain) {}

  Expr* ParseWhole();
  Expr* ParseWholeSelector();

 private:
  Expr* ParseBinary(Binding lowest);
  Expr* ParseUnary();
  Expr* ParsePostfixed();
  Expr* ParseOperand();
  Expr* ParseWord();
  Expr* ParseNumberLiteral();
  Expr* ParseStringLiteral();
  Expr* ParseParens();
  Expr* ParseVector();
  Expr* ParseAggregation();
  Expr* ParseCall();
  std::span<Expr* const> ParseArguments();
  void ParseGrouping(Aggregation* aggregation);
  void SetArguments(Aggregation* aggregation, std::span<Expr* const> arguments, const Token& name);

  Matching ParseMatching();
  void ParseMatchOn(Matching* matching);
  void ParseGroupSide(Matching* matching);
  void ParseFill(Matching* matching);
  double ParseFillValue();
  double ParseNumberValue();

  Expr* ParsePostfix(Expr* expr);
  Expr* ParseBracket(Expr* expr);
  Expr* NewMatrix(Expr* expr, const Duration* range, const Token& bracket);
  Expr* ParseOffset(Expr* expr);
  Expr* ParseAt(Expr* expr);
  At ParseAtTime(const Expr& expr);
  Expr* ParseMode(Expr* expr);
  Modifiers& ModifiersOf(Expr* expr, const char* fault);

  template <typename Node>
  Expr* New(uint32_t begin, Node node);

  TokenStream tokens_;
  SelectorParser selectors_;
  Tree& tree_;
  int deepest_;
  std::vector<Expr*> arguments_;  // of the calls that are open, the innermost last
};

template <typename Node>
Expr* Parser::New(uint32_t begin, Node node) {
  Expr* expr = tree_.New(Expr{node, begin, tokens_.LastEnd()});
  ForEachChild(*expr,
               [&](const Expr& child) { expr->depth = std::max(expr->depth, child.depth + 1); });
  if (expr->depth > deepest_) {
    throw QueryFault{
        begin, "query has more than " + std::to_string(kLongestChain) + " operators in a chain"};
  }
  return expr;
}

Expr* Parser::ParseWhole() {
  if (tokens_.Is(kEnd)) throw QueryFault{0, "no expression found in input"};
  Expr* expr = ParseBinary(Binding::kOr);
  tokens_.Expect(kEnd, "", "");
  return expr;
}

Expr* Parser::ParseWholeSelector() {
  TokenKind kind = tokens_.Now().kind;
  if (kind != kLeftBrace && !SelectorParser::IsMetricName(kind))
    tokens_.Unexpected("", "vector selector");
  Expr* expr = ParseVector();
  tokens_.Expect(kEnd, "vector selector", "end of input");
  return expr;
}

// Climbs precedences: the operands of an operator hold only operators that bind more strongly; ^
// alone binds to the right.
Expr* Parser::ParseBinary(Binding lowest) {
  TokenStream::Level level(&tokens_);
  Expr* left = ParseUnary();
  while (const OperatorRow* row = FindOperator(tokens_.Now().kind)) {
    if (row->binding < lowest) break;
    Token op = tokens_.Take();
    Binary binary{row->op, left, nullptr, ParseMatching(), op.begin};
    bool power = row->binding == Binding::kPower;
    binary.right = ParseBinary(power ? row->binding : Binding(static_cast<int>(row->binding) + 1));
    left = New(left->begin, binary);
  }
  return left;
}

// A sign binds as * does: -a^b is -(a^b), -a*b is (-a)*b.
Expr* Parser::ParseUnary() {
  if (!tokens_.Is(kAdd) && !tokens_.Is(kSubtract)) return ParsePostfixed();
  Token sign = tokens_.Take();
  Expr* operand = ParseBinary(Binding::kPower);
  return New(sign.begin, Unary{sign.kind == kSubtract, operand});
}

Expr* Parser::ParsePostfixed() {
  Expr* expr = ParseOperand();
  while (Expr* with = ParsePostfix(expr)) expr = with;
  return expr;
}

Expr* Parser::ParseOperand() {
  switch (tokens_.Now().kind) {
    case kNumber:
      return ParseNumberLiteral();
    case kString:
      return ParseStringLiteral();
    case kLeftParen:
      return ParseParens();
    case kLeftBrace:
      return ParseVector();
    default:
      return ParseWord();
  }
}

// Aggregators, functions and metrics share their names; what follows tells them apart.
Expr* Parser::ParseWord() {
  TokenKind kind = tokens_.Now().kind;
  if (!SelectorParser::IsMetricName(kind)) tokens_.Unexpected("", "");
  TokenKind ahead = tokens_.Ahead();
  if (IsAggregator(kind) && (ahead == kLeftParen || ahead == kBy || ahead == kWithout)) {
    return ParseAggregation();
  }
  bool callable = kind == kIdentifier || kind >= kEndWord;
  return callable && ahead == kLeftParen ? ParseCall() : ParseVector();
}

double Parser::ParseNumberValue() {
  Token token = tokens_.Expect(kNumber, "", "number");
  std::optional<NumberOrDuration> number = ParseNumber(tokens_.TextOf(token));
  if (number) return number->value;
  throw QueryFault{token.begin,
                   "bad number or duration syntax: \"" + std::string(tokens_.TextOf(token)) + "\""};
}

Expr* Parser::ParseNumberLiteral() {
  uint32_t begin = tokens_.Now().begin;
  double value = ParseNumberValue();
  return New(begin, NumberLiteral{value});
}

Expr* Parser::ParseStringLiteral() {
  Token token = tokens_.Take();
  return New(token.begin, StringLiteral{selectors_.ValueOf(token)});
}

Expr* Parser::ParseParens() {
  Token open = tokens_.Take();
  Expr* inner = ParseBinary(Binding::kOr);
  tokens_.Expect(kRightParen, "", "\")\"");
  return New(open.begin, Parens{inner});
}

Expr* Parser::ParseVector() {
  uint32_t begin = tokens_.Now().begin;
  VectorSelector selector = selectors_.Parse();
  return New(begin, selector);
}

// --- Aggregations and calls ---

Expr* Parser::ParseAggregation() {
  Token name = tokens_.Take();
  Aggregation aggregation{AggregatorOf(name.kind), Grouping::kNone, {}, nullptr, nullptr};
  ParseGrouping(&aggregation);
  if (!tokens_.Is(kLeftParen)) tokens_.Unexpected("aggregation", "");
  std::span<Expr* const> arguments = ParseArguments();
  if (aggregation.grouping == Grouping::kNone) ParseGrouping(&aggregation);
  SetArguments(&aggregation, arguments, name);
  return New(name.begin, aggregation);
}

void Parser::ParseGrouping(Aggregation* aggregation) {
  if (!tokens_.Is(kBy) && !tokens_.Is(kWithout)) return;
  aggregation->grouping = tokens_.Take().kind == kBy ? Grouping::kBy : Grouping::kWithout;
  aggregation->labels = selectors_.ParseLabels();
}

void Parser::SetArguments(Aggregation* aggregation, std::span<Expr* const> arguments,
                          const Token& name) {
  if (arguments.empty()) {
    throw QueryFault{name.begin, "no arguments for aggregate expression provided"};
  }
  size_t expected = ParameterOf(aggregation->op) == Parameter::kNone ? 1 : 2;
  if (arguments.size() != expected) {
    throw QueryFault{name.begin,
                     "wrong number of arguments for aggregate expression provided, expected " +
                         std::to_string(expected) + ", got " + std::to_string(arguments.size())};
  }
  if (expected == 2) aggregation->parameter = arguments[0];
  aggregation->expr = arguments[expected - 1];
}

Expr* Parser::ParseCall() {
  Token name = tokens_.Take();
  std::string_view text = tokens_.TextOf(name);
  const Function* function = FindFunction(text);
  if (function == nullptr) {
    throw QueryFault{name.begin, "unknown function with name \"" + std::string(text) + "\"" +
                                     DidYouMean(text, FunctionNames())};
  }
  std::span<Expr* const> arguments = ParseArguments();
  return New(name.begin, Call{function, arguments});
}

std::span<Expr* const> Parser::ParseArguments() {
  tokens_.Take();
  size_t first = arguments_.size();
  while (!tokens_.Is(kRightParen)) {
    arguments_.push_back(ParseBinary(Binding::kOr));
    Token comma = tokens_.Now();
    if (!tokens_.Accept(kComma)) break;
    if (tokens_.Is(kRightParen)) {
      throw QueryFault{comma.begin, "trailing commas not allowed in function call args"};
    }
  }
  tokens_.Expect(kRightParen, "", "\",\" or \")\"");
  auto arguments = tree_.Copy(std::span<Expr* const>(arguments_).subspan(first));
  arguments_.resize(first);
  return arguments;
}

// --- What stands behind a binary operator ---

Matching Parser::ParseMatching() {
  Matching matching;
  matching.return_bool = tokens_.Accept(kBool);
  ParseMatchOn(&matching);
  ParseFill(&matching);
  return matching;
}

void Parser::ParseMatchOn(Matching* matching) {
  if (!tokens_.Is(kOn) && !tokens_.Is(kIgnoring)) return;
  matching->on = tokens_.Take().kind == kOn ? MatchOn::kOn : MatchOn::kIgnoring;
  matching->labels = selectors_.ParseLabels();
  ParseGroupSide(matching);
}

void Parser::ParseGroupSide(Matching* matching) {
  if (!tokens_.Is(kGroupLeft) && !tokens_.Is(kGroupRight)) return;
  matching->group = tokens_.Take().kind == kGroupLeft ? GroupSide::kLeft : GroupSide::kRight;
  // `group_left (x)` is a list of labels, never a vector in parentheses.
  if (tokens_.Is(kLeftParen)) matching->include = selectors_.ParseLabels();
}

// fill(n); or fill_left(n), fill_right(n), or both in either order.
void Parser::ParseFill(Matching* matching) {
  if (tokens_.Accept(kFill)) {
    matching->fill_left = matching->fill_right = ParseFillValue();
    return;
  }
  while (tokens_.Is(kFillLeft) || tokens_.Is(kFillRight)) {
    std::optional<double>& side =
        tokens_.Is(kFillLeft) ? matching->fill_left : matching->fill_right;
    if (side) tokens_.Unexpected("", "");
    tokens_.Take();
    side = ParseFillValue();
  }
}

double Parser::ParseFillValue() {
  tokens_.Expect(kLeftParen, "fill", "\"(\"");
  bool minus = tokens_.Is(kSubtract);
  if (minus || tokens_.Is(kAdd)) tokens_.Take();
  double value = ParseNumberValue();
  tokens_.Expect(kRightParen, "fill", "\")\"");
  return minus ? -value : value;
}

// --- What stands behind an operand ---

// Null when nothing more does.
Expr* Parser::ParsePostfix(Expr* expr) {
  switch (tokens_.Now().kind) {
    case kLeftBracket:
      return ParseBracket(expr);
    case kOffset:
      return ParseOffset(expr);
    case kAt:
      return ParseAt(expr);
    case kAnchored:
    case kSmoothed:
      return ParseMode(expr);
    default:
      return nullptr;
  }
}

Expr* Parser::ParseBracket(Expr* expr) {
  Token bracket = tokens_.Take();
  const Duration* range = DurationParser(&tokens_, &tree_).ParseRange();
  if (tokens_.Accept(kRightBracket)) return NewMatrix(expr, range, bracket);
  tokens_.Expect(kColon, "subquery or range", "\":\" or \"]\"");
  const Duration* step =
      tokens_.Is(kRightBracket) ? nullptr : DurationParser(&tokens_, &tree_).ParseRange();
  tokens_.Expect(kRightBracket, "subquery selector", "\"]\"");
  return New(expr->begin, Subquery{expr, range, step, {}});
}

Expr* Parser::NewMatrix(Expr* expr, const Duration* range, const Token& bracket) {
  const auto* selector = std::get_if<VectorSelector>(&expr->node);
  if (selector == nullptr)
    throw QueryFault{bracket.begin, "ranges only allowed for vector selectors"};
  if (selector->modifiers.offset != nullptr) {
    throw QueryFault{bracket.begin, "no offset modifiers allowed before range"};
  }
  if (selector->modifiers.at.kind != AtKind::kNone) {
    throw QueryFault{bracket.begin, "no @ modifiers allowed before range"};
  }
  return New(expr->begin, MatrixSelector{*selector, range});
}

Modifiers& Parser::ModifiersOf(Expr* expr, const char* fault) {
  if (auto* vector = std::get_if<VectorSelector>(&expr->node)) return vector->modifiers;
  if (auto* matrix = std::get_if<MatrixSelector>(&expr->node)) return matrix->selector.modifiers;
  if (auto* subquery = std::get_if<Subquery>(&expr->node)) return subquery->modifiers;
  throw QueryFault{expr->begin, fault};
}

Expr* Parser::ParseOffset(Expr* expr) {
  Modifiers& modifiers = ModifiersOf(expr,
                                     "offset modifier must be preceded by an instant vector "
                                     "selector or range vector selector or a "
                                     "subquery");
  if (modifiers.offset != nullptr) {
    throw QueryFault{expr->begin, "offset may not be set multiple times"};
  }
  tokens_.Take();
  modifiers.offset = DurationParser(&tokens_, &tree_).ParseOffset();
  expr->end = tokens_.LastEnd();
  return expr;
}

Expr* Parser::ParseAt(Expr* expr) {
  Modifiers& modifiers = ModifiersOf(
      expr,
      "@ modifier must be preceded by an instant vector selector or range vector selector or a "
      "subquery");
  if (modifiers.at.kind != AtKind::kNone) {
    throw QueryFault{expr->begin, "@ <timestamp> may not be set multiple times"};
  }
  tokens_.Take();
  modifiers.at = ParseAtTime(*expr);
  expr->end = tokens_.LastEnd();
  return expr;
}

At Parser::ParseAtTime(const Expr& expr) {
  if (tokens_.Is(kStart) || tokens_.Is(kEndWord)) {
    AtKind kind = tokens_.Take().kind == kStart ? AtKind::kStart : AtKind::kEnd;
    tokens_.Expect(kLeftParen, "@", "\"(\"");
    tokens_.Expect(kRightParen, "@", "\")\"");
    return {kind};
  }
  bool minus = tokens_.Is(kSubtract);
  if (minus || tokens_.Is(kAdd)) tokens_.Take();
  if (!tokens_.Is(kNumber)) tokens_.Unexpected("@", "timestamp");
  double seconds = ParseNumberValue();
  constexpr double kOutOfBounds = 9223372036854775807.0;
  if (!(seconds < kOutOfBounds)) {
    throw QueryFault{expr.begin, "timestamp out of bounds for @ modifier"};
  }
  return {AtKind::kTime, minus ? -seconds : seconds};
}

Expr* Parser::ParseMode(Expr* expr) {
  RangeMode mode = tokens_.Is(kAnchored) ? RangeMode::kAnchored : RangeMode::kSmoothed;
  std::string word = mode == RangeMode::kAnchored ? "anchored" : "smoothed";
  if (std::holds_alternative<Subquery>(expr->node)) {
    throw QueryFault{expr->begin, word + " modifier is not supported for subqueries"};
  }
  Modifiers& modifiers = ModifiersOf(expr, "anchored and smoothed are for selectors");
  if (modifiers.mode != RangeMode::kPlain && modifiers.mode != mode) {
    throw QueryFault{expr->begin, "anchored and smoothed modifiers cannot be used together"};
  }
  modifiers.mode = mode;
  tokens_.Take();
  expr->end = tokens_.LastEnd();
  return expr;
}

}  // namespace

void ParseQuery(std::string_view text, int max_depth, Tree* tree) {
  tree->root = Parser(text, max_depth, tree).ParseWhole();
}

void ParseSelector(std::string_view text, int max_depth, Tree* tree) {
  tree->root = Parser(text, max_depth, tree).ParseWholeSelector();
}

}  // namespace usage::gateway
