#include "config/router_values.h"

#include "config/router_fields.h"
#include "config/section_values.h"

namespace usage {
namespace {

void CheckVersion(const YamlValue& value, const RouterCredentials& credentials) {
  if (credentials.community.empty()) return;
  if (credentials.auth_password.empty() && credentials.privacy_password.empty()) return;
  value.Fail("has a community, which is of SNMP v2c, beside passwords of v3; keep one of them");
}

// The protocol of a password that is there, and of no other.
std::string ReadSnmpProtocol(const YamlValue& value, const SecretPlace& password,
                             const std::string& otherwise,
                             std::initializer_list<std::pair<std::string, std::string>> words) {
  std::string protocol = password.empty() ? "" : otherwise;
  value.ReadWord(&protocol, words);
  if (value.present() && password.empty()) {
    value.Fail("has no effect without its password; write the _password_file as well");
  }
  return protocol;
}

void ReadSnmpUser(YamlMap* map, const std::filesystem::path& folder,
                  RouterCredentials* credentials) {
  credentials->auth_password = ReadSecretPlace(map, "auth_password", folder);
  credentials->auth_protocol = ReadSnmpProtocol((*map)["auth_protocol"], credentials->auth_password,
                                                SnmpAuth().auth_protocol,
                                                {{"MD5", "MD5"},
                                                 {"SHA", "SHA"},
                                                 {"SHA-224", "SHA-224"},
                                                 {"SHA-256", "SHA-256"},
                                                 {"SHA-384", "SHA-384"},
                                                 {"SHA-512", "SHA-512"}});
  credentials->privacy_password = ReadSecretPlace(map, "privacy_password", folder);
  credentials->privacy_protocol =
      ReadSnmpProtocol((*map)["privacy_protocol"], credentials->privacy_password,
                       SnmpAuth().privacy_protocol, {{"DES", "DES"}, {"AES", "AES"}});
}

}  // namespace

RouterCredentials ReadRouterCredentials(const YamlValue& value,
                                        const std::filesystem::path& folder) {
  YamlMap map(value);
  RouterCredentials credentials;
  map["user"].Read(&credentials.user);
  credentials.password = ReadSecretPlace(&map, "password", folder);
  credentials.community = ReadSecretPlace(&map, "community", folder);
  ReadSnmpUser(&map, folder, &credentials);
  CheckVersion(value, credentials);
  if (!credentials.privacy_password.empty() && credentials.auth_password.empty()) {
    value.Fail("has a privacy password without an auth password; SNMP v3 wants both (RFC 3414)");
  }
  if (map.is_map() && credentials.user.empty() && credentials.community.empty()) {
    value.Fail("must have a user, with password_file or auth_password_file, or community_file");
  }
  return credentials;
}

void ReadRouterProtocol(const YamlValue& value, RouterProtocol* out) {
  value.ReadWord(out, {{RouterProtocolName(RouterProtocol::kRest), RouterProtocol::kRest},
                       {RouterProtocolName(RouterProtocol::kApi), RouterProtocol::kApi},
                       {RouterProtocolName(RouterProtocol::kSnmp), RouterProtocol::kSnmp}});
}

bool ReadRouterTls(const YamlValue& value, const std::filesystem::path& folder, RouterTls* out) {
  if (value.present() && !value.is_map()) {
    bool uses_tls = true;
    value.ReadWord(&uses_tls, {{"off", false}});
    return uses_tls;
  }
  YamlMap map(value);
  const YamlValue ca_file = map["ca_file"];
  out->ca_file = ReadPath(ca_file, folder);
  std::error_code error;
  if (!out->ca_file.empty() && !std::filesystem::is_regular_file(out->ca_file, error)) {
    ca_file.Fail(out->ca_file + " is not there or not a file; check the path");
  }
  const YamlValue fingerprint = map["fingerprint"];
  std::string text;
  fingerprint.Read(&text);
  if (text.empty()) return true;
  const auto digits = ParseFingerprint(text);
  if (!digits) fingerprint.Fail(digits.error());
  if (digits) out->fingerprint = *digits;
  return true;
}

}  // namespace usage
