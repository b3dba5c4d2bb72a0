// UTF-8 (RFC 3629).
#pragma once

#include <cstddef>
#include <string_view>

namespace usage {

// The bytes of the character that begins at `at`, which is inside of the text; 0: none does.
size_t Utf8CharacterSize(std::string_view text, size_t at);

}  // namespace usage
