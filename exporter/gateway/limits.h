// What one tenant may ask for.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace usage::gateway {

// 0 means "no limit" everywhere but in max_queued and queue_timeout, where it means "do not wait".
struct TenantLimits {
  int requests_per_second = 50;
  int burst = 200;          // requests that can be saved up: a dashboard opens with many at once
  int max_concurrent = 10;  // at the upstream; more wait
  int max_queued = 100;     // that wait
  std::chrono::milliseconds queue_timeout{30'000};
  int max_points = 11'000;                    // of a series: Prometheus' own limit; subqueries too
  std::chrono::milliseconds max_range{0};     // end - start
  std::chrono::milliseconds max_lookback{0};  // behind each point: ranges, subqueries, offsets
  size_t max_query_bytes = 64 * 1024;
  int max_query_depth = 100;
  uint64_t max_response_bytes = 256 * 1024 * 1024;  // as the upstream sends it

  friend bool operator==(const TenantLimits&, const TenantLimits&) = default;
};

}  // namespace usage::gateway
