#include "sources/postgres/packed_key.h"

#include <array>

#include "sources/postgres/fingerprint.h"

namespace usage {
namespace {

constexpr uint8_t kNoDigit = 16;

constexpr std::array<uint8_t, 256> MakeDigits() {
  std::array<uint8_t, 256> digits{};
  for (auto& digit : digits) digit = kNoDigit;
  for (uint8_t i = 0; i < 10; ++i) digits['0' + i] = i;
  for (uint8_t i = 0; i < 6; ++i) digits['a' + i] = static_cast<uint8_t>(10 + i);
  return digits;
}
constexpr std::array<uint8_t, 256> kDigits = MakeDigits();

constexpr bool IsDashAt(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

// Only what ToText writes again: no capitals, dashes nowhere else.
bool Pack(std::string_view text, bool has_dashes, PackedKey& key) {
  uint64_t words[2] = {0, 0};
  uint8_t all = 0;
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (has_dashes && IsDashAt(i)) {
      if (text[i] != '-') return false;
      continue;
    }
    const uint8_t digit = kDigits[static_cast<unsigned char>(text[i])];
    all |= digit;
    uint64_t& word = words[digits++ / 16];
    word = word << 4 | (digit & 15);
  }
  key.high = words[0];
  key.low = words[1];
  return (all & kNoDigit) == 0;
}

}  // namespace

PackedKey PackedKey::Of(std::string_view text) {
  PackedKey key;
  if (text.size() == 36 && Pack(text, true, key)) {
    key.form = Form::kUuid;
  } else if (text.size() == 32 && Pack(text, false, key)) {
    key.form = Form::kHex;
  } else {
    key = {Fingerprint(text), text.size(), Form::kText};
  }
  return key;
}

std::string PackedKey::ToText() const {
  const size_t size = form == Form::kUuid ? 36 : 32;
  std::string text(size, '-');
  size_t digits = 0;
  for (size_t i = 0; i < size; ++i) {
    if (form == Form::kUuid && IsDashAt(i)) continue;
    const uint64_t word = digits < 16 ? high : low;
    text[i] = "0123456789abcdef"[word >> (60 - digits % 16 * 4) & 15];
    ++digits;
  }
  return text;
}

uint64_t PackedKey::hash() const {
  return FoldedProduct(FoldedProduct(high ^ 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93) ^ low,
                       0x9e3779b97f4a7c15 + 2 * static_cast<uint64_t>(form));
}

}  // namespace usage
