// The time of day enters through here, so that tests can turn it.
#pragma once

#include <atomic>

#include "core/types.h"

namespace usage {

class Clock {
 public:
  virtual ~Clock() = default;
  // The wall clock. May jump either way: intervals are measured with std::chrono::steady_clock.
  // Thread-safe.
  virtual Instant Now() const = 0;
};

class SystemClock : public Clock {
 public:
  Instant Now() const override {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
  }
};

// A clock that stands still until it is told to move.
class VirtualClock : public Clock {
 public:
  explicit VirtualClock(Instant start) : micros_(UnixMicros(start)) {}
  Instant Now() const override { return FromUnixMicros(micros_.load()); }
  void Set(Instant t) { micros_.store(UnixMicros(t)); }
  void Advance(Duration d) { micros_.fetch_add(d.count()); }

 private:
  std::atomic<int64_t> micros_;
};

}  // namespace usage
