#include "storage/line_cutter.h"

#include <sys/socket.h>

#include <utility>

namespace usage {

LineCutter::LineCutter(int socket)
    : socket_(socket), thread_([this](const std::stop_token& stop) { Watch(stop); }) {}

bool LineCutter::has_cut() const {
  std::lock_guard lock(mutex_);
  return has_cut_;
}

LineCutter::Clock::time_point LineCutter::SetDeadline(Clock::time_point deadline) {
  std::lock_guard lock(mutex_);
  changed_.notify_one();
  return std::exchange(deadline_, deadline);
}

// Under the lock: the thread that set the limit can't have gone on and closed the socket.
void LineCutter::Watch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested() && !has_cut_) {
    if (deadline_ == Clock::time_point::max()) {
      changed_.wait(lock, stop, [this] { return deadline_ != Clock::time_point::max(); });
      continue;
    }
    const auto deadline = deadline_;
    changed_.wait_until(lock, stop, deadline, [&] { return deadline_ != deadline; });
    if (stop.stop_requested() || Clock::now() < deadline_) continue;
    has_cut_ = true;
    ::shutdown(socket_, SHUT_RDWR);
  }
}

}  // namespace usage
