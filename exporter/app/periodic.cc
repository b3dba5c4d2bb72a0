#include "app/periodic.h"

#include <algorithm>
#include <utility>

namespace usage {

Periodic::Periodic(std::chrono::milliseconds interval, Body body, std::function<void()> woken)
    : interval_(interval),
      body_(std::move(body)),
      woken_(std::move(woken)),
      thread_([this](std::stop_token s) { Run(s); }) {}

void Periodic::Wake() {
  {
    std::lock_guard lock(mutex_);
    is_woken_ = true;
  }
  wake_.notify_one();
}

void Periodic::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Periodic::Run(std::stop_token stop) {
  auto next = std::chrono::steady_clock::now();
  uint64_t missed = 0;
  while (!stop.stop_requested()) {
    body_(missed);
    auto late = std::chrono::steady_clock::now() - next;
    missed = static_cast<uint64_t>(late / interval_);
    next += interval_ * (missed + 1);
    WaitUntil(next, stop);
  }
}

void Periodic::WaitUntil(Time next, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (wake_.wait_until(lock, stop, next, [this] { return is_woken_; })) {
    is_woken_ = false;
    if (stop.stop_requested()) return;
    lock.unlock();
    const Time begin = std::chrono::steady_clock::now();
    woken_();
    const Time end = std::chrono::steady_clock::now();
    lock.lock();
    const Time earliest = std::max(begin + kPause, end + (end - begin));
    wake_.wait_until(lock, stop, std::min(next, earliest), [] { return false; });
  }
}

}  // namespace usage
