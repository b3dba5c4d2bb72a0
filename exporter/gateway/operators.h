// The binary operators and the aggregators: their words and how strongly they bind.
#pragma once

#include <string_view>

#include "gateway/lexer.h"
#include "gateway/tree.h"

namespace usage::gateway {

enum class Binding { kOr = 1, kAnd, kComparison, kSum, kProduct, kPower };

struct OperatorRow {
  TokenKind token;
  BinaryOp op;
  Binding binding;
  std::string_view text;
};

// Null for a token that is no operator.
const OperatorRow* FindOperator(TokenKind token);
const OperatorRow& RowOf(BinaryOp op);

bool IsComparison(BinaryOp op);  // which may have `bool`: not the trims
bool IsSetOperation(BinaryOp op);

// `token` is one of them.
Aggregator AggregatorOf(TokenKind token);
std::string_view NameOf(Aggregator aggregator);

enum class Parameter { kNone, kScalar, kString };
Parameter ParameterOf(Aggregator aggregator);

}  // namespace usage::gateway
