// One router's SNMP session by net-snmp (v2c and v3 with USM).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "sources/routers/snmp_value.h"

namespace usage {

// Many threads may have sessions of their own; one thread at a time uses one session.
//
// net-snmp keeps the users of v3, the clocks of the engines that it has met and its last error in
// globals without locks. So every call of it here holds one mutex, and none of them waits: waiting
// is poll()'s, outside of it, and the discovery of an engine, for which the library would wait, is
// a request like the others. A dead router keeps nobody from the library.
class SnmpSession {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  // The variables are gone when it returns.
  using Answered = std::function<void(const std::vector<SnmpVariable>&)>;

  // Opens the socket, and for v3 asks for the router's engine: all until `deadline`. Throws
  // std::runtime_error with a text for people, without secrets.
  SnmpSession(const RouterConfig& router, Steady deadline);
  ~SnmpSession();
  SnmpSession(const SnmpSession&) = delete;
  SnmpSession& operator=(const SnmpSession&) = delete;

  // Sends without waiting. `answered` is called by Wait.
  void Get(const std::vector<SnmpOid>& names, Answered answered);
  void GetBulk(const std::vector<SnmpOid>& names, int repetitions, Answered answered);

  // Waits until at least one request was answered, and sends again what was lost. Throws as the
  // constructor when the router refuses, when it is silent until `deadline`, and when there is
  // nothing to wait for.
  void Wait(Steady deadline);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace usage
