#include "sources/postgres/row_values.h"

#include "net/postgres.h"

namespace usage {
namespace {

constexpr int64_t kDay = 86'400'000'000;
constexpr int64_t kEarliest = 7305 * kDay;  // 1990-01-01
constexpr int64_t kLatest = 84006 * kDay;   // 2200-01-01

// The bytes that a UTF-8 sequence has after this first one; -1: it cannot be a first one.
int Followers(unsigned char first) {
  if (first < 0x80) return 0;
  if (first >= 0xc2 && first < 0xe0) return 1;
  if (first >= 0xe0 && first < 0xf0) return 2;
  if (first >= 0xf0 && first < 0xf5) return 3;
  return -1;
}

// Overlong forms, surrogates and what is beyond U+10FFFF show in the second byte (RFC 3629, 4).
bool IsSecond(unsigned char first, unsigned char second) {
  if (first == 0xe0) return second >= 0xa0 && second < 0xc0;
  if (first == 0xed) return second >= 0x80 && second < 0xa0;
  if (first == 0xf0) return second >= 0x90 && second < 0xc0;
  if (first == 0xf4) return second >= 0x80 && second < 0x90;
  return second >= 0x80 && second < 0xc0;
}

bool IsSequence(std::string_view bytes) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() > 1 && !IsSecond(at(0), at(1))) return false;
  for (size_t i = 2; i < bytes.size(); ++i) {
    if (at(i) < 0x80 || at(i) >= 0xc0) return false;
  }
  return true;
}

constexpr bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

std::optional<int64_t> PossibleTime(std::optional<int64_t> timestamp, CaseSet& cases) {
  if (!timestamp) return std::nullopt;
  int64_t micros = 0;
  const bool is_far = __builtin_add_overflow(*timestamp, kPgEpochUnixMicros, &micros);
  if (!is_far && micros >= kEarliest && micros < kLatest) return micros;
  cases.Add(SourceCase::kImpossibleTime);
  return std::nullopt;
}

std::optional<uint64_t> Counter(std::optional<int64_t> value, CaseSet& cases) {
  if (!value) return std::nullopt;
  if (*value >= 0) return static_cast<uint64_t>(*value);
  cases.Add(SourceCase::kNegativeCounter);
  return std::nullopt;
}

Access AccessOf(std::optional<std::string_view> text, CaseSet& cases) {
  if (text) {
    if (const auto access = ParseAccess(*text)) return *access;
    if (const auto access = ParseAccess(Normalised(*text))) return *access;
  }
  cases.Add(SourceCase::kUnknownAccess);
  return Access::kHotspot;
}

std::string TextOf(std::optional<std::string_view> text, CaseSet& cases) {
  if (!text) return "";
  if (!IsUtf8(*text)) cases.Add(SourceCase::kBrokenText);
  return std::string(*text);
}

std::string Normalised(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  std::string normalised(text);
  for (char& c : normalised) c = Lower(c);
  return normalised;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const int followers = Followers(static_cast<unsigned char>(text.front()));
    const auto size = static_cast<size_t>(followers + 1);
    if (followers < 0 || size > text.size() || !IsSequence(text.substr(0, size))) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace usage
