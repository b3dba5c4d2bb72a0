// Which router is polled next.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "app/breaker.h"
#include "app/poll_beat.h"
#include "sources/routers/router_source.h"

namespace usage {

// Whose turn it is, and for whom there is room. Pure: the time comes in with each call, and never
// goes back. Not thread-safe.
//
// So that the dead cost the living nothing:
// - `concurrency` is the number of polls that are younger than kSlow. An older one, most likely
//   of a router that does not answer at all, makes room for another, up to twice as many in all.
// - Routers that failed last time together take a quarter of the concurrency at most, so it is
//   only when they die that they can hold more.
// - Those that go on failing rest (breaker.h).
// *Rejected*: a thread for each router (1,000 of them is too much memory for what they do); two
// pools, which would have to agree on who is polled where.
class PollQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::milliseconds kSlow{1000};

  struct Pace {
    std::chrono::milliseconds interval{5000};
    std::chrono::milliseconds details{30000};
    int concurrency = 16;
  };

  explicit PollQueue(const Pace& pace) : pace_(pace) {}

  // Names that are there already stay as they are. One whose poll is under way when it goes, and
  // that comes again, waits for the end of that poll.
  void Add(const std::string& name, Time now);
  void Remove(const std::string& name);

  struct Turn {
    std::string name;
    PollDepth depth = PollDepth::kRows;
    uint64_t skipped = 0;  // beats that fell out since the turn before, for want of room or time
  };
  // The router to poll now; its poll is under way until Done. None: nobody's turn, or no room.
  std::optional<Turn> Take(Time now);
  void Done(const std::string& name, bool is_good, Time now);

  // When Take may have somebody next, if nothing happens until then; after `now`.
  Time NextLook(Time now) const;

  bool IsResting(const std::string& name) const;

  // Polls that can be under way at once.
  size_t most() const { return 2 * static_cast<size_t>(pace_.concurrency); }

 private:
  struct Entry {
    PollBeat beat;
    Breaker breaker;
    Time details_due;
    std::optional<Time> begun;  // a poll is under way
    PollDepth depth = PollDepth::kRows;
    bool is_gone = false;
  };
  struct Load {
    size_t all = 0, young = 0, suspect = 0;
  };
  Load LoadAt(Time now) const;
  bool HasRoom(const Entry& entry, const Load& load) const;

  const Pace pace_;
  std::map<std::string, Entry> entries_;
};

}  // namespace usage
