// Keys in 16 bytes where they are uuids or 32 hexadecimal digits, as most are: a reader remembers
// millions of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace usage {

struct PackedKey {
  enum class Form : uint8_t {
    kUuid,  // 36 characters
    kHex,   // 32
    kText,  // anything else: the words are a hash, and the text is kept elsewhere
  };

  uint64_t high = 0;
  uint64_t low = 0;
  Form form = Form::kText;

  friend bool operator==(const PackedKey&, const PackedKey&) = default;

  static PackedKey Of(std::string_view text);
  // Of kUuid and kHex the text again.
  std::string ToText() const;
  uint64_t hash() const;
};

}  // namespace usage
