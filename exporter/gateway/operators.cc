#include "gateway/operators.h"

#include <array>
#include <iterator>

namespace usage::gateway {
namespace {

// In the order of BinaryOp.
constexpr OperatorRow kOperators[] = {
    {TokenKind::kOr, BinaryOp::kOr, Binding::kOr, "or"},
    {TokenKind::kAnd, BinaryOp::kAnd, Binding::kAnd, "and"},
    {TokenKind::kUnless, BinaryOp::kUnless, Binding::kAnd, "unless"},
    {TokenKind::kEqual, BinaryOp::kEqual, Binding::kComparison, "=="},
    {TokenKind::kNotEqual, BinaryOp::kNotEqual, Binding::kComparison, "!="},
    {TokenKind::kLess, BinaryOp::kLess, Binding::kComparison, "<"},
    {TokenKind::kLessOrEqual, BinaryOp::kLessOrEqual, Binding::kComparison, "<="},
    {TokenKind::kGreater, BinaryOp::kGreater, Binding::kComparison, ">"},
    {TokenKind::kGreaterOrEqual, BinaryOp::kGreaterOrEqual, Binding::kComparison, ">="},
    {TokenKind::kTrimUpper, BinaryOp::kTrimUpper, Binding::kComparison, "</"},
    {TokenKind::kTrimLower, BinaryOp::kTrimLower, Binding::kComparison, ">/"},
    {TokenKind::kAdd, BinaryOp::kAdd, Binding::kSum, "+"},
    {TokenKind::kSubtract, BinaryOp::kSubtract, Binding::kSum, "-"},
    {TokenKind::kMultiply, BinaryOp::kMultiply, Binding::kProduct, "*"},
    {TokenKind::kDivide, BinaryOp::kDivide, Binding::kProduct, "/"},
    {TokenKind::kModulo, BinaryOp::kModulo, Binding::kProduct, "%"},
    {TokenKind::kAtan2, BinaryOp::kAtan2, Binding::kProduct, "atan2"},
    {TokenKind::kPower, BinaryOp::kPower, Binding::kPower, "^"},
};

struct AggregatorRow {
  TokenKind token;
  Aggregator op;
  std::string_view name;
  Parameter parameter;
};

// In the order of Aggregator and of its tokens.
constexpr AggregatorRow kAggregators[] = {
    {TokenKind::kAvg, Aggregator::kAvg, "avg", Parameter::kNone},
    {TokenKind::kBottomk, Aggregator::kBottomk, "bottomk", Parameter::kScalar},
    {TokenKind::kCount, Aggregator::kCount, "count", Parameter::kNone},
    {TokenKind::kCountValues, Aggregator::kCountValues, "count_values", Parameter::kString},
    {TokenKind::kGroup, Aggregator::kGroup, "group", Parameter::kNone},
    {TokenKind::kLimitRatio, Aggregator::kLimitRatio, "limit_ratio", Parameter::kScalar},
    {TokenKind::kLimitk, Aggregator::kLimitk, "limitk", Parameter::kScalar},
    {TokenKind::kMax, Aggregator::kMax, "max", Parameter::kNone},
    {TokenKind::kMin, Aggregator::kMin, "min", Parameter::kNone},
    {TokenKind::kQuantile, Aggregator::kQuantile, "quantile", Parameter::kScalar},
    {TokenKind::kStddev, Aggregator::kStddev, "stddev", Parameter::kNone},
    {TokenKind::kStdvar, Aggregator::kStdvar, "stdvar", Parameter::kNone},
    {TokenKind::kSum, Aggregator::kSum, "sum", Parameter::kNone},
    {TokenKind::kTopk, Aggregator::kTopk, "topk", Parameter::kScalar},
};

template <typename Rows>
constexpr bool InOrder(const Rows& rows) {
  for (size_t i = 0; i < std::size(rows); ++i) {
    if (static_cast<size_t>(rows[i].op) != i) return false;
  }
  return true;
}
static_assert(InOrder(kOperators) && InOrder(kAggregators));
static_assert(static_cast<int>(TokenKind::kTopk) - static_cast<int>(TokenKind::kAvg) ==
              static_cast<int>(Aggregator::kTopk));

// The row of each operator's token.
constexpr std::array<const OperatorRow*, 256> kByToken = [] {
  std::array<const OperatorRow*, 256> rows{};
  for (const OperatorRow& row : kOperators) rows[static_cast<size_t>(row.token)] = &row;
  return rows;
}();

const AggregatorRow& RowOf(Aggregator aggregator) {
  return kAggregators[static_cast<size_t>(aggregator)];
}

}  // namespace

const OperatorRow* FindOperator(TokenKind token) { return kByToken[static_cast<size_t>(token)]; }

const OperatorRow& RowOf(BinaryOp op) { return kOperators[static_cast<size_t>(op)]; }

bool IsComparison(BinaryOp op) { return op >= BinaryOp::kEqual && op <= BinaryOp::kGreaterOrEqual; }

bool IsSetOperation(BinaryOp op) { return op <= BinaryOp::kUnless; }

Aggregator AggregatorOf(TokenKind token) {
  return static_cast<Aggregator>(static_cast<int>(token) - static_cast<int>(TokenKind::kAvg));
}

std::string_view NameOf(Aggregator aggregator) { return RowOf(aggregator).name; }

Parameter ParameterOf(Aggregator aggregator) { return RowOf(aggregator).parameter; }

}  // namespace usage::gateway
