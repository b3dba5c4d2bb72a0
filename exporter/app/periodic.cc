#include "app/periodic.h"

namespace usage {

Periodic::Periodic(std::chrono::milliseconds interval, Body body)
    : interval_(interval), body_(std::move(body)), thread_([this](std::stop_token s) { Run(s); }) {}

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
    std::unique_lock lock(mutex_);
    wake_.wait_until(lock, stop, next, [] { return false; });
  }
}

}  // namespace usage
