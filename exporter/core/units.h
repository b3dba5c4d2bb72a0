// Durations, rates and sizes as people write them in files.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace usage {

// "500ms", "5s", "1h30m", "7d": whole numbers with the units d h m s ms, the larger first, each
// once. No value for anything else, or beyond a thousand years.
std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text);
// As ParseDuration reads it: "1h30m"; "0s".
std::string FormatDuration(std::chrono::milliseconds duration);

// "100Gbit/s", "512kbit/s": a whole number of bit/s, kbit/s, Mbit/s, Gbit/s, Tbit/s (powers of
// 1000). No value for anything else, or beyond 64 bits.
std::optional<uint64_t> ParseBitRate(std::string_view text);

// "500GB", "2TiB", "1048576": a whole number of bytes, B, kB, MB, GB, TB (powers of 1000), KiB,
// MiB, GiB, TiB (powers of 1024). No value for anything else, or beyond 64 bits.
std::optional<uint64_t> ParseByteSize(std::string_view text);

}  // namespace usage
