#include "config/router_fields.h"

#include <algorithm>
#include <charconv>

#include "config/secret.h"
#include "core/closest.h"
#include "core/utf8.h"

namespace usage {
namespace {

constexpr size_t kLongestName = 100;
constexpr size_t kLeastSnmpPassword = 8;  // RFC 3414 11.2

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

bool IsHost(std::string_view host) {
  return !host.empty() && host.size() <= 253 &&
         std::all_of(host.begin(), host.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == ':' || c == '%';
         });
}

struct HostAndPort {
  std::string_view host, port;  // port: "" where there is none
};

// A colon belongs to the port where it is the only one, or stands behind a bracket.
HostAndPort Split(std::string_view text) {
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == text.npos || (end + 1 < text.size() && text[end + 1] != ':')) return {};
    return {text.substr(1, end - 1), text.substr(std::min(end + 2, text.size()))};
  }
  const size_t colon = text.find(':');
  if (colon == text.npos || text.find(':', colon + 1) != text.npos) return {text, ""};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

// Reads one secret into *out; what is wrong with it.
std::string Take(const SecretPlace& place, std::string* out) {
  const auto secret = ReadSecret(place);
  if (!secret) return secret.error();
  *out = *secret;
  return "";
}

// Of SNMP v3: a place that is empty is a password that is not used.
std::string TakeSnmpPassword(const SecretPlace& place, std::string* out) {
  if (place.empty()) return "";
  const std::string fault = Take(place, out);
  if (!fault.empty() || out->size() >= kLeastSnmpPassword) return fault;
  return (place.file.empty() ? "the environment variable " + place.variable : place.file) +
         " must hold a password of 8 characters at least, as SNMP v3 demands (RFC 3414)";
}

std::string SignInToSnmp(const RouterCredentials& credentials, SnmpAuth* snmp) {
  if (!credentials.community.empty()) return Take(credentials.community, &snmp->community);
  if (credentials.user.empty()) {
    return "have nothing for SNMP; write community_file, or user and auth_password_file";
  }
  snmp->user = credentials.user;
  snmp->auth_protocol = credentials.auth_protocol;
  snmp->privacy_protocol = credentials.privacy_protocol;
  const std::string fault = TakeSnmpPassword(credentials.auth_password, &snmp->auth_password);
  if (!fault.empty()) return fault;
  return TakeSnmpPassword(credentials.privacy_password, &snmp->privacy_password);
}

}  // namespace

const char* RouterProtocolName(RouterProtocol protocol) {
  constexpr const char* kNames[] = {"routeros_rest", "routeros_api", "snmp"};
  return kNames[static_cast<size_t>(protocol)];
}

Expected<RouterProtocol> ParseRouterProtocol(std::string_view word) {
  const std::string lower = Lower(word);
  if (lower == "routeros_rest" || lower == "rest") return RouterProtocol::kRest;
  if (lower == "routeros_api" || lower == "api") return RouterProtocol::kApi;
  if (lower == "snmp") return RouterProtocol::kSnmp;
  return Error{"must be routeros_rest, routeros_api or snmp"};
}

Expected<RouterTable> ParseRouterTable(std::string_view word) {
  for (const RouterTable table :
       {RouterTable::kHotspotActive, RouterTable::kPppoeInterface, RouterTable::kQueue}) {
    if (word == RouterTableName(table)) return table;
  }
  return Error{"must be hotspot_active, pppoe_interface or queue"};
}

Expected<std::string> ParseFingerprint(std::string_view text) {
  std::string digits = Lower(text);
  std::erase(digits, ':');
  const bool is_hex = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (is_hex && digits.size() == 64) return digits;
  return Error{
      "must be the SHA-256 of the router's certificate: 64 hex digits, as 'openssl x509 -noout "
      "-fingerprint -sha256' prints them"};
}

Expected<int> ParseRouterPort(std::string_view text) {
  int port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  const bool is_port = error == std::errc() && stop == end && port > 0 && port < 65536;
  if (!is_port) return Error{"must be a port, from 1 to 65535"};
  return port;
}

Expected<RouterAddress> ParseRouterAddress(std::string_view text) {
  if (text.find("://") != text.npos) return Error{"is a URL; write host or host:port"};
  text = text.substr(0, text.find('/'));
  const HostAndPort parts = Split(text);
  if (!IsHost(parts.host)) {
    return Error{"must be host or host:port, such as 10.0.0.1 or [2001:db8::1]:443"};
  }
  RouterAddress address{std::string(parts.host), 0};
  if (parts.port.empty()) return address;
  const auto port = ParseRouterPort(parts.port);
  if (!port) return Error{"has a part behind the ':' that " + port.error()};
  address.port = *port;
  return address;
}

int DefaultRouterPort(RouterProtocol protocol, bool use_tls) {
  switch (protocol) {
    case RouterProtocol::kRest:
      return use_tls ? 443 : 80;
    case RouterProtocol::kApi:
      return use_tls ? 8729 : 8728;
    case RouterProtocol::kSnmp:
      return 161;
  }
  return 0;
}

std::string RouterNameFault(std::string_view name) {
  if (name.empty()) return "is missing; write the router's name, one for each router";
  if (name.size() > kLongestName) return "is longer than 100 bytes; write a shorter one";
  for (size_t at = 0; at < name.size();) {
    const size_t size = Utf8CharacterSize(name, at);
    if (size == 0) return "is not UTF-8; write it anew";
    at += size;
  }
  return "";
}

std::string SignIn(const RouterCredentials& credentials, RouterConfig* router) {
  if (router->protocol == RouterProtocol::kSnmp) return SignInToSnmp(credentials, &router->snmp);
  if (credentials.user.empty() || credentials.password.empty()) {
    return std::string("have no ") + (credentials.user.empty() ? "user" : "password") +
           "; write user and password_file";
  }
  router->user = credentials.user;
  return Take(credentials.password, &router->password);
}

std::string SignIn(const std::string& name, const RoutersConfig& routers, RouterConfig* router) {
  const std::string wanted = name.empty() ? "default" : name;
  const auto found = routers.credentials.find(wanted);
  if (found != routers.credentials.end()) {
    const std::string fault = SignIn(found->second, router);
    return fault.empty() ? "" : "the credentials '" + wanted + "': " + fault;
  }
  std::vector<std::string> names;
  for (const auto& [known, unused] : routers.credentials) names.push_back(known);
  const std::string meant = DidYouMean(wanted, names);
  return "there are no credentials '" + wanted + "' in routers.credentials" +
         (meant.empty() ? "; write them there" : meant);
}

}  // namespace usage
