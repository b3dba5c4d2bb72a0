// What one query costs in the gateway's language: parsing, checking, enforcing and printing
// together. The dashboard's queries are those that Grafana sends for this project's panels and for
// the usual ones of other people's. tests/bench/gateway_language builds and runs it.
#include <benchmark/benchmark.h>

#include "gateway/enforce.h"

namespace usage::gateway {
namespace {

const TenantMatcher kTenant{"tenant_id", "acme-hotels"};

constexpr const char* kShort = "usage_sessions";
constexpr const char* kRate =
    R"(sum by (access) (rate(usage_download_bytes_total{tenant_id=~"acme-hotels",access=~"hotspot|pppoe"}[5m])) * 8)";
constexpr const char* kRatio =
    R"(100 * sum(usage_month_download_bytes + usage_month_upload_bytes) / sum(usage_quota_bytes{plan!=""}))";
constexpr const char* kJoin =
    R"(topk(10, sum by (subscriber) (increase(usage_subscriber_download_bytes{access="pppoe"}[24h]))) * on (tenant_id) group_left (tenant, plan) usage_tenant_info)";
constexpr const char* kQuantile =
    R"(histogram_quantile(0.95, sum by (le, job) (rate(http_request_duration_seconds_bucket{job=~"api.*",code!~"5..",instance=~"(a|b|c)\\.example:9090"}[5m] offset 1w))))";
constexpr const char* kCpu =
    R"(100 - (avg by (instance) (irate(node_cpu_seconds_total{mode="idle",instance=~".+",job="node"}[5m])) * 100) > bool 80 or vector(0))";
constexpr const char* kSubquery =
    R"(max_over_time(deriv(rate(usage_download_bytes_total{access="hotspot"}[5m])[30m:1m])[1d:1h] @ end()))";
// A class of characters is for RE2 to judge.
constexpr const char* kRe2 =
    R"(sum(rate(usage_download_bytes_total{subscriber=~"[a-f]+@example"}[5m])))";

void Enforce(benchmark::State& state, const char* query) {
  if (Expected<EnforcedQuery, QueryFault> enforced = EnforceQuery(query, &kTenant); !enforced) {
    return state.SkipWithError(enforced.error().c_str());
  }
  for (auto _ : state) benchmark::DoNotOptimize(EnforceQuery(query, &kTenant));
  state.counters["bytes"] = static_cast<double>(std::string_view(query).size());
}

// As many matchers and lines as a query editor that has gone wild.
void EnforceOneHundredSelectors(benchmark::State& state) {
  std::string query = "m0";
  for (int i = 1; i < 100; ++i) query += " or m" + std::to_string(i) + "{a=\"b\",c=~\"d.*\"}";
  Enforce(state, query.c_str());
}

void Refuse(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(EnforceQuery("sum(rate(m))", &kTenant));
}

BENCHMARK_CAPTURE(Enforce, OneMetric, kShort);
BENCHMARK_CAPTURE(Enforce, Rate, kRate);
BENCHMARK_CAPTURE(Enforce, Ratio, kRatio);
BENCHMARK_CAPTURE(Enforce, Join, kJoin);
BENCHMARK_CAPTURE(Enforce, Quantile, kQuantile);
BENCHMARK_CAPTURE(Enforce, Cpu, kCpu);
BENCHMARK_CAPTURE(Enforce, Subquery, kSubquery);
BENCHMARK_CAPTURE(Enforce, RegexForRe2, kRe2);
BENCHMARK(EnforceOneHundredSelectors);
BENCHMARK(Refuse);

}  // namespace
}  // namespace usage::gateway

BENCHMARK_MAIN();
