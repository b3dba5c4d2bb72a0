// The value of one sample.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>

#include "core/types.h"
#include "metrics/decimal.h"

namespace usage {

// A number, or "no data": then the sample is not shown at all. Integers are exact over the whole
// range of uint64_t, also where a double has no bits left for them (Prometheus rounds them, the
// page does not). Durations are shown in seconds and instants as Unix seconds, exact to
// the microsecond.
class Value {
 public:
  constexpr Value(std::nullopt_t) {}                                             // NOLINT: implicit
  constexpr Value(std::unsigned_integral auto n) : kind_(kInteger), bits_(n) {}  // NOLINT
  constexpr Value(double real) : kind_(kReal), real_(real) {}                    // NOLINT
  constexpr Value(Duration d) : kind_(kMicros), micros_(d.count()) {}            // NOLINT
  constexpr Value(Instant t) : Value(t.time_since_epoch()) {}                    // NOLINT
  template <typename T>
  constexpr Value(const std::optional<T>& v)
      : Value(v ? Value(*v) : Value(std::nullopt)) {}  // NOLINT

  constexpr bool absent() const { return kind_ == kAbsent; }

  // Writes the number as both formats have it, at most kMaxChars, and returns the end. Spoils up
  // to kDecimalScratch bytes before `out` too.
  static constexpr int kMaxChars = 32;
  char* Write(char* out) const {
    return kind_ == kInteger ? WriteDecimal(out, bits_) : WriteOther(out);
  }

 private:
  enum Kind : uint8_t { kAbsent, kInteger, kReal, kMicros };
  char* WriteOther(char* out) const;

  Kind kind_ = kAbsent;
  union {
    uint64_t bits_ = 0;
    double real_;
    int64_t micros_;
  };
};

}  // namespace usage
