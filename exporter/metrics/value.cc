#include "metrics/value.h"

#include <cmath>
#include <cstring>
#include <string_view>

namespace usage {
namespace {

char* Append(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// "1764000000.25": by integers, as a double would round the microseconds.
char* WriteMicros(char* out, int64_t micros) {
  if (micros < 0) *out++ = '-';
  const uint64_t size = micros < 0 ? -static_cast<uint64_t>(micros) : static_cast<uint64_t>(micros);
  out = std::to_chars(out, out + Value::kMaxChars, size / 1'000'000).ptr;
  uint64_t rest = size % 1'000'000;
  if (rest == 0) return out;
  *out++ = '.';
  for (uint64_t digit = 100'000; rest != 0; rest %= digit, digit /= 10) {
    *out++ = static_cast<char>('0' + rest / digit);
  }
  return out;
}

// Ratios such as 0.8 are thousands of a page, and the shortest text of a double takes several times
// as long as an integer's. Up to twelve digits there is one text only that short.
std::optional<int64_t> WholeMicros(double real) {
  const double micros = real * 1e6;
  const bool is_whole = std::abs(micros) < 1e12 && micros == std::trunc(micros);
  if (!is_whole || micros / 1e6 != real || std::signbit(real)) return std::nullopt;
  return static_cast<int64_t>(micros);
}

char* WriteReal(char* out, double real) {
  if (const auto micros = WholeMicros(real)) return WriteMicros(out, *micros);
  if (std::isnan(real)) return Append(out, "NaN");
  if (std::isinf(real)) return Append(out, real > 0 ? "+Inf" : "-Inf");
  return std::to_chars(out, out + Value::kMaxChars, real).ptr;
}

}  // namespace

char* Value::WriteOther(char* out) const {
  return kind_ == kReal ? WriteReal(out, real_) : WriteMicros(out, micros_);
}

}  // namespace usage
