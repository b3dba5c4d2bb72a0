// A fake router's state that a test says.
#pragma once

#include <functional>
#include <mutex>

#include "sim/routers/snmp_agent.h"
#include "tests/support/temp_folder.h"

namespace usage::testing {

class FakeModel : public sim::RouterModel {
 public:
  explicit FakeModel(sim::ModelState state) : state_(std::move(state)) {}

  sim::ModelState Now() const override {
    std::lock_guard lock(mutex_);
    return state_;
  }
  void Change(const std::function<void(sim::ModelState&)>& change) {
    std::lock_guard lock(mutex_);
    change(state_);
  }

 private:
  mutable std::mutex mutex_;
  sim::ModelState state_;
};

inline sim::ModelSession MadeSession(Access access, int number) {
  sim::ModelSession made;
  made.access = access;
  made.user = (access == Access::kPppoe ? "home-" : "guest-") + std::to_string(number);
  made.mac = 0x02abcd000000 + static_cast<uint64_t>(number);
  made.address = "10.1." + std::to_string(number / 250) + "." + std::to_string(number % 250 + 1);
  made.session_id = "8" + std::to_string(1000000 + number);
  made.uptime = std::chrono::seconds(60 * (number + 1));
  made.bytes = {uint64_t{5'000'000'000} + static_cast<uint64_t>(number), uint64_t{1} << 40};
  made.upload_packets = 1000 + static_cast<uint64_t>(number);
  made.download_packets = 2000;
  return made;
}

inline RouterInterface MadeUplink() {
  RouterInterface uplink;
  uplink.name = "ether1";
  uplink.running = true;
  uplink.receive_bytes = uint64_t{1} << 41;
  uplink.transmit_bytes = uint64_t{1} << 42;
  uplink.receive_errors = 1;
  uplink.transmit_errors = 2;
  uplink.receive_drops = 3;
  uplink.transmit_drops = 4;
  uplink.link_downs = 5;
  return uplink;
}

// Of each access so many.
inline sim::ModelState MadeState(int sessions) {
  sim::ModelState state;
  state.identity = "tower-7";
  state.version = "7.15.3";
  state.board = "CCR2004-1G-12S+2XS";
  state.uptime = std::chrono::hours(200);
  state.cpu_load = 0.21;
  state.total_memory = uint64_t{4} << 30;
  state.free_memory = uint64_t{3} << 30;
  state.uplinks = {MadeUplink()};
  for (int i = 0; i < sessions; ++i) {
    state.sessions.push_back(MadeSession(Access::kHotspot, i));
    state.sessions.push_back(MadeSession(Access::kPppoe, 10'000 + i));
  }
  return state;
}

inline sim::SnmpAgent::Options AgentIn(const TempFolder& folder) {
  sim::SnmpAgent::Options options;
  options.snmpd.folder = folder / "snmp";
  options.snmpd.community = "right-community";
  options.snmpd.user = "reader";
  options.snmpd.auth_password = "right-authentication";
  options.snmpd.privacy_password = "right-privacy";
  return options;
}

}  // namespace usage::testing
