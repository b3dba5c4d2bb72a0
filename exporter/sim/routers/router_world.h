// The routers of a population: who is online at each, and what it has counted of them.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/routers/router_faults.h"
#include "sim/routers/router_model.h"
#include "sim/session.h"

namespace usage::sim {

// What the world has seen of a router's sessions of one kind.
struct RouterTally {
  uint64_t sessions = 0;
  Volume flowed;   // what truly did
  Volume counted;  // what the router's counters say, at the end of those that are over

  RouterTally& operator+=(const RouterTally& other);
  friend bool operator==(const RouterTally&, const RouterTally&) = default;
};

// By access, then "open", or how they ended (EndingName).
using RouterTallies = std::map<std::pair<Access, std::string>, RouterTally>;

// Bytes with the headers that an interface counts: `drift` hundredths of a percent more, rounded
// down.
uint64_t WithHeaders(uint64_t bytes, int drift);

// One router. Thread-safe: the traffic's thread tells it what happens, servers ask.
class WorldRouter : public RouterModel {
 public:
  struct Options {
    std::string name;
    Tenant tenant;
    Second start{};
    Second timetable_from{};
    int drift = 0;  // of PPPoE, see WithHeaders
    RouterFaults faults;
  };
  // `now` is the virtual time until which all has been told; it must outlive this.
  WorldRouter(Options options, const std::atomic<Second>& now);

  // `name` is accounting's User-Name.
  void Begin(const Session& session, const std::string& name);
  void End(const Session& session);
  void IsUp(Second up, Second down);

  ModelState Now() const override;
  // It does not answer: it is down.
  bool is_off() const;
  const std::string& name() const { return options_.name; }
  const std::string& tenant() const { return options_.tenant.id; }
  const RouterFaults& faults() const { return options_.faults; }
  // Since the start, so that it is the fault's time.
  bool HasCome(RouterFault fault) const;
  RouterTallies tallies() const;

 private:
  struct Online {
    ModelSession row;  // without uptime and counters
    Second start{};
    Second end = Second::max();
    Curve curve;
    Volume before_reset;
    bool is_reset = false;
  };
  Volume Flowed(Online& online, Second at) const;
  Volume Counted(Online& online, Second at) const;
  ModelSession RowOf(Online& online, Second now) const;
  std::vector<RouterInterface> Uplinks(Volume now) const;
  RouterTally TallyOf(Online& online, Second at) const;
  Second ResetAt() const;

  const Options options_;
  const std::atomic<Second>& now_;
  mutable std::mutex mutex_;
  mutable Timetable timetable_;                     // its own: the tenant's is the traffic's
  mutable std::unordered_map<int, Online> online_;  // by subscriber
  Second up_, down_ = Second::max();
  Volume passed_;  // of the sessions that are over, since the router came up
  RouterTallies over_;
};

// All of them. Told by one thread.
class RouterWorld : public NasObserver {
 public:
  struct Options {
    int routers = 0;  // of the population's first NASes; the others are not looked at
    Second start{};
    int drift = 0;
    uint64_t seed = 1;
    RouterFaultPlan faults;
  };
  // `population` must outlive it.
  RouterWorld(const Population& population, const Options& options);

  void Begins(const Session& session) override;
  void Ends(const Session& session) override;
  void NasIsUp(int nas, Second up, Second down) override;
  // All that happened until then has been told.
  void Reached(Second now) { now_ = now; }

  const std::vector<std::unique_ptr<WorldRouter>>& routers() const { return routers_; }
  // One line of tab-divided fields per router, access and state, after one with the time: what a
  // test compares with.
  std::string TruthText() const;

 private:
  WorldRouter* RouterOf(const Session& session) const;

  const Population& population_;
  std::atomic<Second> now_;
  std::vector<std::unique_ptr<WorldRouter>> routers_;
};

}  // namespace usage::sim
