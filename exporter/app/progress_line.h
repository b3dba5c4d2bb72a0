// How far long work is, for a person who waits.
#pragma once

#include <chrono>
#include <ostream>
#include <string>

namespace usage {

// A line that is written over on a terminal; elsewhere a line every ten seconds. One thread at a
// time.
class ProgressLine {
 public:
  ProgressLine(std::ostream& out, bool is_terminal) : out_(out), is_terminal_(is_terminal) {}
  ~ProgressLine() { Clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // `what`: "orgs"; `note`: the newest one. With the rate, and the time that is left at that rate.
  void Show(size_t done, size_t total, const std::string& what, const std::string& note);
  // Makes room for other lines.
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::ostream& out_;
  const bool is_terminal_;
  const Clock::time_point begin_ = Clock::now();
  Clock::time_point next_ = begin_;
  bool is_shown_ = false;
};

}  // namespace usage
