// How long a call has been under way, as other threads see it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace usage {

// Thread-safe. One call at a time is marked: its marker holds a lock of its own.
class BusyTimer {
 public:
  using Clock = std::chrono::steady_clock;

  class Mark {
   public:
    explicit Mark(BusyTimer& timer, Clock::time_point now = Clock::now()) : timer_(timer) {
      timer_.since_ = Nanoseconds(now);
    }
    ~Mark() { timer_.since_ = kIdle; }
    Mark(const Mark&) = delete;
    Mark& operator=(const Mark&) = delete;

   private:
    BusyTimer& timer_;
  };

  // 0 while nobody is marked, which is no long time.
  std::chrono::nanoseconds busy_for(Clock::time_point now = Clock::now()) const {
    const int64_t since = since_;
    return std::chrono::nanoseconds(since == kIdle ? 0 : Nanoseconds(now) - since);
  }

 private:
  static constexpr int64_t kIdle = 0;
  static int64_t Nanoseconds(Clock::time_point t) {
    return std::chrono::nanoseconds(t.time_since_epoch()).count();
  }

  std::atomic<int64_t> since_{kIdle};
};

}  // namespace usage
