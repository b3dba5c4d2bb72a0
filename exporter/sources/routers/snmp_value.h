// What an SNMP agent says, without the library that reads its packets.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace usage {

// An object identifier. Each part fits in 32 bits (RFC 2578, 3.5); net-snmp holds them in longs.
using SnmpOid = std::vector<unsigned long>;
using SnmpName = std::span<const unsigned long>;

// By what can be done with a value, not by its ASN.1 type.
enum class SnmpKind : uint8_t {
  kNothing,   // noSuchObject, noSuchInstance, endOfMibView, NULL
  kInteger,   // INTEGER: 32 bits with a sign, in `number` as two's complement of 64 bits
  kUnsigned,  // Counter32, Gauge32, TimeTicks, Counter64
  kBytes,     // OCTET STRING
  kAddress,   // IpAddress: 4 bytes
  kOther
};

// Bytes belong to who has the packet.
struct SnmpValue {
  SnmpKind kind = SnmpKind::kNothing;
  uint64_t number = 0;
  std::string_view bytes;
};

struct SnmpVariable {
  SnmpName name;
  SnmpValue value;
};

}  // namespace usage
