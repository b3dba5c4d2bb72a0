#include "sources/routers/snmp_keys.h"

// net-snmp's headers want its configuration first.
// clang-format off
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
// clang-format on

#include <map>
#include <stdexcept>

namespace usage {
namespace {

constexpr size_t kShortestPassword = 8;  // RFC 3414, 11.2

using Protocol = std::vector<unsigned long>;

int AuthType(const std::string& name) {
  static const std::map<std::string, int> types = {
      {"MD5", NETSNMP_USMAUTH_HMACMD5},           {"SHA", NETSNMP_USMAUTH_HMACSHA1},
      {"SHA-224", NETSNMP_USMAUTH_HMAC128SHA224}, {"SHA-256", NETSNMP_USMAUTH_HMAC192SHA256},
      {"SHA-384", NETSNMP_USMAUTH_HMAC256SHA384}, {"SHA-512", NETSNMP_USMAUTH_HMAC384SHA512},
  };
  auto found = types.find(name);
  return found == types.end() ? -1 : found->second;
}

int PrivacyType(const std::string& name) {
  if (name == "DES") return USM_CREATE_USER_PRIV_DES;
  return name == "AES" ? USM_CREATE_USER_PRIV_AES : -1;
}

Protocol Named(const oid* name, size_t size, const char* what, const std::string& protocol) {
  if (name != nullptr) return Protocol(name, name + size);
  throw std::runtime_error(std::string("this machine's net-snmp has no SNMP v3 ") + what +
                           " protocol " + protocol + "; choose another one");
}

Protocol AuthProtocol(const std::string& name) {
  size_t size = 0;
  const oid* found = sc_get_auth_oid(AuthType(name), &size);
  return Named(found, size, "authentication", name);
}

Protocol PrivacyProtocol(const std::string& name) {
  size_t size = 0;
  const oid* found = sc_get_priv_oid(PrivacyType(name), &size);
  return Named(found, size, "privacy", name);
}

std::vector<unsigned char> KeyOf(const Protocol& auth, const std::string& password,
                                 const char* what) {
  if (password.size() < kShortestPassword) {
    throw std::runtime_error(std::string("the SNMP v3 ") + what +
                             " password has less than the 8 characters that v3 wants");
  }
  std::vector<unsigned char> key(USM_AUTH_KU_LEN);
  size_t size = key.size();
  const auto* bytes = reinterpret_cast<const unsigned char*>(password.data());
  if (generate_Ku(auth.data(), static_cast<unsigned>(auth.size()), bytes, password.size(),
                  key.data(), &size) != SNMPERR_SUCCESS) {
    throw std::runtime_error(std::string("net-snmp can't make a key of the SNMP v3 ") + what +
                             " password; choose another protocol");
  }
  key.resize(size);
  return key;
}

}  // namespace

SnmpKeys MakeSnmpKeys(const SnmpAuth& auth) {
  SnmpKeys keys;
  if (auth.auth_protocol.empty() || auth.auth_password.empty()) return keys;
  keys.auth_protocol = AuthProtocol(auth.auth_protocol);
  keys.auth_key = KeyOf(keys.auth_protocol, auth.auth_password, "authentication");
  if (auth.privacy_protocol.empty() || auth.privacy_password.empty()) return keys;
  keys.privacy_protocol = PrivacyProtocol(auth.privacy_protocol);
  keys.privacy_key = KeyOf(keys.auth_protocol, auth.privacy_password, "privacy");
  return keys;
}

}  // namespace usage
