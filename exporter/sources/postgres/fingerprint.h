// A hash that tells whether a row is as it was.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/types.h"

namespace usage {

inline uint64_t FoldedProduct(uint64_t a, uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// 64 bits of `bytes`, never 0. Not against people who choose the bytes: whoever can write the
// rows can write what they like into them anyway.
inline uint64_t Fingerprint(std::string_view bytes) {
  constexpr uint64_t kOdd = 0x9e3779b97f4a7c15;  // 2^64 / the golden ratio
  uint64_t hash = bytes.size() ^ kOdd;
  while (!bytes.empty()) {
    uint64_t word = 0;
    const size_t size = bytes.size() < 8 ? bytes.size() : 8;
    std::memcpy(&word, bytes.data(), size);
    hash = FoldedProduct(hash ^ word, 0xd6e8feb86659fd93) + kOdd;
    bytes.remove_prefix(size);
  }
  hash = FoldedProduct(hash, kOdd);
  return hash == 0 ? 1 : hash;
}

}  // namespace usage
