#include "tests/gateway/language/random_query.h"

#include <algorithm>
#include <iterator>

namespace usage::gateway {
namespace {

// Of the stable ones, what came after 2.42.
constexpr std::string_view kNewFunctions[] = {"first_over_time", "histogram_avg",
                                              "histogram_stddev", "histogram_stdvar"};
constexpr std::string_view kRegexes[] = {".*",         ".+",     "a|b",         "x?",
                                         "(ac|oth).*", "[a-z]+", "\\\\d\\\\.x", ""};

// What an expression is as an operand.
Binding BindingOf(const Expr& expr) {
  if (const auto* binary = std::get_if<Binary>(&expr.node)) return RowOf(binary->op).binding;
  bool unary = std::holds_alternative<Unary>(expr.node);
  return unary ? Binding::kProduct : Binding(static_cast<int>(Binding::kPower) + 1);
}

bool IsUnary(const Expr& expr) { return std::holds_alternative<Unary>(expr.node); }

}  // namespace

bool IsIn242(const Function& function) {
  auto is = [&](std::string_view name) { return function.name == name; };
  return !function.experimental &&
         std::none_of(std::begin(kNewFunctions), std::end(kNewFunctions), is);
}

Expr* RandomQuery::Make(int depth, Tree* tree) {
  tree_ = tree;
  constexpr Type kTypes[] = {Type::kVector, Type::kVector, Type::kVector, Type::kScalar,
                             Type::kMatrix};
  return tree->root = Chance(1) ? Text() : OfType(OneOf(kTypes), depth);
}

Expr* RandomQuery::OfType(Type type, int depth) {
  switch (type) {
    case Type::kScalar:
      return Scalar(depth);
    case Type::kVector:
      return Vector(depth);
    case Type::kMatrix:
      return Matrix(depth);
    case Type::kString:
      return Text();
  }
  return nullptr;
}

Expr* RandomQuery::Text() { return New(StringLiteral{NameOf(values)}); }

Expr* RandomQuery::Scalar(int depth) {
  constexpr double kNumbers[] = {0, 1, 5, 0.5, 100, 1e-9, 1e21, 12345.678};
  if (depth <= 0 || Chance(40)) return New(NumberLiteral{OneOf(kNumbers)});
  switch (Below(4)) {
    case 0:
      return ScalarBinary(depth - 1);
    case 1:
      return RandomUnary(Scalar(depth - 1));
    case 2:
      return InParens(Scalar(depth - 1));
    default:
      return RandomCall(Type::kScalar, depth - 1);
  }
}

Expr* RandomQuery::Vector(int depth) {
  if (depth <= 0 || Chance(15)) return New(RandomSelector(true));
  switch (Below(6)) {
    case 0:
    case 1:
      return VectorBinary(depth - 1);
    case 2:
      return RandomAggregation(depth - 1);
    case 3:
      return RandomUnary(Vector(depth - 1));
    case 4:
      return InParens(Vector(depth - 1));
    default:
      return RandomCall(Type::kVector, depth - 1);
  }
}

Expr* RandomQuery::Matrix(int depth) {
  if (depth <= 0 || Chance(70)) {
    VectorSelector selector = RandomSelector(true);
    return New(MatrixSelector{selector, RandomRange()});
  }
  Expr* inner = Vector(depth - 1);
  bool atom = BindingOf(*inner) > Binding::kPower;
  Modifiers modifiers = RandomModifiers();
  modifiers.mode = RangeMode::kPlain;
  const Duration* range = RandomRange();
  const Duration* step = Chance(50) ? RandomRange() : nullptr;
  return New(Subquery{atom ? inner : InParens(inner), range, step, modifiers});
}

Expr* RandomQuery::RandomUnary(Expr* operand) {
  bool tight = BindingOf(*operand) >= Binding::kPower || IsUnary(*operand);
  return New(Unary{Chance(80), tight ? operand : InParens(operand)});
}

Expr* RandomQuery::NewBinary(BinaryOp op, Expr* left, Expr* right, const Matching& matching) {
  Binding binding = RowOf(op).binding;
  bool power = binding == Binding::kPower;
  bool left_ok = power ? BindingOf(*left) > binding : BindingOf(*left) >= binding;
  bool right_ok =
      IsUnary(*right) || (power ? BindingOf(*right) >= binding : BindingOf(*right) > binding);
  if (!left_ok) left = InParens(left);
  return New(Binary{op, left, right_ok ? right : InParens(right), matching});
}

Expr* RandomQuery::ScalarBinary(int depth) {
  constexpr BinaryOp kOps[] = {BinaryOp::kAdd,    BinaryOp::kSubtract, BinaryOp::kMultiply,
                               BinaryOp::kDivide, BinaryOp::kModulo,   BinaryOp::kPower,
                               BinaryOp::kAtan2,  BinaryOp::kLess,     BinaryOp::kNotEqual};
  BinaryOp op = OneOf(kOps);
  Expr* left = Scalar(depth);
  Expr* right = Scalar(depth);
  Matching matching;
  matching.return_bool = IsComparison(op);
  return NewBinary(op, left, right, matching);
}

Expr* RandomQuery::VectorBinary(int depth) {
  auto op = static_cast<BinaryOp>(Below(static_cast<int>(BinaryOp::kPower) + 1));
  while (!All() && (op == BinaryOp::kTrimLower || op == BinaryOp::kTrimUpper))
    op = BinaryOp::kMultiply;
  int scalars = IsSetOperation(op) ? 0 : Below(4);
  Expr* left = scalars == 1 ? Scalar(depth) : Vector(depth);
  Expr* right = scalars == 2 ? Scalar(depth) : Vector(depth);
  bool vectors = scalars != 1 && scalars != 2;
  return NewBinary(op, left, right, RandomMatching(op, vectors));
}

Matching RandomQuery::RandomMatching(BinaryOp op, bool vectors) {
  Matching matching;
  matching.return_bool = IsComparison(op) && Chance(30);
  if (!vectors) return matching;
  if (Chance(60)) {
    matching.on = Chance(50) ? MatchOn::kOn : MatchOn::kIgnoring;
    matching.labels = RandomLabels();
  }
  if (IsSetOperation(op)) return matching;
  if (matching.on == MatchOn::kIgnoring && Chance(40)) {
    matching.group = Chance(50) ? GroupSide::kLeft : GroupSide::kRight;
    matching.include = RandomLabels();
  }
  if (All() && Chance(20)) matching.fill_left = Below(3) - 1;
  if (All() && Chance(20)) matching.fill_right = 0.5;
  return matching;
}

std::span<const std::string_view> RandomQuery::RandomLabels() {
  std::vector<std::string_view> chosen;
  for (int n = Below(3); n > 0; --n) chosen.push_back(NameOf(labels));
  if (All() && Chance(10)) chosen.emplace_back("label.name");
  if (All() && Chance(10)) chosen.emplace_back("WITHOUT");
  return tree_->Copy(std::span<const std::string_view>(chosen));
}

Expr* RandomQuery::RandomAggregation(int depth) {
  auto op = static_cast<Aggregator>(Below(static_cast<int>(Aggregator::kTopk) + 1));
  while (!All() && (op == Aggregator::kLimitk || op == Aggregator::kLimitRatio))
    op = Aggregator::kSum;
  Aggregation aggregation{op, Grouping::kNone, {}, nullptr, nullptr};
  aggregation.expr = Vector(depth);
  if (ParameterOf(op) == Parameter::kScalar) aggregation.parameter = Scalar(depth - 2);
  if (ParameterOf(op) == Parameter::kString) aggregation.parameter = New(StringLiteral{"value"});
  if (Chance(70)) {
    aggregation.grouping = Chance(70) ? Grouping::kBy : Grouping::kWithout;
    aggregation.labels = RandomLabels();
  }
  return New(aggregation);
}

bool RandomQuery::IsKnown(const Function& function) const {
  // label_replace() and label_join() refuse at run time what the types allow.
  bool deterministic = !function.name.starts_with("absent") &&
                       !function.name.starts_with("label_") && function.name != "holt_winters" &&
                       function.name != "time";
  return All() || (IsIn242(function) && (dialect_ != Dialect::kDeterministic || deterministic));
}

Expr* RandomQuery::RandomCall(Type result, int depth) {
  static const std::vector<std::string> kNames = FunctionNames();
  const Function* function = nullptr;
  do {
    function = FindFunction(OneOf(kNames));
  } while (function->result != result || !IsKnown(*function));
  int count = function->FewestArguments() + (function->repeats == 0 ? 0 : Below(2));
  std::vector<Expr*> arguments;
  for (int i = 0; i < count; ++i) {
    bool info = function->name == "info" && i == 1;
    arguments.push_back(info ? InfoArgument() : OfType(function->TypeOf(i), depth));
  }
  return New(Call{function, tree_->Copy(std::span<Expr* const>(arguments))});
}

Expr* RandomQuery::InfoArgument() {
  std::vector<Matcher> matchers;
  for (int n = Below(3); n > 0; --n) matchers.push_back(RandomMatcher(NameOf(labels)));
  return New(VectorSelector{"", tree_->Copy(std::span<const Matcher>(matchers)), {}});
}

Matcher RandomQuery::RandomMatcher(std::string_view label) {
  auto op = static_cast<MatchOp>(Below(4));
  bool regex = op == MatchOp::kMatches || op == MatchOp::kMatchesNot;
  return {label, op, regex ? OneOf(kRegexes) : NameOf(values)};
}

VectorSelector RandomQuery::RandomSelector(bool named) {
  VectorSelector selector;
  std::vector<Matcher> matchers;
  if (named && Chance(80)) {
    selector.name = NameOf(metrics);
  } else {
    matchers.push_back({"__name__", MatchOp::kEqual, NameOf(metrics)});
  }
  for (int n = Below(3); n > 0; --n) matchers.push_back(RandomMatcher(NameOf(labels)));
  if (All() && Chance(10)) matchers.push_back(RandomMatcher("label.name"));
  selector.matchers = tree_->Copy(std::span<const Matcher>(matchers));
  selector.modifiers = RandomModifiers();
  return selector;
}

Modifiers RandomQuery::RandomModifiers() {
  Modifiers modifiers;
  if (Chance(20)) modifiers.offset = RandomOffset();
  if (Chance(15)) modifiers.at = RandomAt();
  if (All() && Chance(10))
    modifiers.mode = Chance(50) ? RangeMode::kAnchored : RangeMode::kSmoothed;
  return modifiers;
}

At RandomQuery::RandomAt() {
  constexpr double kTimes[] = {0, 1700000000, 1700000000.5, -5, 1700000123.4567};
  switch (Below(3)) {
    case 0:
      return {AtKind::kStart};
    case 1:
      return {AtKind::kEnd};
    default:
      return {AtKind::kTime, OneOf(kTimes)};
  }
}

// --- Durations ---

const Duration* RandomQuery::WholeDuration(bool positive) {
  constexpr double kSeconds[] = {60, 300, 90, 5400, 86400, 604800, 31536000, 0.5};
  double seconds = OneOf(kSeconds);
  return NewDuration({DurationLiteral{positive || Chance(70) ? seconds : -seconds}});
}

const Duration* RandomQuery::RandomRange() {
  if (!All() || Chance(60)) return WholeDuration(true);
  if (Chance(10)) return NewDuration({DurationLiteral{1.0 / 3, true}});
  const Duration* duration = RandomDuration(2);
  bool literal = std::holds_alternative<DurationLiteral>(duration->node);
  return literal ? WholeDuration(true) : duration;
}

// As the parser leaves an offset: one operand.
const Duration* RandomQuery::RandomOffset() {
  if (!All() || Chance(60)) return WholeDuration(false);
  if (Chance(30)) return NewDuration({DurationParens{RandomDuration(2)}});
  const Duration* operand = DurationOperand(2, false);
  bool literal = std::holds_alternative<DurationLiteral>(operand->node);
  if (literal) return WholeDuration(false);
  return Chance(50) ? operand : NewDuration({DurationMinus{operand}});
}

const Duration* RandomQuery::DurationOperand(int depth, bool literal_minus) {
  switch (depth <= 0 ? Below(2) : Below(4)) {
    case 0:
      return NewDuration(
          {DurationCall{Chance(50) ? DurationSource::kStep : DurationSource::kRange}});
    case 1:
      return Chance(50) ? NewDuration({DurationLiteral{2.5, true}}) : WholeDuration(!literal_minus);
    case 2:
      return NewDuration(
          {DurationChoice{Chance(50), RandomDuration(depth - 1), RandomDuration(depth - 1)}});
    default:
      return NewDuration({DurationParens{RandomDuration(depth - 1)}});
  }
}

// Operands that bind more strongly than any operator, so that no precedence is in the way.
const Duration* RandomQuery::RandomDuration(int depth) {
  constexpr char kOps[] = {'+', '-', '*', '/', '%', '^'};
  const Duration* left = DurationOperand(depth, false);
  if (depth <= 0 || Chance(30)) return left;
  const Duration* right = DurationOperand(depth, false);
  const Duration* binary = NewDuration({DurationBinary{OneOf(kOps), left, right}});
  return Chance(20) ? NewDuration({DurationBinary{'+', binary, DurationOperand(depth, true)}})
                    : binary;
}

}  // namespace usage::gateway
