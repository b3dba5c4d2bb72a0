// When to try again what failed.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace usage {

// Waits that double from 1 s to 1 min, each shortened by up to a half at random, so that many
// readers do not come back to a restarted server in one moment. Of one thread.
class Backoff {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void Failed(Time now) {
    std::uniform_real_distribution<double> part(0.5, 1.0);
    next_ = now + std::chrono::duration_cast<std::chrono::milliseconds>(wait_ * part(random_));
    wait_ = std::min<std::chrono::milliseconds>(wait_ * 2, std::chrono::minutes(1));
  }

  void Succeeded() { *this = Backoff(); }

  // How long to wait yet; nothing or less: try now.
  std::chrono::milliseconds Left(Time now) const {
    return std::chrono::ceil<std::chrono::milliseconds>(next_ - now);
  }

 private:
  std::chrono::milliseconds wait_{1000};
  Time next_{};
  std::minstd_rand random_{std::random_device()()};
};

}  // namespace usage
