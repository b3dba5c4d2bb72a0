#include "core/mac.h"

#include <cstdio>

namespace usage {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsDivider(char c) { return c == ':' || c == '-' || c == '.'; }

}  // namespace

std::optional<uint64_t> ParseMac(std::string_view text) {
  uint64_t mac = 0;
  int digits = 0;
  for (char c : text) {
    if (IsDivider(c) && digits % 2 == 0 && digits > 0 && digits < 12) continue;
    const int digit = HexDigit(c);
    if (digit < 0 || ++digits > 12) return std::nullopt;
    mac = mac << 4 | static_cast<uint64_t>(digit);
  }
  if (digits != 12 || mac == 0) return std::nullopt;
  return mac;
}

std::string FormatMac(uint64_t mac) {
  char text[18];
  const auto byte = [&](int index) {
    return static_cast<unsigned>(mac >> (40 - 8 * index) & 0xff);
  };
  std::snprintf(text, sizeof text, "%02X:%02X:%02X:%02X:%02X:%02X", byte(0), byte(1), byte(2),
                byte(3), byte(4), byte(5));
  return text;
}

}  // namespace usage
