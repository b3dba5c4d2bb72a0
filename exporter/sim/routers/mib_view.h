// A router's state as the MIBs of its SNMP agent have it, the tables as a MikroTik fills them.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "sim/routers/agentx.h"
#include "sim/routers/router_model.h"

namespace usage::sim {

// Gives each session the number by which its rows are known as long as it lasts, and none that
// another one has had.
class SessionNumbers {
 public:
  // For each session of the state, in its order. Forgets those that are gone.
  std::vector<uint32_t> For(const ModelState& state);

 private:
  using Key = std::tuple<Access, std::string, std::string>;  // access, user, Acct-Session-Id

  std::map<Key, uint32_t> numbers_;
  uint32_t last_ = 0;
};

// One moment of a router. IF-MIB, the parts of SNMPv2-MIB and HOST-RESOURCES-MIB that tell of the
// system, CISCO-AAA-SESSION-MIB's users and addresses, MikroTik's hotspot users, simple queues,
// version, board and link downs.
class MibView {
 public:
  MibView(ModelState state, SessionNumbers* numbers);
  MibView(const MibView&) = delete;
  MibView& operator=(const MibView&) = delete;

  MibVariable Get(const MibOid& name) const;
  MibVariable Next(const MibRange& range) const;

 private:
  // A scalar is a column with the one index 0.
  struct Column {
    MibOid prefix;
    const std::vector<uint32_t>* indexes = nullptr;  // rising
    std::function<MibValue(size_t)> value;           // of the row at that place
  };
  struct Session {
    uint32_t index = 0;
    const ModelSession* session = nullptr;
  };
  // Rows of sessions, in the order of their indexes.
  struct Sessions {
    std::vector<uint32_t> indexes;
    std::vector<const ModelSession*> rows;
  };
  struct Interface {
    std::string name;
    uint64_t in = 0, out = 0, in_packets = 0, out_packets = 0;
    uint32_t in_errors = 0, out_errors = 0, in_drops = 0, out_drops = 0, link_downs = 0;
    bool is_up = true;
    uint32_t changed = 0;  // ticks after the router's start; 0: not known
  };

  static Sessions Ordered(std::vector<Session> sessions);
  void ArrangeSessions(const std::vector<uint32_t>& numbers);
  void ArrangeInterfaces();
  void AddScalar(const MibOid& prefix, MibValue value);
  template <typename Value>
  void AddInterfaceColumn(const MibOid& prefix, Value value);
  template <typename Value>
  void AddSessionColumn(const MibOid& prefix, const Sessions& sessions, Value value);
  void AddSystem();
  void AddInterfaces();
  void AddHotspot();
  void AddQueues();
  void AddPpp();

  const ModelState state_;
  Sessions hotspot_, ppp_, queues_;
  std::vector<uint32_t> interface_indexes_;
  std::vector<Interface> interfaces_;
  std::vector<uint32_t> scalar_index_ = {0}, memory_index_ = {65536}, processor_index_ = {1};
  std::vector<Column> columns_;  // by rising prefix, none within another
};

}  // namespace usage::sim
