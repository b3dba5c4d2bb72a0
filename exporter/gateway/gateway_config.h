// The gateway's configuration file.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/expected.h"
#include "gateway/limits.h"
#include "gateway/upstream.h"

namespace usage::gateway {

struct CacheConfig {
  uint64_t max_bytes = 0;  // of all answers together; 0: no cache
  // An answer that reaches into the newest part is not kept: Prometheus may still add to it.
  std::chrono::milliseconds recent{10 * 60'000};
  std::chrono::milliseconds keep{5 * 60'000};

  friend bool operator==(const CacheConfig&, const CacheConfig&) = default;
};

struct GatewayConfig {
  UpstreamConfig upstream;
  std::string label = "tenant_id";
  std::string tokens_file;
  std::string token_header;  // beside Authorization; "": none
  TenantLimits limits;       // of tenants that are not in `tenants`
  std::map<std::string, TenantLimits> tenants;
  TenantLimits operators;  // of each operator's token
  std::string audit = "stdout";
  // What status/buildinfo says, by which Grafana decides what it may ask.
  std::string api_version = "2.42.0";
  CacheConfig cache;
  std::vector<std::string> warnings;

  const TenantLimits& LimitsOf(const std::string& tenant) const {
    auto own = tenants.find(tenant);
    return own == tenants.end() ? limits : own->second;
  }
  friend bool operator==(const GatewayConfig&, const GatewayConfig&) = default;
};

// Every fault of the file in one error, each on a line as "file:line:column: key: what; remedy".
// Relative paths in the file start at its folder.
Expected<GatewayConfig> LoadGatewayConfig(const std::string& path);
Expected<GatewayConfig> ParseGatewayConfig(const std::string& name, const std::string& text);

// Every key that the reader knows, as "upstream.url".
std::set<std::string> KnownGatewayConfigKeys();

}  // namespace usage::gateway
