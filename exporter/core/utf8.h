// UTF-8 (RFC 3629).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace usage {

// The bytes of the character that begins at `at`, which is inside of the text; 0: none does.
size_t Utf8CharacterSize(std::string_view text, size_t at);

// The text as it is if all of it is UTF-8; else with each byte taken for a character of latin-1,
// which is what devices that keep bytes as they were typed have mostly been given.
std::string RepairedUtf8(std::string_view text);

}  // namespace usage
