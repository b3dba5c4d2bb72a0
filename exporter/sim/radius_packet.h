// Accounting packets of RFC 2866 and RFC 2869.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace usage::sim {

enum class Attribute : uint8_t {
  kUserName = 1,
  kNasIpAddress = 4,
  kNasPort = 5,
  kServiceType = 6,
  kFramedProtocol = 7,
  kFramedIpAddress = 8,
  kClass = 25,
  kCalledStationId = 30,
  kCallingStationId = 31,
  kNasIdentifier = 32,
  kAcctStatusType = 40,
  kAcctDelayTime = 41,
  kAcctInputOctets = 42,
  kAcctOutputOctets = 43,
  kAcctSessionId = 44,
  kAcctAuthentic = 45,
  kAcctSessionTime = 46,
  kAcctTerminateCause = 49,
  kAcctInputGigawords = 52,
  kAcctOutputGigawords = 53,
  kEventTimestamp = 55,
  kNasPortType = 61,
  kNasPortId = 87,
};

enum class StatusType : uint32_t {
  kStart = 1,
  kStop = 2,
  kInterimUpdate = 3,
  kAccountingOn = 7,
  kAccountingOff = 8,
};

using Bytes = std::vector<uint8_t>;

// An Accounting-Request: attributes in the order in which they were added. Each method throws
// std::invalid_argument when a value has more than 253 bytes or the packet more than 4096.
class AccountingRequest {
 public:
  explicit AccountingRequest(StatusType status);

  void Add(Attribute type, uint32_t value);
  void Add(Attribute type, std::string_view value);
  void AddAddress(Attribute type, const std::string& dotted);
  // Input or output octets with their Gigawords, which are left out when zero (RFC 2869 5.1).
  void AddOctets(Attribute octets, Attribute gigawords, uint64_t value);

  // With the authenticator of RFC 2866 section 3.
  Bytes Encode(uint8_t identifier, const std::string& secret) const;

 private:
  Bytes attributes_;
};

// Whether `reply` is the Accounting-Response to `request`, by somebody who knows the secret.
bool IsResponseTo(const Bytes& request, const Bytes& reply, const std::string& secret);

}  // namespace usage::sim
