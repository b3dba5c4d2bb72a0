#include "core/utf8.h"

namespace usage {

size_t Utf8CharacterSize(std::string_view text, size_t at) {
  auto byte = [&](size_t i) {
    return static_cast<unsigned char>(at + i < text.size() ? text[at + i] : 0);
  };
  auto follows = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    bool overlong = first == 0xe0 && byte(1) < 0xa0;
    bool surrogate = first == 0xed && byte(1) > 0x9f;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  bool beyond = (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f);
  bool four = first >= 0xf0 && first <= 0xf4 && follows(1) && follows(2) && follows(3);
  return four && !beyond ? 4 : 0;
}

std::string RepairedUtf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t size = Utf8CharacterSize(text, at);
    if (size == 0) break;
    at += size;
  }
  if (at == text.size()) return std::string(text);
  std::string repaired;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) repaired += static_cast<char>(0xc0 | byte >> 6);
    repaired += static_cast<char>(byte < 0x80 ? byte : 0x80 | (byte & 0x3f));
  }
  return repaired;
}

}  // namespace usage
