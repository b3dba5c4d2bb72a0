// The values of the query API's parameters, as Prometheus reads them (web/api/v1: parseTime,
// parseDuration). Stricter: what has no plain meaning (NaN, infinity, hexadecimal) is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace usage::gateway {

// Seconds of Unix time: a decimal number, or RFC 3339.
std::optional<double> ParseApiTime(std::string_view text);
// Seconds: a decimal number, or a duration such as "1h30m"; y w d h m s ms, each once, the larger
// first.
std::optional<double> ParseApiDuration(std::string_view text);
// A whole number that is not negative.
std::optional<uint64_t> ParseApiCount(std::string_view text);

}  // namespace usage::gateway
