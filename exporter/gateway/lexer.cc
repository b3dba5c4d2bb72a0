#include "gateway/lexer.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "core/utf8.h"
#include "gateway/enforce.h"

namespace usage::gateway {
namespace {

using enum TokenKind;

struct Keyword {
  std::string_view word;
  TokenKind kind;
};

// Sorted by word.
constexpr Keyword kKeywords[] = {
    {"anchored", kAnchored},
    {"and", kAnd},
    {"atan2", kAtan2},
    {"avg", kAvg},
    {"bool", kBool},
    {"bottomk", kBottomk},
    {"by", kBy},
    {"count", kCount},
    {"count_values", kCountValues},
    {"end", kEndWord},
    {"fill", kFill},
    {"fill_left", kFillLeft},
    {"fill_right", kFillRight},
    {"group", kGroup},
    {"group_left", kGroupLeft},
    {"group_right", kGroupRight},
    {"ignoring", kIgnoring},
    {"inf", kNumber},
    {"limit_ratio", kLimitRatio},
    {"limitk", kLimitk},
    {"max", kMax},
    {"max_of", kMaxOf},
    {"min", kMin},
    {"min_of", kMinOf},
    {"nan", kNumber},
    {"offset", kOffset},
    {"on", kOn},
    {"or", kOr},
    {"quantile", kQuantile},
    {"range", kRange},
    {"smoothed", kSmoothed},
    {"start", kStart},
    {"stddev", kStddev},
    {"stdvar", kStdvar},
    {"step", kStep},
    {"sum", kSum},
    {"topk", kTopk},
    {"unless", kUnless},
    {"without", kWithout},
};
constexpr size_t kLongestKeyword = 12;

constexpr bool Before(const Keyword& keyword, std::string_view word) { return keyword.word < word; }

static_assert(std::is_sorted(std::begin(kKeywords), std::end(kKeywords),
                             [](const Keyword& a, const Keyword& b) { return a.word < b.word; }));
static_assert(std::all_of(std::begin(kKeywords), std::end(kKeywords), [](const Keyword& keyword) {
  return keyword.word.size() <= kLongestKeyword;
}));

struct Symbol {
  char character;
  TokenKind kind;
};

// Those that are a token whatever comes behind them.
constexpr Symbol kSymbols[] = {
    {'(', kLeftParen},   {')', kRightParen},   {',', kComma},  {'}', kRightBrace},
    {'[', kLeftBracket}, {']', kRightBracket}, {'+', kAdd},    {'-', kSubtract},
    {'*', kMultiply},    {'/', kDivide},       {'%', kModulo}, {'^', kPower},
    {'@', kAt},          {':', kColon},
};

constexpr bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

constexpr int DigitValue(char c) {
  if (IsDigit(c)) return c - '0';
  char lower = Lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 16;
}

// How the number of an escape is written: \377, \xff, \uffff, \U0010ffff.
struct EscapeForm {
  size_t skip;  // the letter before the digits
  size_t digits;
  int base;
  uint32_t greatest;
};

constexpr uint32_t kGreatestCodePoint = 0x10ffff;

bool IsSurrogate(uint32_t code) { return code >= 0xd800 && code < 0xe000; }

EscapeForm FormOf(char letter) {
  switch (letter) {
    case 'x':
      return {1, 2, 16, 255};
    case 'u':
      return {1, 4, 16, kGreatestCodePoint};
    case 'U':
      return {1, 8, 16, kGreatestCodePoint};
    default:
      return {0, 3, 8, 255};
  }
}

}  // namespace

TokenKind KeywordOf(std::string_view word) {
  if (word.size() > kLongestKeyword) return kIdentifier;
  char lower[kLongestKeyword];
  std::transform(word.begin(), word.end(), lower, Lower);
  std::string_view key(lower, word.size());
  const Keyword* found = std::lower_bound(std::begin(kKeywords), std::end(kKeywords), key, Before);
  return found != std::end(kKeywords) && found->word == key ? found->kind : kIdentifier;
}

void Lexer::Fail(size_t at, const char* what) const { throw QueryFault{at, what}; }

Token Lexer::Next() {
  SkipSpaceAndComments();
  Token token;
  token.begin = static_cast<uint32_t>(at_);
  if (at_ < text_.size()) token.kind = Scan();
  token.end = static_cast<uint32_t>(at_);
  return token;
}

// A comment ends at \n or at \r: a lexer that went on after \r would take for a comment what
// Prometheus evaluates.
void Lexer::SkipSpaceAndComments() {
  for (; at_ < text_.size(); ++at_) {
    if (text_[at_] == '#') {
      at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
      if (at_ == text_.size()) return;
    }
    if (!IsSpace(text_[at_])) return;
  }
}

TokenKind Lexer::Scan() {
  char c = text_[at_];
  if (IsLetter(c) || (c == ':' && !in_braces_ && !in_brackets_)) return ScanWord();
  if (!in_braces_ && (IsDigit(c) || (c == '.' && IsDigit(At(at_ + 1))))) return ScanNumber();
  if (c == '"' || c == '\'' || c == '`') return ScanString(c);
  return ScanSymbol();
}

TokenKind Lexer::Take(size_t count, TokenKind kind) {
  at_ += count;
  return kind;
}

TokenKind Lexer::OpenBrace() {
  if (in_braces_) Fail(at_, "unexpected left brace '{'");
  in_braces_ = true;
  return Take(1, kLeftBrace);
}

TokenKind Lexer::ScanSymbol() {
  char c = text_[at_];
  if (c == '{') return OpenBrace();
  if (c == '=') return ScanEquals();
  if (c == '!') return ScanBang();
  if (c == '<' || c == '>') return ScanAngle();
  const Symbol* symbol = std::find_if(std::begin(kSymbols), std::end(kSymbols),
                                      [&](const Symbol& known) { return known.character == c; });
  if (symbol == std::end(kSymbols)) RefuseCharacter();
  if (c == '}') in_braces_ = false;
  if (c == '[' || c == ']') in_brackets_ = c == '[';
  return Take(1, symbol->kind);
}

void Lexer::RefuseCharacter() const {
  size_t size = std::max<size_t>(1, Utf8CharacterSize(text_, at_));
  std::string where = in_braces_ ? " inside braces: '" : ": '";
  throw QueryFault{at_,
                   "unexpected character" + where + std::string(text_.substr(at_, size)) + "'"};
}

TokenKind Lexer::ScanEquals() {
  char next = At(at_ + 1);
  if (in_braces_) return next == '~' ? Take(2, kMatches) : Take(1, kAssign);
  if (next == '~') Fail(at_, "unexpected character after '=': '~'");
  return next == '=' ? Take(2, kEqual) : Take(1, kAssign);
}

TokenKind Lexer::ScanBang() {
  char next = At(at_ + 1);
  if (next == '=') return Take(2, kNotEqual);
  if (next == '~' && in_braces_) return Take(2, kMatchesNot);
  Fail(at_, in_braces_ ? "unexpected character after '!' inside braces"
                       : "unexpected character after '!'");
}

TokenKind Lexer::ScanAngle() {
  bool less = text_[at_] == '<';
  char next = At(at_ + 1);
  if (next == '=') return Take(2, less ? kLessOrEqual : kGreaterOrEqual);
  if (next == '/') return Take(2, less ? kTrimUpper : kTrimLower);
  return Take(1, less ? kLess : kGreater);
}

// Takes all that could belong to a number or a duration, with the sign of an exponent; whether it
// is one is seen when its value is read. So "5x" is one bad number, not a good one and a word.
TokenKind Lexer::ScanNumber() {
  bool hexadecimal = text_[at_] == '0' && Lower(At(at_ + 1)) == 'x';
  for (;; ++at_) {
    char c = At(at_);
    bool exponent = !hexadecimal && Lower(c) == 'e';
    if (exponent && (At(at_ + 1) == '+' || At(at_ + 1) == '-')) ++at_;
    if (!IsWordCharacter(c) && c != '.') return kNumber;
  }
}

TokenKind Lexer::ScanWord() {
  size_t begin = at_;
  bool colon = false;
  for (; IsWordCharacter(At(at_)) || (At(at_) == ':' && !in_braces_ && !in_brackets_); ++at_) {
    colon |= text_[at_] == ':';
  }
  if (colon) return kMetricIdentifier;
  if (in_braces_) return kIdentifier;
  TokenKind kind = KeywordOf(text_.substr(begin, at_ - begin));
  // Metrics may be called `fill`; only a parenthesis makes it the modifier.
  bool fill = kind == kFill || kind == kFillLeft || kind == kFillRight;
  return fill && !ParenFollows() ? kIdentifier : kind;
}

bool Lexer::ParenFollows() const {
  size_t at = at_;
  while (IsSpace(At(at))) ++at;
  return At(at) == '(';
}

TokenKind Lexer::ScanString(char quote) {
  size_t begin = at_++;
  for (; at_ < text_.size(); ++at_) {
    char c = text_[at_];
    if (c == quote) return Take(1, kString);
    if (quote != '`' && c == '\n') break;
    if (quote != '`' && c == '\\') ScanEscape(quote);
    // Prometheus can't tell a U+FFFD from broken UTF-8, and refuses both.
    if (text_.substr(at_, 3) == "\xef\xbf\xbd") Fail(at_, "invalid UTF-8 rune");
  }
  Fail(begin, quote == '`' ? "unterminated raw string" : "unterminated quoted string");
}

// Leaves at_ at the escape's last byte.
void Lexer::ScanEscape(char quote) {
  char letter = At(++at_);
  if (at_ >= text_.size()) Fail(at_, "escape sequence not terminated");
  if (letter == quote || std::string_view("abfnrtv\\").find(letter) != std::string_view::npos)
    return;
  if (std::string_view("01234567xuU").find(letter) == std::string_view::npos) {
    Fail(at_ - 1, "unknown escape sequence");
  }
  EscapeForm form = FormOf(letter);
  uint32_t code = 0;
  for (size_t i = 0; i < form.digits; ++i) {
    int digit = DigitValue(At(at_ + form.skip + i));
    if (digit >= form.base) Fail(at_ + form.skip + i, "illegal character in escape sequence");
    code = code * static_cast<uint32_t>(form.base) + static_cast<uint32_t>(digit);
  }
  if (code > form.greatest || IsSurrogate(code)) {
    Fail(at_ - 1, "escape sequence is an invalid Unicode code point");
  }
  at_ += form.skip + form.digits - 1;
}

}  // namespace usage::gateway
