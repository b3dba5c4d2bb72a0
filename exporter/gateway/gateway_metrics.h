// What the gateway counts of itself, for its /metrics.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/types.h"

namespace usage::gateway {

// A token of the file that expires, or has.
struct TokenExpiry {
  std::string tenant;  // "": an operator's
  std::string id;
  Instant at;
};

// Numbers that the page shows and others keep.
struct GatewayGauges {
  int running = 0;
  int waiting = 0;
  int connections = 0;
  size_t tokens = 0;
  std::vector<TokenExpiry> expiries;
  bool config_reload_ok = true;
  bool tokens_reload_ok = true;
  uint64_t cache_hits = 0, cache_misses = 0;
  double cpu_seconds = 0;
  uint64_t resident_bytes = 0;
  uint64_t open_fds = 0;
  double started = 0;  // Unix seconds
};

// Thread-safe. Tenants are those of the token file, so that the number of series is bounded; who
// has no good token is counted under tenant_id="".
class GatewayMetrics {
 public:
  // `label`: what the tenant's label is called here too.
  explicit GatewayMetrics(std::string label) : label_(std::move(label)) {}

  void CountRequest(const std::string& tenant, std::string_view endpoint, int status);
  void CountRefusal(const std::string& tenant, std::string_view reason);
  void CountLimit(const std::string& tenant, std::string_view limit);
  // How long the upstream took, to the last byte.
  void ObserveUpstream(const std::string& tenant, double seconds);
  void CountBytes(const std::string& tenant, uint64_t bytes);

  // The text format 0.0.4.
  std::string Page(const GatewayGauges& gauges) const;

 private:
  static constexpr std::array kBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                         0.5,   1.0,    2.5,   5.0,  10.0,  30.0, 60.0};
  struct Histogram {
    std::array<uint64_t, kBounds.size() + 1> buckets{};
    double sum = 0;
  };
  using Key = std::tuple<std::string, std::string, std::string>;  // tenant, up to two more
  using Counts = std::map<Key, uint64_t>;

  void Count(Counts* counts, const std::string& tenant, std::string_view second,
             std::string_view third, uint64_t by = 1);
  void PrintHistograms(std::string* out) const;
  void PrintExpiries(const std::vector<TokenExpiry>& expiries, std::string* out) const;

  const std::string label_;
  mutable std::mutex mutex_;  // guards what follows; held for a map's look-up only
  Counts requests_, refusals_, limits_, bytes_;
  std::map<std::string, Histogram> upstream_;
};

}  // namespace usage::gateway
