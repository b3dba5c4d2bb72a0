// Which org's frame is pushed next.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "grafana/live_client.h"
#include "grafana/live_tokens.h"

namespace usage::grafana {

// A slot for each org, which holds at most one frame that waits: it is made of the newest numbers
// when its push begins, so what came before it is dropped. An org's frames are pushed one after
// the other, no sooner than `interval` after the one before began; orgs that wait longest first.
//
// When Grafana gives no answer all pushes pause, longer each time, and begin again with one alone.
// When it is back every org gets a frame: a Grafana that was restarted has forgotten the last ones.
//
// Without threads and without a clock: every call is told the time. Not thread-safe.
class LiveQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Milliseconds = std::chrono::milliseconds;

  // The longest time without a frame: a late joiner of the channel sees by it that all is well.
  static constexpr std::chrono::seconds kLongestSilence{60};
  static constexpr Milliseconds kFirstPause{250};
  static constexpr Milliseconds kLongestPause{30'000};

  explicit LiveQueue(Milliseconds interval) : interval_(interval) {}

  // The orgs from now on. One that is new, or has another token, gets a frame at once.
  void SetTokens(const LiveTokenMap& tokens, Time now);

  // There are new numbers of the tenant.
  void Changed(const std::string& tenant, Time now);

  struct Job {
    std::string tenant;
    std::string token;
  };
  // A push that may begin now; Done is to be called for each.
  std::optional<Job> Take(Time now);
  // When Take has one, if nothing happens before; none: never.
  std::optional<Time> NextDue() const;

  void Done(const Job& job, PushAnswer::Kind answer, Time now);
  // As Done, where there was nothing to push: the tenant has no numbers yet.
  void Skipped(const Job& job, Time now);

  size_t orgs() const { return slots_.size(); }
  // Frames that were due, and gave way to a newer one before they were pushed.
  uint64_t dropped() const { return dropped_; }

 private:
  struct Slot {
    std::string token;
    Time due;           // of the next push
    Time earliest;      // interval after the last one
    bool fresh = true;  // there are numbers that were not pushed
    bool sending = false;
    bool refused = false;  // the token: only another one, or time, helps
  };
  using Slots = std::map<std::string, Slot>;

  void Schedule(const std::string& tenant, Slot& slot, Time due);
  void Unschedule(const std::string& tenant, const Slot& slot) { order_.erase({slot.due, tenant}); }
  void RemoveOthers(const LiveTokenMap& tokens);
  // The slot has numbers to push.
  void Renew(const std::string& tenant, Slot& slot, Time now);
  Slot* End(const Job& job);
  void NoAnswer(Time now);
  void Answer(Time now);

  const Milliseconds interval_;
  Slots slots_;
  std::set<std::pair<Time, std::string>> order_;  // of the slots that are not being pushed
  int sending_ = 0;
  bool is_failing_ = false;
  Milliseconds pause_ = kFirstPause;
  Time paused_until_{};
  uint64_t dropped_ = 0;
};

}  // namespace usage::grafana
