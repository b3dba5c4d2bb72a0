#include "gateway/literals.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>

#include "core/utf8.h"
#include "gateway/lexer.h"

namespace usage::gateway {
namespace {

struct Unit {
  std::string_view name;
  int64_t ms;
};

// As Prometheus orders them; each at most once.
constexpr Unit kUnits[] = {
    {"y", 31'536'000'000}, {"w", 604'800'000}, {"d", 86'400'000}, {"h", 3'600'000},
    {"m", 60'000},         {"s", 1'000},       {"ms", 1}};
constexpr int64_t kLongestMs = std::numeric_limits<int64_t>::max() / 1'000'000;  // in ns: int64
constexpr double kMostExactMs = 9007199254740992.0;                              // 2^53

std::optional<int64_t> TakeWhole(std::string_view* text) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || text->front() == '-') return std::nullopt;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return value;
}

// The unit at the front, which must be behind those before `from`; the index behind it.
const Unit* TakeUnit(std::string_view* text, const Unit** from) {
  std::string_view letters = text->substr(0, text->find_first_of("0123456789"));
  for (const Unit* unit = *from; unit != std::end(kUnits); ++unit) {
    if (unit->name != letters) continue;
    text->remove_prefix(letters.size());
    *from = unit + 1;
    return unit;
  }
  return nullptr;
}

std::optional<double> ParseDuration(std::string_view text) {
  int64_t total = 0;
  const Unit* next = std::begin(kUnits);
  while (!text.empty()) {
    std::optional<int64_t> count = TakeWhole(&text);
    const Unit* unit = count ? TakeUnit(&text, &next) : nullptr;
    if (unit == nullptr || *count > (kLongestMs - total) / unit->ms) return std::nullopt;
    total += *count * unit->ms;
  }
  return static_cast<double>(total) / 1000;
}

std::optional<double> ParseInteger(std::string_view digits, int base) {
  int64_t value = 0;
  const char* end = digits.data() + digits.size();
  auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  if (error != std::errc() || stop != end || digits.empty()) return std::nullopt;
  return static_cast<double>(value);
}

// Go's ParseFloat takes what is too small for 0, and refuses what is too large.
std::optional<double> ParseDecimal(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc()) return value;
  bool small =
      text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos;
  return small ? std::optional(0.0) : std::nullopt;
}

bool HasHexPrefix(std::string_view text) {
  return text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == 'x';
}

bool IsDigitAt(std::string_view text, size_t at, bool hexadecimal) {
  if (at >= text.size()) return false;
  return IsDigit(text[at]) ||
         (hexadecimal && std::isxdigit(static_cast<unsigned char>(text[at])) != 0);
}

// Each '_' stands between two digits, or between a base prefix and a digit.
std::optional<std::string> WithoutUnderscores(std::string_view text) {
  bool hexadecimal = HasHexPrefix(text);
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      plain += text[i];
      continue;
    }
    bool prefix = i == 2 && hexadecimal;
    if (!(IsDigitAt(text, i - 1, hexadecimal) || prefix) || !IsDigitAt(text, i + 1, hexadecimal)) {
      return std::nullopt;
    }
  }
  return plain;
}

std::optional<double> ParsePlainNumber(std::string_view text) {
  if (HasHexPrefix(text)) return ParseInteger(text.substr(2), 16);
  if (text.size() > 1 && text[0] == '0') {
    if (std::optional<double> octal = ParseInteger(text, 8)) return octal;
  }
  return ParseDecimal(text);
}

std::optional<double> ParseWord(std::string_view text) {
  if ((text[0] | 0x20) == 'i') return std::numeric_limits<double>::infinity();
  return std::numeric_limits<double>::quiet_NaN();
}

void AppendInteger(int64_t value, std::string& out) {
  char buffer[24];
  auto [end, error] = std::to_chars(buffer, std::end(buffer), value);
  out.append(buffer, end);
}

// Years and weeks only where nothing remains: 90d reads better than 12w6d.
void AppendMilliseconds(int64_t ms, std::string& out) {
  if (ms == 0) out += "0s";
  for (const Unit& unit : kUnits) {
    bool coarse = unit.name == "y" || unit.name == "w";
    if (ms < unit.ms || (coarse && ms % unit.ms != 0)) continue;
    AppendInteger(ms / unit.ms, out);
    out += unit.name;
    ms %= unit.ms;
  }
}

void AppendUtf8(uint32_t code, std::string& out) {
  auto byte = [&](uint32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      byte(0xe0 | code >> 12);
    } else {
      byte(0xf0 | code >> 18);
      byte(0x80 | (code >> 12 & 0x3f));
    }
    byte(0x80 | (code >> 6 & 0x3f));
  }
  byte(0x80 | (code & 0x3f));
}

constexpr std::string_view kEscapeLetters = "abfnrtv\\";
constexpr std::string_view kEscapeValues = "\a\b\f\n\r\t\v\\";

uint32_t ParseCode(std::string_view digits, int base) {
  uint32_t code = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), code, base);
  return code;
}

// `text` is behind the backslash; takes the escape away.
void AppendEscape(std::string_view* text, std::string& out) {
  char letter = text->front();
  size_t size = 1;
  if (size_t i = kEscapeLetters.find(letter); i != std::string_view::npos) {
    out += kEscapeValues[i];
  } else if (letter == 'x') {
    size = 3;
    out += static_cast<char>(ParseCode(text->substr(1, 2), 16));
  } else if (letter == 'u' || letter == 'U') {
    size = letter == 'u' ? 5 : 9;
    AppendUtf8(ParseCode(text->substr(1, size - 1), 16), out);
  } else if (IsDigit(letter)) {
    size = 3;
    out += static_cast<char>(ParseCode(text->substr(0, 3), 8));
  } else {
    out += letter;  // the quote
  }
  text->remove_prefix(size);
}

void AppendByteEscaped(char c, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  if (size_t i = kEscapeValues.find(c); i != std::string_view::npos) {
    out += {'\\', kEscapeLetters[i]};
    return;
  }
  auto byte = static_cast<unsigned char>(c);
  out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
}

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // see Lexer::ScanString

// The character that begins at `at`; the bytes it has.
size_t AppendCharacter(std::string_view value, size_t at, std::string& out) {
  size_t size = Utf8CharacterSize(value, at);
  if (size < 2) {
    AppendByteEscaped(value[at], out);
    return 1;
  }
  std::string_view character = value.substr(at, size);
  out += character == kReplacement ? "\\ufffd" : character;
  return size;
}

bool NeedsNoEscape(char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; }

}  // namespace

std::optional<NumberOrDuration> ParseNumber(std::string_view text) {
  if (IsLetter(text[0])) return NumberOrDuration{*ParseWord(text), false};
  std::optional<double> number;
  if (text.find('_') == std::string_view::npos) {
    number = ParsePlainNumber(text);
  } else if (std::optional<std::string> plain = WithoutUnderscores(text)) {
    number = ParsePlainNumber(*plain);
  }
  if (number) return NumberOrDuration{*number, false};
  std::optional<double> seconds = ParseDuration(text);
  if (!seconds) return std::nullopt;
  return NumberOrDuration{*seconds, true};
}

void AppendNumber(double value, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value < 0 ? "-Inf" : "Inf";
  } else if (std::abs(value) < 1e15 && value == std::trunc(value) && !std::signbit(value)) {
    AppendInteger(static_cast<int64_t>(value), out);
  } else {
    char buffer[32];
    auto [end, error] = std::to_chars(buffer, std::end(buffer), value);
    out.append(buffer, end);
  }
}

bool IsWholeMilliseconds(double seconds) {
  double ms = std::round(seconds * 1000);
  return std::abs(ms) <= std::min(kMostExactMs, static_cast<double>(kLongestMs)) &&
         ms / 1000 == seconds;
}

void AppendSeconds(double seconds, std::string& out) {
  if (!IsWholeMilliseconds(seconds)) return AppendNumber(seconds, out);
  if (seconds < 0) out += '-';
  AppendMilliseconds(std::llround(std::abs(seconds) * 1000), out);
}

std::string Unescape(std::string_view token) {
  std::string_view rest = token.substr(1, token.size() - 2);
  std::string value;
  value.reserve(rest.size());
  while (!rest.empty()) {
    size_t plain = std::min(rest.find('\\'), rest.size());
    value += rest.substr(0, plain);
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    rest.remove_prefix(1);
    AppendEscape(&rest, value);
  }
  return value;
}

void AppendQuoted(std::string_view value, std::string& out) {
  out += '"';
  for (size_t at = 0; at < value.size();) {
    size_t begin = at;
    while (at < value.size() && NeedsNoEscape(value[at])) ++at;
    out += value.substr(begin, at - begin);
    if (at == value.size()) break;
    if (value[at] == '"') {
      out += "\\\"";
      ++at;
    } else {
      at += AppendCharacter(value, at, out);
    }
  }
  out += '"';
}

bool IsPlainLabel(std::string_view name) {
  return !name.empty() && IsLetter(name[0]) &&
         std::all_of(name.begin(), name.end(), IsWordCharacter);
}

}  // namespace usage::gateway
