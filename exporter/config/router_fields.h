// What may stand in a router's row, be it in a file or of the database.
#pragma once

#include <string>
#include <string_view>

#include "config/config.h"
#include "core/expected.h"

namespace usage {

// "routeros_rest", "routeros_api", "snmp".
const char* RouterProtocolName(RouterProtocol protocol);
// Likewise, and the short words rest and api, which panels write, in any case.
Expected<RouterProtocol> ParseRouterProtocol(std::string_view word);

// "hotspot_active", "pppoe_interface", "queue".
Expected<RouterTable> ParseRouterTable(std::string_view word);

// SHA-256 of a certificate as 64 hex digits, in any case, with or without colons: becomes as in
// RouterTls.
Expected<std::string> ParseFingerprint(std::string_view text);

struct RouterAddress {
  std::string host;  // a name or an address, without brackets
  int port = 0;      // 0: not said

  friend bool operator==(const RouterAddress&, const RouterAddress&) = default;
};

// "10.0.0.1", "r1.example:8729", "2001:db8::1", "[2001:db8::1]:443". A network behind a slash, as
// a column of type inet may have one, is left out.
Expected<RouterAddress> ParseRouterAddress(std::string_view text);

// "8729".
Expected<int> ParseRouterPort(std::string_view text);

// Where MikroTik and RFC 3417 have the service.
int DefaultRouterPort(RouterProtocol protocol, bool use_tls);

// Why that can't be a router's name, "" when it can.
std::string RouterNameFault(std::string_view name);

// Signs the router in by these credentials: reads the secrets that its protocol needs. The result
// is what is wrong, "" when nothing is; never a secret.
std::string SignIn(const RouterCredentials& credentials, RouterConfig* router);
// Likewise by the name that credentials have in the section; "": default.
std::string SignIn(const std::string& name, const RoutersConfig& routers, RouterConfig* router);

}  // namespace usage
