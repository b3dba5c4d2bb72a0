// The tables and values of a MikroTik's agent as rows, interfaces and facts. Pure.
//
// IF-MIB: RFC 2863. HOST-RESOURCES-MIB: RFC 2790. Hotspot, queues, board and link downs: MikroTik's
// own MIB (1.3.6.1.4.1.14988.1). Who is on by PPP: CISCO-AAA-SESSION-MIB, which RouterOS answers
// with the columns 2 (user) and 3 (address); it has no MAC and no bytes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/router_reading.h"
#include "sources/routers/snmp_table.h"

namespace usage {

struct SnmpTableSpec {
  const char* name;  // for messages
  std::vector<SnmpOid> columns;
  std::vector<size_t>
      needed;  // columns without which a row says nothing: it came or went meanwhile
};

const SnmpTableSpec& HotspotTable();
const SnmpTableSpec& QueueTable();
const SnmpTableSpec& PppTable();
const SnmpTableSpec& InterfaceTable();          // counters only
const SnmpTableSpec& DetailedInterfaceTable();  // and state, errors, drops
const SnmpTableSpec& ProcessorTable();

// The values that belong to no table. Asked for in this order.
enum SnmpScalar : size_t {
  kSysUpTime,  // alone every time, with all that follow where facts are wanted
  kSysName,
  kSysDescr,
  kLicenseVersion,
  kBoardName,
  kMemoryUnit,
  kMemorySize,
  kMemoryUsed,
  kScalarCount
};
const std::vector<SnmpOid>& Scalars();

// Makes a reading of what was walked. Counts what it could not read in `bad_values`; a field that
// is wrong is taken for not said.
class SnmpDecoder {
 public:
  // 100ths of a second; wraps every 497 days (RFC 3418, sysUpTime).
  void SetUpTime(const SnmpCell& cell);

  std::vector<RouterRow> HotspotRows(const SnmpTable& table);
  std::vector<RouterRow> QueueRows(const SnmpTable& table);
  // `ppp` gives the addresses, and tells a user `bob-1` from the second session of `bob`.
  std::vector<RouterRow> PppoeRows(const SnmpTable& interfaces, const SnmpTable& ppp);
  // Of those named in `wanted`, or of all but subscribers' where it is empty.
  std::vector<RouterInterface> Interfaces(const SnmpTable& interfaces,
                                          const std::vector<std::string>& wanted);
  RouterFacts Facts(const std::vector<SnmpCell>& scalars, const SnmpTable& processors);

  uint64_t bad_values() const { return bad_values_; }

 private:
  std::optional<Duration> SinceTick(std::optional<uint64_t> tick) const;

  std::optional<uint64_t> up_ticks_;
  uint64_t bad_values_ = 0;
};

}  // namespace usage
