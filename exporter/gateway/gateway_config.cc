#include "gateway/gateway_config.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include "core/strict_yaml.h"
#include "gateway/enforce.h"
#include "gateway/token_file.h"
#include "gateway/upstream_url.h"
#include "net/basic_auth.h"
#include "net/http_message.h"

namespace usage::gateway {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kMost = 1'000'000;
constexpr hours kTenYears(10 * 366 * 24);
constexpr size_t kLongestSecret = 4096;

bool IsHeaderName(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  });
}

bool IsHeaderValue(const std::string& value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

// Reads the sections one after the other; faults gather in the file.
class GatewayConfigReader {
 public:
  explicit GatewayConfigReader(YamlFile* file)
      : folder_(std::filesystem::path(file->name()).parent_path()), file_(file) {}

  GatewayConfig Read() {
    YamlMap root(file_->root());
    ReadUpstream(root.Required("upstream", "write 'upstream: {url: http://127.0.0.1:9090}'"));
    ReadLabel(root["label"]);
    ReadTokens(root.Required("tokens", "write 'tokens: {file: tokens.json}'"));
    ReadLimits(root["limits"], &config_.limits);
    config_.operators = config_.limits;
    ReadLimits(root["operator_limits"], &config_.operators);
    ReadTenants(root["tenants"]);
    ReadAudit(root["audit"]);
    ReadVersion(root["api_version"]);
    ReadCache(root["cache"]);
    config_.warnings = file_->warnings();
    return config_;
  }

 private:
  void ReadUpstream(const YamlValue& value) {
    YamlMap map(value);
    UpstreamConfig& upstream = config_.upstream;
    YamlValue url = map.Required("url", "write where Prometheus is, such as http://127.0.0.1:9090");
    std::string text;
    url.Read(&text);
    std::string fault = text.empty() ? "" : ReadUpstreamUrl(text, &upstream);
    if (!fault.empty()) url.Fail(fault);
    map["timeout"].ReadDuration(&upstream.timeout, milliseconds(100), hours(1));
    map["connect_timeout"].ReadDuration(&upstream.connect_timeout, milliseconds(10), hours(1));
    map["max_concurrent"].Read(&upstream.max_concurrent, 0, kMost);
    map["max_idle_connections"].Read(&upstream.max_idle, 0, 10'000);
    ReadHeaders(map["headers"]);
    ReadAuthorization(map["basic_auth"], map["bearer_token_file"]);
    ReadTls(map["tls"]);
  }

  void ReadHeaders(const YamlValue& value) {
    for (const auto& [name, header] : value.Entries()) {
      std::string text;
      header.ReadSecret(&text);
      bool is_ours = SameName(name, "Host") || SameName(name, "Connection") ||
                     SameName(name, "Content-Length") || SameName(name, "Transfer-Encoding") ||
                     SameName(name, "Authorization");
      if (is_ours) {
        header.Fail("is set by the gateway itself; take it out");
      } else if (!IsHeaderName(name) || !IsHeaderValue(text)) {
        header.Fail("is not a header: letters, digits and '-' in the name, one line of text");
      } else {
        config_.upstream.headers[name] = text;
      }
    }
  }

  void ReadAuthorization(const YamlValue& basic, const YamlValue& bearer) {
    if (basic.present() && bearer.present()) {
      bearer.Fail("stands beside basic_auth; keep one of them");
    }
    if (basic.present()) ReadBasic(basic);
    if (!bearer.present()) return;
    std::string secret = ReadSecretFile(bearer);
    if (!secret.empty()) config_.upstream.authorization = "Bearer " + secret;
  }

  void ReadBasic(const YamlValue& value) {
    YamlMap map(value);
    std::string user;
    map.Required("username", "write the upstream's user").Read(&user);
    YamlValue file = map.Required("password_file", "name the file that has the password");
    std::string password = file.present() ? ReadSecretFile(file) : "";
    if (user.empty() || password.empty()) return;
    config_.upstream.authorization = BasicAuthorization({user, password});
  }

  std::string ReadSecretFile(const YamlValue& value) {
    std::string path = ReadPath(value);
    if (path.empty()) return "";
    std::ifstream stream(path);
    std::string secret{std::istreambuf_iterator<char>(stream), {}};
    if (!stream.is_open() || stream.bad()) {
      value.Fail(path + " can't be read (" + std::strerror(errno) +
                 "); give the gateway's user the right to read it");
      return "";
    }
    while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
    if (!secret.empty() && secret.size() <= kLongestSecret && IsHeaderValue(secret)) return secret;
    value.Fail(path + " must hold the secret and nothing else, on one line");
    return "";
  }

  std::string ReadPath(const YamlValue& value) {
    std::string name;
    value.Read(&name);
    return name.empty() ? "" : (folder_ / name).string();  // an absolute name stands alone
  }

  void ReadTls(const YamlValue& value) {
    YamlMap map(value);
    UpstreamConfig& upstream = config_.upstream;
    upstream.ca_file = ReadPath(map["ca_file"]);
    YamlValue cert = map["cert_file"], key = map["key_file"];
    upstream.cert_file = ReadPath(cert);
    upstream.key_file = ReadPath(key);
    map["server_name"].Read(&upstream.server_name);
    if (cert.present() != key.present()) value.Fail("needs cert_file and key_file together");
    if (value.present() && !upstream.tls) {
      value.Fail("has no effect with an http URL; write https in upstream.url");
    } else if (value.present() && file_->ok()) {
      CheckTls(value);
    }
  }

  void CheckTls(const YamlValue& value) {
    try {
      UpstreamPool checked(config_.upstream);
    } catch (const std::exception& e) {
      value.Fail(std::string(e.what()) + "; correct the file or its name");
    }
  }

  void ReadLabel(const YamlValue& value) {
    std::string label;
    value.Read(&label);
    if (label.empty()) return;
    std::string fault = CheckTenantMatcher({label, "x"});
    if (!fault.empty()) return value.Fail(fault);
    config_.label = label;
  }

  void ReadTokens(const YamlValue& value) {
    YamlMap map(value);
    YamlValue file = map.Required("file", "make it with 'usagectl token create --file …'");
    config_.tokens_file = ReadPath(file);
    YamlValue header = map["header"];
    header.Read(&config_.token_header);
    if (!config_.token_header.empty() && !IsHeaderName(config_.token_header)) {
      header.Fail("is not the name of a header; write one such as X-Usage-Token");
    }
  }

  void ReadLimits(const YamlValue& value, TenantLimits* limits) {
    YamlMap map(value);
    map["requests_per_second"].Read(&limits->requests_per_second, 0, kMost);
    map["burst"].Read(&limits->burst, 1, kMost);
    map["max_concurrent"].Read(&limits->max_concurrent, 0, kMost);
    map["max_queued"].Read(&limits->max_queued, 0, kMost);
    map["queue_timeout"].ReadDuration(&limits->queue_timeout, milliseconds(0), hours(1));
    map["max_points"].Read(&limits->max_points, 0, std::numeric_limits<int>::max());
    map["max_range"].ReadDuration(&limits->max_range, milliseconds(0), kTenYears);
    map["max_lookback"].ReadDuration(&limits->max_lookback, milliseconds(0), kTenYears);
    ReadQueryBytes(map["max_query_bytes"], limits);
    map["max_query_depth"].Read(&limits->max_query_depth, 1, kDeepest);
    map["max_response_bytes"].ReadByteSize(&limits->max_response_bytes);
  }

  static void ReadQueryBytes(const YamlValue& value, TenantLimits* limits) {
    uint64_t bytes = limits->max_query_bytes;
    value.ReadByteSize(&bytes);
    constexpr uint64_t kMostBytes = 512 * 1024;  // what a request's body has room for, escaped
    if (bytes == 0 || bytes > kMostBytes) return value.Fail("must be between 1B and 512KiB");
    limits->max_query_bytes = bytes;
  }

  void ReadTenants(const YamlValue& value) {
    for (const auto& [tenant, limits] : value.Entries()) {
      std::string fault = TenantFault(tenant);
      if (!fault.empty()) limits.Fail(fault);
      config_.tenants[tenant] = config_.limits;
      ReadLimits(limits, &config_.tenants[tenant]);
    }
  }

  void ReadAudit(const YamlValue& value) {
    std::string text;
    value.Read(&text);
    if (text.empty()) return;
    bool is_word = text == "stdout" || text == "none";
    config_.audit = is_word ? text : (folder_ / text).string();
  }

  void ReadVersion(const YamlValue& value) {
    value.Read(&config_.api_version);
    bool good = config_.api_version.find_first_not_of("0123456789.") == std::string::npos;
    if (!good) value.Fail("is not a version of Prometheus; write one such as 2.42.0");
  }

  void ReadCache(const YamlValue& value) {
    YamlMap map(value);
    CacheConfig& cache = config_.cache;
    map["max_bytes"].ReadByteSize(&cache.max_bytes);
    map["recent"].ReadDuration(&cache.recent, milliseconds(0), hours(24 * 365));
    map["keep"].ReadDuration(&cache.keep, seconds(1), hours(24 * 365));
  }

  const std::filesystem::path folder_;
  YamlFile* const file_;
  GatewayConfig config_;
};

Expected<GatewayConfig> ReadFrom(YamlFile file) {
  if (!file.ok()) return Error{file.faults()};
  GatewayConfig config = GatewayConfigReader(&file).Read();
  if (!file.ok()) return Error{file.faults()};
  return config;
}

}  // namespace

Expected<GatewayConfig> LoadGatewayConfig(const std::string& path) {
  return ReadFrom(YamlFile::Load(path));
}

Expected<GatewayConfig> ParseGatewayConfig(const std::string& name, const std::string& text) {
  return ReadFrom(YamlFile::Parse(name, text));
}

std::set<std::string> KnownGatewayConfigKeys() {
  YamlFile file = YamlFile::Parse("", "{upstream: {basic_auth: {}}, tenants: {x: {}}}");
  GatewayConfigReader(&file).Read();
  return file.known_keys();
}

}  // namespace usage::gateway
