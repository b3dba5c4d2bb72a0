// Lets a router that does not answer rest.
#pragma once

#include <chrono>

namespace usage {

// A circuit breaker: after kFailures failures in a row the router rests, at first for two
// intervals, then twice as long each time, up to kLongestRest. After a rest it is tried once. Any
// success ends all of it. Not thread-safe.
class Breaker {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr int kFailures = 3;
  static constexpr std::chrono::milliseconds kLongestRest = std::chrono::minutes(1);

  explicit Breaker(std::chrono::milliseconds interval) : interval_(interval) {}

  void Succeeded() { failures_ = 0; }
  void Failed(Time now);

  // It failed last time: what it takes must not be what others need.
  bool is_suspect() const { return failures_ > 0; }
  bool is_resting() const { return failures_ >= kFailures; }
  // Of one that rests.
  Time rests_until() const { return rests_until_; }

 private:
  const std::chrono::milliseconds interval_;
  int failures_ = 0;  // in a row
  std::chrono::milliseconds rest_{0};
  Time rests_until_;
};

}  // namespace usage
