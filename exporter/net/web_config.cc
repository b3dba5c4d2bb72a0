#include "net/web_config.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

#include "core/closest.h"
#include "core/strict_yaml.h"
#include "net/bcrypt.h"
#include "net/tls.h"

namespace usage {
namespace {

using std::chrono::milliseconds;

// Beyond, a check takes many seconds of a CPU.
constexpr int kHighestCost = 18;

class WebConfigReader {
 public:
  explicit WebConfigReader(YamlFile* file)
      : file_(file), folder_(std::filesystem::path(file->name()).parent_path()) {}

  WebConfig Read() {
    YamlMap root(file_->root());
    ReadTls(root["tls_server_config"]);
    ReadHttp(root["http_server_config"]);
    ReadUsers(root["basic_auth_users"]);
    ReadRateLimit(root["rate_limit"]);
    return config_;
  }

 private:
  void ReadTls(const YamlValue& value) {
    YamlMap map(value);
    TlsConfig tls;
    RefuseInline(&map);
    ReadFile(map.Required("cert_file", "name the PEM file of the server's certificate"),
             &tls.cert_file);
    ReadFile(map.Required("key_file", "name the PEM file of the certificate's key"), &tls.key_file);
    ReadClients(&map, &tls);
    ReadVersions(&map, &tls);
    ReadCiphers(map["cipher_suites"], &tls);
    map["prefer_server_cipher_suites"].Read(&tls.prefer_server_cipher_suites);
    ReadCurves(map["curve_preferences"], &tls);
    if (value.present() && file_->ok()) CheckFiles(value, tls);
    if (value.present()) config_.tls = tls;
  }

  // A key in this file would have to be as secret as a key file, and could not be renewed alone.
  void RefuseInline(YamlMap* map) {
    for (const char* key : {"cert", "key", "client_ca"}) {
      YamlValue value = (*map)[key];
      if (!value.present()) continue;
      value.Fail("is not supported; write it to a file and name that with " + std::string(key) +
                 "_file");
    }
  }

  void ReadFile(const YamlValue& value, std::string* out) {
    std::string name;
    value.Read(&name);
    if (!name.empty()) *out = (folder_ / name).string();  // an absolute name stands alone
  }

  void ReadClients(YamlMap* map, TlsConfig* tls) {
    YamlValue type = (*map)["client_auth_type"];
    type.ReadWord(&tls->client_auth,
                  {{"NoClientCert", ClientAuth::kNone},
                   {"RequestClientCert", ClientAuth::kRequest},
                   {"RequireAnyClientCert", ClientAuth::kRequireAny},
                   {"RequireClientCert", ClientAuth::kRequireAny},  // exporter-toolkit's old name
                   {"VerifyClientCertIfGiven", ClientAuth::kVerifyIfGiven},
                   {"RequireAndVerifyClientCert", ClientAuth::kRequireAndVerify}});
    YamlValue ca = (*map)["client_ca_file"];
    ReadFile(ca, &tls->client_ca_file);
    YamlValue names = (*map)["client_allowed_sans"];
    names.Read(&tls->client_allowed_sans);
    bool verifies = tls->client_auth == ClientAuth::kVerifyIfGiven ||
                    tls->client_auth == ClientAuth::kRequireAndVerify;
    if (verifies && !ca.present()) type.Fail("needs client_ca_file; name the clients' CA there");
    if (ca.present() && tls->client_auth == ClientAuth::kNone) {
      ca.Fail("has no effect without client_auth_type; set that to RequireAndVerifyClientCert");
    }
    if (names.present() && tls->client_auth == ClientAuth::kNone) {
      names.Fail("has no effect without client_auth_type; set that to RequireAndVerifyClientCert");
    }
  }

  void ReadVersions(YamlMap* map, TlsConfig* tls) {
    ReadVersion((*map)["min_version"], &tls->min_version);
    YamlValue most = (*map)["max_version"];
    ReadVersion(most, &tls->max_version);
    if (tls->max_version < tls->min_version) {
      (most.present() ? most : (*map)["min_version"])
          .Fail("leaves no version: max_version is below min_version; correct one of them");
    }
  }

  static void ReadVersion(const YamlValue& value, TlsVersion* out) {
    value.ReadWord(out, {{"TLS10", TlsVersion::kTls10},
                         {"TLS11", TlsVersion::kTls11},
                         {"TLS12", TlsVersion::kTls12},
                         {"TLS13", TlsVersion::kTls13}});
  }

  static void ReadCiphers(const YamlValue& value, TlsConfig* tls) {
    for (const YamlValue& item : value.Items()) {
      std::string name;
      item.Read(&name);
      if (name.empty()) continue;
      if (name.starts_with("TLS_AES_") || name.starts_with("TLS_CHACHA20_POLY1305_SHA256")) {
        item.Fail("is a suite of TLS 1.3, whose suites can't be chosen; take it out");
      } else if (std::string(OPENSSL_cipher_name(name.c_str())) == "(NONE)") {
        item.Fail(
            "is not known to this OpenSSL; take a name of RFC 5289, such as "
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
      } else {
        tls->cipher_suites.push_back(name);
      }
    }
  }

  static void ReadCurves(const YamlValue& value, TlsConfig* tls) {
    for (const YamlValue& item : value.Items()) {
      std::string openssl_name;
      item.ReadWord<std::string>(&openssl_name, {{"CurveP256", "P-256"},
                                                 {"CurveP384", "P-384"},
                                                 {"CurveP521", "P-521"},
                                                 {"X25519", "X25519"}});
      if (!openssl_name.empty()) tls->curve_preferences.push_back(openssl_name);
    }
  }

  static void CheckFiles(const YamlValue& value, const TlsConfig& tls) {
    Expected<SslContextPtr> context = MakeSslContext(tls);
    if (!context) value.Fail(context.error() + "; correct the file or its name");
  }

  void ReadHttp(const YamlValue& value) {
    YamlMap map(value);
    bool http2 = false;
    YamlValue key = map["http2"];
    key.Read(&http2);
    if (http2) key.Fail("HTTP/2 is not supported here; set false or take the key out");
    ReadHeaders(map["headers"]);
  }

  void ReadHeaders(const YamlValue& value) {
    YamlMap map(value);
    for (const char* name :
         {"Content-Security-Policy", "Strict-Transport-Security", "X-XSS-Protection"}) {
      std::string text;
      YamlValue header = map[name];
      header.Read(&text);
      bool control = std::any_of(text.begin(), text.end(),
                                 [](unsigned char c) { return c < 0x20 || c == 0x7f; });
      if (control) {
        header.Fail("must be one line without control characters");
      } else if (!text.empty()) {
        config_.headers[name] = text;
      }
    }
    ReadHeaderWord(map["X-Frame-Options"], "X-Frame-Options",
                   {{"deny", "deny"}, {"sameorigin", "sameorigin"}});
    ReadHeaderWord(map["X-Content-Type-Options"], "X-Content-Type-Options",
                   {{"nosniff", "nosniff"}});
  }

  void ReadHeaderWord(const YamlValue& value, const char* name,
                      std::initializer_list<std::pair<std::string, std::string>> words) {
    std::string word;
    value.ReadWord(&word, words);
    if (!word.empty()) config_.headers[name] = word;
  }

  void ReadUsers(const YamlValue& value) {
    auto entries = value.Entries();
    if (value.is_map() && entries.empty()) {
      value.Fail("has no user, so nobody would be asked; add one or take the key out");
    }
    for (const auto& [user, hash_value] : entries) {
      if (user.empty() || user.find(':') != std::string::npos) {
        hash_value.Fail("a user's name must not be empty nor hold a colon (RFC 7617)");
        continue;
      }
      std::string hash;
      hash_value.ReadSecret(&hash);
      if (hash.empty()) continue;
      CheckHash(hash_value, hash);
      config_.basic_auth_users[user] = hash;
    }
  }

  static void CheckHash(const YamlValue& value, const std::string& hash) {
    std::optional<int> cost = BcryptCost(hash);
    if (!cost) {
      value.Fail(
          "is not a bcrypt hash ($2a$, $2b$ or $2y$); make one with 'htpasswd -nBC 10 USER'");
    } else if (*cost > kHighestCost) {
      value.Fail("has a cost of " + std::to_string(*cost) +
                 ", which takes too long to check; make "
                 "one of 10 to 12 with 'htpasswd -nBC 10 USER'");
    }
  }

  void ReadRateLimit(const YamlValue& value) {
    YamlMap map(value);
    RateLimitConfig limit;
    YamlValue interval = map["interval"];
    if (interval.present())
      interval.ReadDuration(&limit.interval, milliseconds(0), std::chrono::hours(24));
    YamlValue burst = map["burst"];
    burst.Read(&limit.burst, 0, std::numeric_limits<int>::max());
    if (limit.interval.count() > 0 && limit.burst == 0) {
      (burst.present() ? burst : value)
          .Fail("without a burst of at least 1 every request would be refused; set burst");
    }
    config_.rate_limit = limit;
  }

  YamlFile* const file_;
  const std::filesystem::path folder_;
  WebConfig config_;
};

}  // namespace

Expected<WebConfig> LoadWebConfig(const std::string& path) {
  YamlFile file = YamlFile::Load(path);
  WebConfig config = WebConfigReader(&file).Read();
  if (!file.ok()) return Error{file.faults()};
  return config;
}

std::set<std::string> KnownWebConfigKeys() {
  // The reader asks for every key that it knows.
  YamlFile file = YamlFile::Parse("", "");
  WebConfigReader(&file).Read();
  return file.known_keys();
}

}  // namespace usage
