// Where routers and accounting differ, and why. Pure.
#pragma once

#include <array>
#include <string_view>

#include "core/types.h"
#include "ledger/carry.h"

namespace usage {

// What tells causes apart is the ratio and the moment; docs/routers.md has the rules.
enum class DriftCause {
  kHeaders,         // one of the two counts the headers of PPP, VLAN or Ethernet
  kLostStop,        // accounting's last word did not come, or said nothing
  kUnknownSession,  // accounting has no such session
  kOffload,         // the router does not count what was fasttracked or switched by hardware
  kUnseen,          // the router was not read while bytes flowed
  kOther,
  kCount
};
std::string_view DriftCauseName(DriftCause cause);

// Bytes that a router counts for a byte of accounting's.
struct CountRatio {
  double upload = 1;
  double download = 1;
};

// What was compared of some sessions, over some time. The causes sum to router - accounting.
class DriftTally {
 public:
  // `counted`: as the router usually does, for telling headers from what it did not see.
  void Add(const Compared& compared, CountRatio counted);
  // A part of a session, between two words. The two sides of it were not counted at quite the same
  // moment, one part has too much of that and the next too little: the cause is that of all parts
  // together.
  void AddPart(const Compared& compared, CountRatio counted);
  void AddLostStop(Volume router) { AddRouters(DriftCause::kLostStop, router); }
  void AddUnknownSession(Volume router) { AddRouters(DriftCause::kUnknownSession, router); }

  // Of what was added, if that is enough to go by; never less than 1: what is missing is unseen.
  CountRatio ratio() const;

  Balance by(DriftCause cause) const;
  Volume router() const { return router_; }
  Volume accounting() const { return accounting_; }

 private:
  struct Parts {
    Balance rest;
    Balance seen;  // of accounting's bytes
  };

  void AddRouters(DriftCause cause, Volume router);
  Balance& Of(DriftCause cause) { return causes_[static_cast<size_t>(cause)]; }

  Parts parts_;
  std::array<Balance, static_cast<size_t>(DriftCause::kCount)> causes_{};
  Volume router_, accounting_;
};

}  // namespace usage
