// Who is online when, and what befalls each session: decided before anything is sent.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/curve.h"
#include "sim/faults.h"
#include "sim/population.h"
#include "sim/random.h"

namespace usage::sim {

enum class Ending {
  kStop,
  kLostStop,    // accounting never hears of the end
  kLateStop,    // it hears of it `stop_delay` later
  kZeroedStop,  // it hears of it with zero counters
  kReboot,      // the NAS went down: its return closes the session
};
const char* EndingName(Ending ending);

struct PlannedSession {
  static constexpr Second kNever = Second::max();  // a start that does not come

  int subscriber = 0;
  Second start{};
  Second end{};
  Ending ending = Ending::kStop;
  seconds stop_delay{0};
  bool lost_start = false;
  bool reuses_id = false;  // that of the subscriber's session before
  CurveShape shape;
};

struct PlanOptions {
  uint64_t seed = 1;
  Second start{};
  FaultRates faults;
  // How long at least between the end of a session and its id's next use: counters must have been
  // seen before they are overwritten.
  seconds reuse_gap{60};
  // Every session is over then, and none begins afterwards.
  Second closing = Second::max();
  // How long nothing flows before a session ends, so that who reads counters now and then has read
  // the last ones. Its first second always has bytes.
  seconds idle_tail{0};
  std::map<int, seconds> reboots = {};  // by NAS: it goes down that long after `start`, for 10 s
};

// When a NAS goes down and comes back.
class NasCalendar {
 public:
  struct Outage {
    Second down;
    Second up;
  };
  NasCalendar(uint64_t seed, Second start, double reboots_per_day);
  // One more than chance has, before all others.
  void GoDown(Second down, seconds length);
  // The first outage whose `up` is after `t`. Outages never touch.
  Outage NextAfter(Second t);

 private:
  void Add();

  Random random_;
  Second last_up_;
  double reboots_per_day_;
  std::vector<Outage> outages_;
};

// Every subscriber's sessions, one after another. Subscribers know nothing of each other: in
// whatever order they are asked, each one's sessions are the same. Not thread-safe.
class Plan {
 public:
  // `population` must outlive it.
  Plan(const Population& population, const PlanOptions& options);

  PlannedSession First(int subscriber);
  // The session after the one that Next or First returned last.
  PlannedSession Next(int subscriber);
  NasCalendar& nas(int index) { return calendars_[static_cast<size_t>(index)]; }

  // Over which time the sessions that are open at the beginning come in.
  static seconds RampOf(int sessions);

 private:
  struct Itinerary {
    Random random;
    std::optional<PlannedSession> last;
    bool id_comes_again = false;  // that of `last`
  };
  const Subscriber& subscriber(int index) const;
  Second WalkGap(const Tenant& tenant, Second from, double weighted_seconds) const;
  Second FirstStart(int subscriber, Random& random) const;
  Second NextStart(int subscriber, Itinerary& itinerary) const;
  PlannedSession Make(int subscriber, Itinerary& itinerary, Second start);
  void Decide(PlannedSession& session, Random& random);
  bool IsTooLate(Second start) const;
  void FallSilent(PlannedSession& session) const;
  bool MayReuse(const PlannedSession& last, const PlannedSession& session);

  const Population& population_;
  PlanOptions options_;
  std::vector<NasCalendar> calendars_;  // by NAS
  std::vector<Itinerary> itineraries_;  // by subscriber
};

}  // namespace usage::sim
