// Integers to decimal text, faster than std::to_chars where most values are large and no two
// neighbours have as many digits.
#pragma once

#include <bit>
#include <charconv>
#include <cstdint>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace usage {

inline constexpr int kDecimalScratch = 15;  // bytes before `out` that may be overwritten
inline constexpr int kDecimalMaxChars = 20;

#ifdef __SSE2__
// The sixteen digits of n < 10^16 as bytes 0 to 9, leading zeros included: halves in parallel, by
// multiplications with the inverse (exact in these ranges), as no processor divides vectors.
inline __m128i SixteenDigits(uint64_t n) {
  const auto high = static_cast<uint32_t>(n / 100'000'000);
  const auto low = static_cast<uint32_t>(n % 100'000'000);
  const __m128i fours =
      _mm_set_epi32(static_cast<int>(low % 10'000), static_cast<int>(low / 10'000),
                    static_cast<int>(high % 10'000), static_cast<int>(high / 10'000));
  const __m128i hundreds = _mm_srli_epi16(_mm_mulhi_epu16(fours, _mm_set1_epi32(5243)), 3);
  const __m128i rests = _mm_sub_epi16(fours, _mm_mullo_epi16(hundreds, _mm_set1_epi32(100)));
  const __m128i twos = _mm_or_si128(hundreds, _mm_slli_epi32(rests, 16));
  const __m128i tens = _mm_mulhi_epu16(twos, _mm_set1_epi16(6554));
  const __m128i ones = _mm_sub_epi16(twos, _mm_mullo_epi16(tens, _mm_set1_epi16(10)));
  return _mm_or_si128(tens, _mm_slli_epi16(ones, 8));
}
#endif

// Writes `n` at `out` and returns the end. Up to kDecimalScratch bytes before `out` are
// overwritten with leading zeros: storing all sixteen digits at once, and what stands before them
// afterwards, needs no branch on their number, which can't be predicted.
inline char* WriteDecimal(char* out, uint64_t n) {
#ifdef __SSE2__
  if (n < 10'000'000'000'000'000) {
    const __m128i digits = SixteenDigits(n);
    const auto zeros =
        static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(digits, _mm_setzero_si128())));
    const int leading = std::countr_one(zeros & 0x7FFFU);  // the last digit stays
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out - leading),
                     _mm_or_si128(digits, _mm_set1_epi8('0')));
    return out + 16 - leading;
  }
#endif
  return std::to_chars(out, out + kDecimalMaxChars, n).ptr;
}

}  // namespace usage
