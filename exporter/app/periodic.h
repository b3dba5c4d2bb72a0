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

  Periodic(std::chrono::milliseconds interval, Body body);
  ~Periodic() { Stop(); }

  // Idempotent; not to be called by the body.
  void Stop();

 private:
  void Run(std::stop_token stop);

  const std::chrono::milliseconds interval_;
  const Body body_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // the last member: it uses the others
};

}  // namespace usage
