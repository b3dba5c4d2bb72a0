// What goes wrong at routers: each fault by its name, for all of them or for one.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <string>

#include "core/expected.h"

namespace usage::sim {

enum class RouterFault {
  // Of a request, by chance. One table that is read is one request.
  kSlow,       // answers two seconds later
  kStall,      // stops in the middle of a sentence and keeps the connection
  kDrop,       // resets the connection in the middle of an answer
  kPassword,   // refuses to sign in
  kTrap,       // !trap; an error object of REST
  kFatal,      // !fatal and closes; status 500 and closes
  kTruncated,  // a word shorter than it says, then closes
  kReserved,   // a reserved length byte; what is not JSON
  // Of a router, at a time.
  kReboot,       // away for ten seconds; its sessions are gone, its uptime begins anew
  kReset,        // the sessions' counters begin anew, the sessions do not
  kCertificate,  // shows another certificate
  // Of a router, always.
  kEmpty,     // RouterOS 7.18, which says !empty
  kOldLogin,  // RouterOS 6.42, which signs in by challenge
  kHuge,      // tables of 20,000 rows more; not of SNMP
  kLatin1,    // names that are not UTF-8; not of SNMP
  kClock,     // believes that it is 1970
  kDead,      // listens and never answers
  kAbsent,    // nothing listens
};
inline constexpr size_t kRouterFaults = static_cast<size_t>(RouterFault::kAbsent) + 1;
inline constexpr RouterFault kLastFaultOfRequests = RouterFault::kReserved;

// Of one router.
class RouterFaults {
 public:
  void Set(RouterFault fault, double value) { values_[static_cast<size_t>(fault)] = value; }
  // Of a request's faults, from 0 to 1.
  double rate(RouterFault fault) const { return values_[static_cast<size_t>(fault)]; }
  bool has(RouterFault fault) const { return rate(fault) > 0; }
  // Of those that come at a time: since the start; only if has().
  std::chrono::seconds after(RouterFault fault) const {
    return std::chrono::seconds(static_cast<int64_t>(rate(fault)));
  }

  friend bool operator==(const RouterFaults&, const RouterFaults&) = default;

 private:
  std::array<double, kRouterFaults> values_{};
};

// Of all routers.
class RouterFaultPlan {
 public:
  // Which routers have a fault by rate depends on the seed; that rate of them has it, rounded.
  RouterFaults For(int router, int routers, uint64_t seed) const;
  // The highest router that is named; -1: none.
  int highest() const { return own_.empty() ? -1 : own_.rbegin()->first; }

  // Sets one from "slow=0.1" or "router3=reboot:40s". Returns what is wrong, or "".
  std::string Set(const std::string& item);

 private:
  std::string SetOwn(int router, const std::string& fault);

  RouterFaults rates_;
  std::map<int, RouterFaults> own_;  // by router: beside the rates
};

// "slow=0.1,dead=0.2,router3=stall,router4=reboot:40s".
Expected<RouterFaultPlan> ParseRouterFaults(const std::string& text);

// Names, for --help.
std::string DescribeRouterFaults();

}  // namespace usage::sim
