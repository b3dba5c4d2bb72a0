// Something that is done again and again on a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace usage {

// Calls `body` at once and then every `interval`, measured from start to start. A call that takes
// longer makes the ones in between fall out: their number is given to the next call. `body` must
// not throw. The destructor lets a call that is under way finish.
class Periodic {
 public:
  using Body = std::function<void(uint64_t missed)>;

  Periodic(std::chrono::milliseconds interval, Body body) : Periodic(interval, body, {}) {}

  // `woken` is called on the same thread when Wake asks for it, between two calls of `body`, whose
  // time that does not move. Between two calls of it at least kPause passes, and at least as long
  // as the last one took: however often Wake is called, half of the time is left.
  static constexpr std::chrono::milliseconds kPause{20};
  Periodic(std::chrono::milliseconds interval, Body body, std::function<void()> woken);
  ~Periodic() { Stop(); }

  // Thread-safe; never waits.
  void Wake();

  // Idempotent; not to be called by the body.
  void Stop();

 private:
  using Time = std::chrono::steady_clock::time_point;
  void Run(std::stop_token stop);
  void WaitUntil(Time next, const std::stop_token& stop);

  const std::chrono::milliseconds interval_;
  const Body body_;
  const std::function<void()> woken_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool is_woken_ = false;  // guarded by mutex_
  std::jthread thread_;    // the last member: it uses the others
};

}  // namespace usage
