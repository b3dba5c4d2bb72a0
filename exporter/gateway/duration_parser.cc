#include "gateway/duration_parser.h"

#include "gateway/literals.h"

namespace usage::gateway {
namespace {

using enum TokenKind;

constexpr double kLongest = 9223372036.854775807;  // seconds: int64 nanoseconds, as in Prometheus
constexpr std::string_view kExpected = "number, duration, step(), or range()";
// How strongly an operator binds.
constexpr int kSumBinding = 1, kProductBinding = 2, kPowerBinding = 3;

struct Operator {
  int precedence;  // 0: none
  char sign;
};

Operator OperatorOf(TokenKind kind) {
  switch (kind) {
    case kAdd:
      return {kSumBinding, '+'};
    case kSubtract:
      return {kSumBinding, '-'};
    case kMultiply:
      return {kProductBinding, '*'};
    case kDivide:
      return {kProductBinding, '/'};
    case kModulo:
      return {kProductBinding, '%'};
    case kPower:
      return {kPowerBinding, '^'};
    default:
      return {0, ' '};
  }
}

const DurationLiteral* LiteralIn(const Duration* duration) {
  return std::get_if<DurationLiteral>(&duration->node);
}

// As ParseOffsetOperand reads it, with its sign.
bool IsOperand(const Duration& duration) {
  const auto* minus = std::get_if<DurationMinus>(&duration.node);
  const Duration& operand = minus == nullptr ? duration : *minus->operand;
  bool sign = std::holds_alternative<DurationMinus>(operand.node);
  return !sign && !std::holds_alternative<DurationBinary>(operand.node);
}

}  // namespace

const Duration* DurationParser::ParseRange() {
  Token first = tokens_.Now();
  const Duration* duration = Normal(ParseBinary(kSumBinding));
  const DurationLiteral* literal = LiteralIn(duration);
  if (literal != nullptr && literal->seconds <= 0) {
    throw QueryFault{first.begin, "duration must be greater than 0"};
  }
  return duration;
}

const Duration* DurationParser::ParseOffset() {
  bool minus = tokens_.Is(kSubtract);
  bool sign = minus || tokens_.Is(kAdd);
  TokenKind next = sign ? tokens_.Ahead() : tokens_.Now().kind;
  // A parenthesis without a sign, and a second sign, begin a whole expression: so it is in
  // Prometheus's grammar, where a plain operand is a rule of its own.
  bool whole = next == kAdd || next == kSubtract || (!sign && next == kLeftParen);
  if (sign && !whole) tokens_.Take();
  const Duration* offset =
      Normal(whole ? AsOperand(ParseBinary(kSumBinding)) : ParseOffsetOperand(minus));
  const DurationLiteral* literal = LiteralIn(offset);
  return literal != nullptr && literal->seconds == 0 ? nullptr : offset;
}

// In the tree an offset is one operand, with or without a minus: what is printed behind it would
// otherwise be read as the rest of its duration.
const Duration* DurationParser::AsOperand(const Duration* whole) {
  return IsOperand(*whole) ? whole : New(DurationParens{whole});
}

const Duration* DurationParser::ParseOffsetOperand(bool minus) {
  if (tokens_.Is(kNumber)) return ParseLiteral(minus);
  const Duration* operand = ParseOperand();
  return minus ? Minus(operand) : operand;
}

// Climbs precedences; ^ binds to the right.
const Duration* DurationParser::ParseBinary(int lowest) {
  TokenStream::Level level(&tokens_);
  const Duration* left = ParseSigned();
  while (true) {
    Operator op = OperatorOf(tokens_.Now().kind);
    if (op.precedence == 0 || op.precedence < lowest) return left;
    Token token = tokens_.Take();
    if (++operators_ > kDeepest) throw QueryFault{token.begin, "too many operators in a duration"};
    const Duration* right =
        ParseBinary(op.precedence == kPowerBinding ? kPowerBinding : op.precedence + 1);
    CheckDivisor(op.sign, right, token);
    left = New(DurationBinary{op.sign, left, right});
  }
}

void DurationParser::CheckDivisor(char op, const Duration* right, const Token& token) {
  const DurationLiteral* literal = LiteralIn(right);
  if (literal == nullptr || literal->seconds != 0 || (op != '/' && op != '%')) return;
  throw QueryFault{token.begin, op == '/' ? "division by zero" : "modulo by zero"};
}

const Duration* DurationParser::ParseSigned() {
  if (tokens_.Accept(kAdd)) return ParseBinary(kPowerBinding);
  if (tokens_.Accept(kSubtract)) return Minus(ParseBinary(kPowerBinding));
  return ParseOperand();
}

const Duration* DurationParser::ParseOperand() {
  switch (tokens_.Now().kind) {
    case kNumber:
      return ParseLiteral(false);
    case kLeftParen:
      return ParseParens();
    case kStep:
      return ParseSource(DurationSource::kStep);
    case kRange:
      return ParseSource(DurationSource::kRange);
    case kMaxOf:
      return ParseChoice(true);
    case kMinOf:
      return ParseChoice(false);
    default:
      tokens_.Unexpected("duration", kExpected);
  }
}

const Duration* DurationParser::ParseLiteral(bool minus) {
  Token token = tokens_.Take();
  std::optional<NumberOrDuration> number = ParseNumber(tokens_.TextOf(token));
  if (!number) {
    throw QueryFault{token.begin, "bad number or duration syntax: \"" +
                                      std::string(tokens_.TextOf(token)) + "\""};
  }
  if (!(number->value <= kLongest)) throw QueryFault{token.begin, "duration out of range"};
  return New(DurationLiteral{minus ? -number->value : number->value, !number->duration});
}

const Duration* DurationParser::ParseSource(DurationSource source) {
  tokens_.Take();
  tokens_.Expect(kLeftParen, "duration", "\"(\"");
  tokens_.Expect(kRightParen, "duration", "\")\"");
  return New(DurationCall{source});
}

const Duration* DurationParser::ParseChoice(bool greater) {
  tokens_.Take();
  tokens_.Expect(kLeftParen, "duration", "\"(\"");
  const Duration* left = ParseBinary(kSumBinding);
  tokens_.Expect(kComma, "duration", "\",\"");
  const Duration* right = ParseBinary(kSumBinding);
  tokens_.Expect(kRightParen, "duration", "\")\"");
  return New(DurationChoice{greater, left, right});
}

const Duration* DurationParser::ParseParens() {
  tokens_.Take();
  const Duration* inner = ParseBinary(kSumBinding);
  tokens_.Expect(kRightParen, "duration", "\")\"");
  return New(DurationParens{inner});
}

// A negative literal is one literal: "-5m".
const Duration* DurationParser::Minus(const Duration* operand) {
  const DurationLiteral* literal = LiteralIn(operand);
  if (literal == nullptr) return New(DurationMinus{operand});
  return New(DurationLiteral{-literal->seconds, literal->number});
}

// A literal alone is a duration wherever a duration can say it: Prometheus before 3.0 knows no
// numbers there.
const Duration* DurationParser::Normal(const Duration* duration) {
  const DurationLiteral* literal = LiteralIn(duration);
  if (literal == nullptr) return duration;
  return New(DurationLiteral{literal->seconds, !IsWholeMilliseconds(literal->seconds)});
}

}  // namespace usage::gateway
