// MAC addresses as numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace usage {

// Reads 02:AB:…, 02-ab-…, 02ab.cdef.0123 and 02abcdef0123, in any case. No value for anything else
// and for 00:00:00:00:00:00, which means "not known".
std::optional<uint64_t> ParseMac(std::string_view text);

// "02:AB:CD:EF:01:23".
std::string FormatMac(uint64_t mac);

}  // namespace usage
