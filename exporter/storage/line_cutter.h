// Ends a call to a server that does not answer.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace usage {

// Cuts the line of one connection when a call on it takes too long; the call then fails as if the
// server had gone. libpq's blocking calls, and so libpqxx's, know no time limit, and the server's
// own statement_timeout is kept by a server that runs, not by one that stands still.
//
// Limits are set by one thread; they nest, and the inner one counts while it lives.
class LineCutter {
 public:
  using Clock = std::chrono::steady_clock;

  explicit LineCutter(int socket);
  LineCutter(const LineCutter&) = delete;
  LineCutter& operator=(const LineCutter&) = delete;

  class Limit {
   public:
    Limit(LineCutter& cutter, std::chrono::milliseconds time)
        : cutter_(cutter), outer_(cutter.SetDeadline(Clock::now() + time)) {}
    ~Limit() { cutter_.SetDeadline(outer_); }
    Limit(const Limit&) = delete;
    Limit& operator=(const Limit&) = delete;

   private:
    LineCutter& cutter_;
    const Clock::time_point outer_;
  };

  bool has_cut() const;

 private:
  Clock::time_point SetDeadline(Clock::time_point deadline);  // returns the one before
  void Watch(const std::stop_token& stop);

  const int socket_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Clock::time_point deadline_ = Clock::time_point::max();
  bool has_cut_ = false;
  std::jthread thread_;  // the last member: it uses the others
};

}  // namespace usage
