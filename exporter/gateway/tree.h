// A query as a tree. Its nodes and strings live in the Tree's arena or in the query's text, and go
// with them; nodes are trivially destructible, so nothing has to be walked to free them.
//
// Whoever walks the tree does so with std::visit and an overload for each kind of node, never with
// a default: a new kind of node does not compile until the checker, the enforcer and the printer
// have said what to do with it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/functions.h"

namespace usage::gateway {

struct Expr;
struct Duration;

// --- Durations: what stands in brackets and behind `offset`. ---

struct DurationLiteral {
  double seconds;       // below zero only behind `offset`, or as an operand
  bool number = false;  // written "300", not "5m": only where no duration says it, or in arithmetic
};
enum class DurationSource { kStep, kRange };
struct DurationCall {  // step(), range()
  DurationSource source;
};
struct DurationChoice {  // max_of(a, b), min_of(a, b)
  bool greater;
  const Duration* left;
  const Duration* right;
};
struct DurationMinus {
  const Duration* operand;
};
struct DurationParens {
  const Duration* inner;
};
struct DurationBinary {
  char op;  // + - * / % ^
  const Duration* left;
  const Duration* right;
};

struct Duration {
  std::variant<DurationLiteral, DurationCall, DurationChoice, DurationMinus, DurationParens,
               DurationBinary>
      node;
};

// --- Selectors ---

enum class MatchOp { kEqual, kNotEqual, kMatches, kMatchesNot };

struct Matcher {
  std::string_view label;
  MatchOp op;
  std::string_view value;
  uint32_t begin = 0;  // in the text
};

enum class AtKind { kNone, kTime, kStart, kEnd };

struct At {
  AtKind kind = AtKind::kNone;
  double seconds = 0;  // Unix time, for kTime
};

enum class RangeMode { kPlain, kAnchored, kSmoothed };

struct Modifiers {
  const Duration* offset = nullptr;  // null: none
  At at;
  RangeMode mode = RangeMode::kPlain;
};

struct VectorSelector {
  std::string_view name;  // before the braces; "" for none
  std::span<const Matcher> matchers;
  Modifiers modifiers;
};

// selector[range], with the modifiers behind the bracket.
struct MatrixSelector {
  VectorSelector selector;
  const Duration* range;
};

// expr[range:step], with the modifiers behind the bracket.
struct Subquery {
  Expr* expr;
  const Duration* range;
  const Duration* step;  // null: the default
  Modifiers modifiers;   // the mode is kPlain
};

// --- The others ---

struct NumberLiteral {
  double value;
};

struct StringLiteral {
  std::string_view value;
};

struct Parens {
  Expr* inner;
};

struct Unary {
  bool minus;
  Expr* operand;
};

enum class BinaryOp {
  kOr,
  kAnd,
  kUnless,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kTrimUpper,
  kTrimLower,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kAtan2,
  kPower,
};

enum class MatchOn { kAll, kOn, kIgnoring };
enum class GroupSide { kNone, kLeft, kRight };

struct Matching {
  bool return_bool = false;
  MatchOn on = MatchOn::kAll;
  std::span<const std::string_view> labels;
  GroupSide group = GroupSide::kNone;
  std::span<const std::string_view> include;
  std::optional<double> fill_left;
  std::optional<double> fill_right;
};

struct Binary {
  BinaryOp op;
  Expr* left;
  Expr* right;
  Matching matching;
  uint32_t op_begin = 0;  // in the text
};

enum class Aggregator {
  kAvg,
  kBottomk,
  kCount,
  kCountValues,
  kGroup,
  kLimitRatio,
  kLimitk,
  kMax,
  kMin,
  kQuantile,
  kStddev,
  kStdvar,
  kSum,
  kTopk,
};

enum class Grouping { kNone, kBy, kWithout };

struct Aggregation {
  Aggregator op;
  Grouping grouping = Grouping::kNone;
  std::span<const std::string_view> labels;
  Expr* parameter;  // null for those without one
  Expr* expr;
};

struct Call {
  const Function* function;
  std::span<Expr* const> arguments;
};

struct Expr {
  std::variant<NumberLiteral, StringLiteral, Parens, Unary, Binary, Aggregation, Call,
               VectorSelector, MatrixSelector, Subquery>
      node;
  // Of the text that it was parsed from.
  uint32_t begin = 0;
  uint32_t end = 0;
  int depth = 1;  // of nodes, with this one
};

// Owns the nodes.
class Tree {
 public:
  Tree() = default;
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  template <typename T>
  T* New(T value) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (Allocate<T>(1)) T(std::move(value));
  }

  // `items`, and one more behind them.
  template <typename T>
  std::span<const T> Append(std::span<const T> items, T last) {
    static_assert(std::is_trivially_copyable_v<T>);
    T* copy = Allocate<T>(items.size() + 1);
    std::uninitialized_copy(items.begin(), items.end(), copy);
    new (copy + items.size()) T(last);
    return {copy, items.size() + 1};
  }

  template <typename T>
  std::span<const T> Copy(std::span<const T> items) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (items.empty()) return {};
    T* copy = Allocate<T>(items.size());
    std::uninitialized_copy(items.begin(), items.end(), copy);
    return {copy, items.size()};
  }

  std::string_view Copy(std::string_view text) {
    if (text.empty()) return {};
    char* copy = Allocate<char>(text.size());
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
  }

  Expr* root = nullptr;

 private:
  template <typename T>
  T* Allocate(size_t count) {
    return std::pmr::polymorphic_allocator<T>(&arena_).allocate(count);
  }

  // Enough for what a dashboard asks; more comes from the heap.
  alignas(std::max_align_t) std::array<std::byte, 8192> first_;
  std::pmr::monotonic_buffer_resource arena_{first_.data(), first_.size()};
};

// Calls `visit` for each expression right below.
template <typename Visit>
struct ChildVisitor {
  Visit& visit;

  void operator()(const NumberLiteral&) const {}
  void operator()(const StringLiteral&) const {}
  void operator()(const VectorSelector&) const {}
  void operator()(const MatrixSelector&) const {}
  void operator()(const Parens& parens) const { visit(*parens.inner); }
  void operator()(const Unary& unary) const { visit(*unary.operand); }
  void operator()(const Subquery& subquery) const { visit(*subquery.expr); }
  void operator()(const Binary& binary) const {
    visit(*binary.left);
    visit(*binary.right);
  }
  void operator()(const Aggregation& aggregation) const {
    if (aggregation.parameter != nullptr) visit(*aggregation.parameter);
    visit(*aggregation.expr);
  }
  void operator()(const Call& call) const {
    for (Expr* argument : call.arguments) visit(*argument);
  }
};

template <typename Visit>
void ForEachChild(const Expr& expr, Visit visit) {
  std::visit(ChildVisitor<Visit>{visit}, expr.node);
}

// By structure: places in the text do not count, and NaN equals NaN.
bool SameTree(const Expr& a, const Expr& b);

}  // namespace usage::gateway
