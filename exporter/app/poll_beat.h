// When one router's turn is.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace usage {

// A beat every interval, at a phase that the router's name gives: so 100 routers are spread over
// the interval, however they come and go. Each beat is late by up to a kJitter-th of the interval,
// another one each time: what the router itself does every five seconds is not met every time.
// Not thread-safe.
class PollBeat {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr int kJitter = 20;

  PollBeat(std::string_view name, std::chrono::milliseconds interval, Time start);

  Time due() const { return due_; }

  // A poll begins at `now`: on to the first beat after it. Returns how many fell out in between.
  uint64_t Serve(Time now);

  // On to the first beat that is not before `time`.
  void SkipTo(Time time);

 private:
  Time DueOf(uint64_t number) const;

  const std::chrono::microseconds interval_;
  const uint64_t hash_;
  const Time first_;  // beat 0, without jitter
  uint64_t number_ = 0;
  Time due_;
};

}  // namespace usage
