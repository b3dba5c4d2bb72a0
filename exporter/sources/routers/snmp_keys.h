// The protocols and keys of SNMP v3's users (RFC 3414, RFC 7860, RFC 3826).
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace usage {

// What a session of net-snmp wants to know of a user. Keys are not yet bound to an engine.
struct SnmpKeys {
  std::vector<unsigned long> auth_protocol, privacy_protocol;  // empty: none
  std::vector<unsigned char> auth_key, privacy_key;
};

// Costs a megabyte's digest for each password. Throws std::runtime_error, without the password,
// where net-snmp does not have a protocol or a password is too short for v3. Thread-safe.
SnmpKeys MakeSnmpKeys(const SnmpAuth& auth);

}  // namespace usage
