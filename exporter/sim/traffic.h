// Plays the plan in virtual time: tells the feeds what happens, in order.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <queue>
#include <vector>

#include "sim/plan.h"
#include "sim/session.h"

namespace usage::sim {

struct TrafficOptions {
  uint64_t seed = 1;  // of the sessions' ids
  Second start{};
  seconds interim{300};             // between the reports that RADIUS sessions make
  seconds report{5};                // between those of all user_sessions at once
  NasObserver* observer = nullptr;  // must outlive the traffic
};

class Traffic {
 public:
  // By FeedKind; null where there is no such feed. All must outlive it.
  using Feeds = std::array<Feed*, 2>;
  Traffic(const Population& population, Plan& plan, const Feeds& feeds,
          const TrafficOptions& options);

  // Plays what happens up to `until`, unless a feed is busy. Returns the virtual time that is
  // reached: everything up to it has been told.
  Second Play(Second until);

  uint64_t open_sessions() const { return open_; }
  uint64_t sessions() const { return started_; }

 private:
  // In the order in which they happen within one second.
  enum class Kind { kNasUp, kStop, kEnd, kStart, kInterim, kReport };
  struct Event {
    Second at;
    Kind kind;
    uint64_t number;  // order among the others of that second: as they were planned
    int index = 0;    // subscriber or NAS
    SessionPtr session;
  };
  struct Later {
    bool operator()(const Event& a, const Event& b) const;
  };

  void Schedule(Second at, Kind kind, int index, SessionPtr session);
  void ScheduleStart(const PlannedSession& planned);
  bool MustWait(const Event& event) const;
  void Happen(const Event& event);
  void OnNasUp(int nas, Second at);
  void OnStart(const SessionPtr& session);
  void OnEnd(const SessionPtr& session);
  void OnInterim(const SessionPtr& session, Second at);
  void OnReport(Second at);
  RowPtr RowOf(const PlannedSession& planned);
  Feed& feed_of(const SessionPtr& session) const;

  const Population& population_;
  Plan& plan_;
  Feeds feeds_;
  TrafficOptions options_;
  std::priority_queue<Event, std::vector<Event>, Later> events_;
  std::vector<RowPtr> rows_;  // by subscriber: that of its last session
  uint64_t planned_ = 0, open_ = 0, started_ = 0;
  Second now_;
};

}  // namespace usage::sim
