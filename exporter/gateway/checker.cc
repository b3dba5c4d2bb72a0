#include "gateway/checker.h"

#include <algorithm>
#include <string>

#include "gateway/enforce.h"
#include "gateway/operators.h"
#include "gateway/regex.h"

namespace usage::gateway {
namespace {

std::string Quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

[[noreturn]] void FailAt(uint32_t begin, std::string message) {
  throw QueryFault{begin, std::move(message)};
}

[[noreturn]] void Fail(const Expr& at, std::string message) {
  FailAt(at.begin, std::move(message));
}

// A value beside a label's matcher may match "": {a=""} selects what has no a.
bool MatchesEmpty(const Matcher& matcher) {
  bool equal = matcher.op == MatchOp::kEqual;
  if (equal || matcher.op == MatchOp::kNotEqual) return matcher.value.empty() == equal;
  Expected<bool> matches = RegexMatchesEmpty(matcher.value);
  if (!matches) FailAt(matcher.begin, matches.error());
  return *matches == (matcher.op == MatchOp::kMatches);
}

// Each call is for one node and returns its type.
class Checker {
 public:
  explicit Checker(const Expr& expr) : at_(expr) {}

  Type operator()(const NumberLiteral&) const { return Type::kScalar; }
  Type operator()(const StringLiteral&) const { return Type::kString; }
  Type operator()(const Parens& parens) const { return Check(*parens.inner); }
  Type operator()(const Unary& unary) const;
  Type operator()(const Binary& binary) const;
  Type operator()(const Aggregation& aggregation) const;
  Type operator()(const Call& call) const;
  Type operator()(const VectorSelector& selector) const;
  Type operator()(const MatrixSelector& matrix) const;
  Type operator()(const Subquery& subquery) const;

  static Type Check(const Expr& expr) { return std::visit(Checker(expr), expr.node); }

 private:
  void CheckMatching(const Binary& binary, Type left, Type right) const;
  void CheckBetweenVectors(const Binary& binary) const;
  void CheckNotBetweenVectors(const Binary& binary) const;
  void CheckCount(const Function& function, int count) const;
  void CheckDataLabels(const Expr& argument) const;
  bool CheckMatchers(const VectorSelector& selector) const;
  static void Require(const Expr& expr, Type type, const std::string& where);

  const Expr& at_;
};

void Checker::Require(const Expr& expr, Type type, const std::string& where) {
  Type found = Check(expr);
  if (found == type) return;
  Fail(expr, "expected type " + std::string(NameOf(type)) + " in " + where + ", got " +
                 std::string(NameOf(found)));
}

Type Checker::operator()(const Unary& unary) const {
  Type type = Check(*unary.operand);
  if (type == Type::kScalar || type == Type::kVector) return type;
  Fail(at_, "unary expression only allowed on expressions of type scalar or instant vector, got " +
                Quoted(NameOf(type)));
}

Type Checker::operator()(const Binary& binary) const {
  Type left = Check(*binary.left);
  Type right = Check(*binary.right);
  for (auto [side, type] : {std::pair(binary.left, left), std::pair(binary.right, right)}) {
    if (type == Type::kScalar || type == Type::kVector) continue;
    Fail(*side, "binary expression must contain only scalar and instant vector types");
  }
  CheckMatching(binary, left, right);
  bool scalar = left == Type::kScalar && right == Type::kScalar;
  if (scalar && IsComparison(binary.op) && !binary.matching.return_bool) {
    FailAt(binary.op_begin, "comparisons between scalars must use BOOL modifier");
  }
  return scalar ? Type::kScalar : Type::kVector;
}

void Checker::CheckMatching(const Binary& binary, Type left, Type right) const {
  const Matching& matching = binary.matching;
  if (matching.return_bool && !IsComparison(binary.op)) {
    FailAt(binary.op_begin, "bool modifier can only be used on comparison operators");
  }
  for (std::string_view label : matching.labels) {
    bool twice = matching.on == MatchOn::kOn && std::ranges::count(matching.include, label) > 0;
    if (twice)
      FailAt(binary.op_begin,
             "label " + Quoted(label) + " must not occur in ON and GROUP clause at once");
  }
  bool vectors = left == Type::kVector && right == Type::kVector;
  vectors ? CheckBetweenVectors(binary) : CheckNotBetweenVectors(binary);
}

void Checker::CheckBetweenVectors(const Binary& binary) const {
  if (!IsSetOperation(binary.op)) return;
  if (binary.matching.group != GroupSide::kNone) {
    Fail(at_, "no grouping allowed for " + Quoted(RowOf(binary.op).text) + " operation");
  }
  if (binary.matching.fill_left || binary.matching.fill_right) {
    Fail(at_, "filling in missing series not allowed for set operators");
  }
}

void Checker::CheckNotBetweenVectors(const Binary& binary) const {
  if (!binary.matching.labels.empty()) {
    Fail(at_, "vector matching only allowed between instant vectors");
  }
  if (binary.matching.fill_left || binary.matching.fill_right) {
    Fail(at_, "filling in missing series only allowed between instant vectors");
  }
  if (IsSetOperation(binary.op)) {
    Fail(at_, "set operator " + Quoted(RowOf(binary.op).text) +
                  " not allowed in binary scalar expression");
  }
}

Type Checker::operator()(const Aggregation& aggregation) const {
  Require(*aggregation.expr, Type::kVector, "aggregation expression");
  if (aggregation.parameter != nullptr) {
    bool text = ParameterOf(aggregation.op) == Parameter::kString;
    Require(*aggregation.parameter, text ? Type::kString : Type::kScalar, "aggregation parameter");
  }
  return Type::kVector;
}

Type Checker::operator()(const Call& call) const {
  const Function& function = *call.function;
  int count = static_cast<int>(call.arguments.size());
  CheckCount(function, count);
  for (int i = 0; i < count; ++i) {
    const Expr& argument = *call.arguments[static_cast<size_t>(i)];
    if (IsInfo(function) && i == 1) {
      CheckDataLabels(argument);
      continue;
    }
    Require(argument, function.TypeOf(i), "call to function " + Quoted(function.name));
  }
  return function.result;
}

void Checker::CheckCount(const Function& function, int count) const {
  int fewest = function.FewestArguments();
  std::string in_call =
      " argument(s) in call to " + Quoted(function.name) + ", got " + std::to_string(count);
  if (function.repeats == 0) {
    if (count != fewest) Fail(at_, "expected " + std::to_string(fewest) + in_call);
    return;
  }
  if (count < fewest) Fail(at_, "expected at least " + std::to_string(fewest) + in_call);
  int most = fewest + function.repeats;
  if (function.repeats != kAnyNumber && count > most) {
    Fail(at_, "expected at most " + std::to_string(most) + in_call);
  }
}

// The second argument of info() looks like a selector and is none: it may match everything.
void Checker::CheckDataLabels(const Expr& argument) const {
  const auto* selector = std::get_if<VectorSelector>(&argument.node);
  if (selector == nullptr) Fail(argument, "expected label selectors only");
  if (!selector->name.empty()) {
    Fail(argument, "expected label selectors only, got vector selector instead");
  }
  Checker(argument).CheckMatchers(*selector);
}

// Whether one of them can't match "". Looks at all: a bad regular expression is refused wherever
// it stands.
bool Checker::CheckMatchers(const VectorSelector& selector) const {
  bool selects = false;
  for (const Matcher& matcher : selector.matchers) {
    if (matcher.label == "__name__" && !selector.name.empty()) {
      Fail(at_, "metric name must not be set twice: " + Quoted(selector.name) + " or " +
                    Quoted(matcher.value));
    }
    selects |= !MatchesEmpty(matcher);
  }
  return selects;
}

// This is why checking comes before enforcing: with the tenant's matcher every selector selects.
Type Checker::operator()(const VectorSelector& selector) const {
  if (!CheckMatchers(selector) && selector.name.empty()) {
    Fail(at_, "vector selector must contain at least one non-empty matcher");
  }
  return Type::kVector;
}

Type Checker::operator()(const MatrixSelector& matrix) const {
  (*this)(matrix.selector);
  return Type::kMatrix;
}

Type Checker::operator()(const Subquery& subquery) const {
  Type type = Check(*subquery.expr);
  if (type == Type::kVector) return Type::kMatrix;
  Fail(at_,
       "subquery is only allowed on instant vector, got " + std::string(NameOf(type)) + " instead");
}

}  // namespace

void CheckQuery(const Expr& root) { Checker::Check(root); }

}  // namespace usage::gateway
