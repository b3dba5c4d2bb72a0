// The file of --web.config.file, as the Prometheus exporters read it (exporter-toolkit,
// docs/web-configuration.md): TLS, basic authentication, response headers.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/expected.h"

namespace usage {

// crypto/tls's ClientAuthType, under the names that exporter-toolkit takes.
enum class ClientAuth {
  kNone,
  kRequest,           // ask; whatever comes, or nothing, is good
  kRequireAny,        // any certificate
  kVerifyIfGiven,     // none, or one of client_ca_file
  kRequireAndVerify,  // one of client_ca_file
};

enum class TlsVersion { kTls10, kTls11, kTls12, kTls13 };

struct TlsConfig {
  std::string
      cert_file;         // PEM, the server's certificate first; absolute or relative to the process
  std::string key_file;  // PEM
  ClientAuth client_auth = ClientAuth::kNone;
  std::string client_ca_file;                    // PEM
  std::vector<std::string> client_allowed_sans;  // empty: any
  TlsVersion min_version = TlsVersion::kTls12;
  TlsVersion max_version = TlsVersion::kTls13;
  // TLS 1.2 suites by their RFC names, the best first; empty: OpenSSL's default.
  std::vector<std::string> cipher_suites;
  bool prefer_server_cipher_suites = true;
  std::vector<std::string> curve_preferences;  // OpenSSL's names; empty: its default

  friend bool operator==(const TlsConfig&, const TlsConfig&) = default;
};

// A token bucket over all requests of the server.
struct RateLimitConfig {
  std::chrono::milliseconds interval{0};  // a token comes in so often; 0: no limit
  int burst = 0;                          // tokens that can be saved up

  friend bool operator==(const RateLimitConfig&, const RateLimitConfig&) = default;
};

struct WebConfig {
  std::optional<TlsConfig> tls{};  // none: plain HTTP
  RateLimitConfig rate_limit{};
  std::map<std::string, std::string> headers{};           // of every response
  std::map<std::string, std::string> basic_auth_users{};  // bcrypt hashes; empty: nobody is asked

  friend bool operator==(const WebConfig&, const WebConfig&) = default;
};

// Every fault of the file in one error, each on a line as "file:line:column: key: what; remedy".
// Relative paths in the file start at its folder. The files that it names are read too, so that a
// bad certificate is found here and not at the first handshake.
Expected<WebConfig> LoadWebConfig(const std::string& path);

// Every key that LoadWebConfig knows, as "tls_server_config.cert_file".
std::set<std::string> KnownWebConfigKeys();

}  // namespace usage
