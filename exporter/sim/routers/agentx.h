// AgentX, by which a master agent (snmpd) asks a subagent for values: RFC 2741. Only what a
// subagent needs that is read from. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace usage::sim {

using MibOid = std::vector<uint32_t>;

enum class AgentxType : uint8_t {
  kOpen = 1,
  kClose = 2,
  kRegister = 3,
  kGet = 5,
  kGetNext = 6,
  kGetBulk = 7,
  kResponse = 18
};

struct AgentxHeader {
  AgentxType type = AgentxType::kResponse;
  uint32_t session = 0, transaction = 0, packet = 0;
  uint32_t payload = 0;  // bytes that follow
};
inline constexpr size_t kAgentxHeaderSize = 20;

// The types of RFC 2741, 5.4.
struct MibInteger {
  int32_t value;
};
struct MibCounter32 {
  uint32_t value;
};
struct MibGauge32 {
  uint32_t value;
};
struct MibTicks {
  uint32_t value;
};
struct MibCounter64 {
  uint64_t value;
};
struct MibAddress {
  uint32_t value;  // 127.0.0.1 is 0x7f000001
};
struct MibEnd {};       // endOfMibView
struct MibNoObject {};  // noSuchObject
using MibValue = std::variant<MibNoObject, MibEnd, MibInteger, MibCounter32, MibGauge32, MibTicks,
                              MibCounter64, MibAddress, MibOid, std::string>;

struct MibVariable {
  MibOid name;
  MibValue value;
};

// What is asked for: a name, or the next one after `start` (or `start` itself, if `is_included`)
// and before `end`, where `end` is not empty.
struct MibRange {
  MibOid start, end;
  bool is_included = false;
};

std::string AgentxOpen(std::string_view description);
std::string AgentxRegister(const AgentxHeader& to, const MibOid& subtree);
// To a request with the header `to`. `error`: 0, or SNMP's number of the error of the first name.
std::string AgentxResponse(const AgentxHeader& to, uint16_t error,
                           const std::vector<MibVariable>& variables);

// Throw std::runtime_error where the bytes are not RFC 2741's, or not in network byte order, in
// which we have asked for them.
AgentxHeader ParseAgentxHeader(std::string_view bytes);
std::vector<MibRange> ParseAgentxRanges(std::string_view payload);
// The error of a response; 0: none.
uint16_t ParseAgentxError(std::string_view payload);

}  // namespace usage::sim
