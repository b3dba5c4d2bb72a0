// PromQL's text as tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace usage::gateway {

enum class TokenKind : uint8_t {
  kEnd,
  kIdentifier,        // without ':'
  kMetricIdentifier,  // with ':'
  kNumber,            // also a duration: 5m, 1h30m
  kString,            // with its quotes

  kLeftParen,
  kRightParen,
  kLeftBrace,
  kRightBrace,
  kLeftBracket,
  kRightBracket,
  kComma,
  kColon,
  kAt,
  kAssign,      // =
  kMatches,     // =~
  kMatchesNot,  // !~

  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kPower,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kTrimUpper,  // </
  kTrimLower,  // >/
  // Words from here on; in braces there are none of them, only identifiers.
  kAnd,
  kOr,
  kUnless,
  kAtan2,

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

  kAnchored,
  kBool,
  kBy,
  kFill,
  kFillLeft,
  kFillRight,
  kGroupLeft,
  kGroupRight,
  kIgnoring,
  kOffset,
  kOn,
  kSmoothed,
  kWithout,

  kEndWord,
  kMaxOf,
  kMinOf,
  kRange,
  kStart,
  kStep,
};

constexpr bool IsAggregator(TokenKind kind) {
  return kind >= TokenKind::kAvg && kind <= TokenKind::kTopk;
}
constexpr bool IsWord(TokenKind kind) { return kind >= TokenKind::kAnd; }

struct Token {
  TokenKind kind = TokenKind::kEnd;
  uint32_t begin = 0;
  uint32_t end = 0;
};

// The keyword that a word is, whatever its case; kIdentifier for none. kNumber for inf and nan.
TokenKind KeywordOf(std::string_view word);

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
constexpr bool IsWordCharacter(char c) { return IsLetter(c) || IsDigit(c); }

// Next() throws QueryFault for what is no token. Small, to be copied for a look ahead.
class Lexer {
 public:
  // The text, of less than 4 GiB, is valid UTF-8 and outlives the lexer.
  explicit Lexer(std::string_view text) : text_(text) {}

  // kEnd at the end, and ever after.
  Token Next();

 private:
  char At(size_t at) const { return at < text_.size() ? text_[at] : '\0'; }
  void SkipSpaceAndComments();
  TokenKind Scan();
  TokenKind Take(size_t count, TokenKind kind);
  TokenKind ScanSymbol();
  TokenKind ScanEquals();
  TokenKind ScanBang();
  TokenKind ScanAngle();
  TokenKind ScanNumber();
  TokenKind ScanWord();
  TokenKind ScanString(char quote);
  void ScanEscape(char quote);
  TokenKind OpenBrace();
  [[noreturn]] void RefuseCharacter() const;
  bool ParenFollows() const;
  [[noreturn]] void Fail(size_t at, const char* what) const;

  std::string_view text_;
  size_t at_ = 0;
  bool in_braces_ = false;
  bool in_brackets_ = false;
};

}  // namespace usage::gateway
