// A fake router's SNMP agent: a real snmpd in front, a subagent behind it that answers out of a
// RouterModel.
//
// By AgentX and not by pass_persist, because snmpd asks by AgentX for a whole row of columns at
// once and by pass_persist for each value: a walk of 500 subscribers is 500 questions instead of
// some thousands. And the subagent is a thread of the simulator, no further program.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "sim/routers/router_model.h"
#include "sim/routers/snmpd_process.h"

namespace usage::sim {

// What befalls a question.
enum class SnmpFault {
  kNone,
  kSlow,  // is answered two seconds later
  kLost,  // is never answered
  kError  // is answered with genErr
};

class SnmpAgent {
 public:
  struct Options {
    SnmpdOptions snmpd;
    // Both are called by the agent's thread; without them nothing befalls.
    // Asked some times a second: it is off and answers nobody.
    std::function<bool()> is_silent;
    // Asked where a table, or something outside of tables, begins to be read.
    std::function<SnmpFault()> next_fault;
  };

  // Listens when it returns. `model` must outlive it. Throws std::runtime_error with the remedy.
  SnmpAgent(const RouterModel& model, Options options);
  ~SnmpAgent();
  SnmpAgent(const SnmpAgent&) = delete;
  SnmpAgent& operator=(const SnmpAgent&) = delete;

  int port() const { return port_; }
  // Ends snmpd and starts it again on its port: its engine has booted once more. Returns at once.
  void Reboot() { is_to_reboot_ = true; }
  uint64_t requests() const { return requests_; }  // tables and values that were begun to be read

 private:
  class Subagent;

  void Run(std::promise<void> started);
  void Serve(SnmpdProcess& snmpd, Subagent& subagent);

  const RouterModel& model_;
  const Options options_;
  int port_ = 0;
  std::atomic<bool> is_ended_ = false, is_to_reboot_ = false;
  std::atomic<uint64_t> requests_ = 0;
  std::thread thread_;
};

}  // namespace usage::sim
