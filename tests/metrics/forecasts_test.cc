#include "metrics/forecasts.h"

#include <gtest/gtest.h>

namespace usage {
namespace {

constexpr Duration kDay = std::chrono::hours(24);
constexpr Instant kMonth = FromUnixMicros(1'793'491'200'000'000);  // 2026-11-01

// Each closed day of November had so many bytes.
TenantHistory History(const std::string& id, uint64_t bytes) {
  TenantHistory history;
  history.id = id;
  for (int day = 0; day <= 30; ++day) history.basis.starts.push_back(kMonth + day * kDay);
  history.basis.weights.assign(30, 1.0);
  history.basis.rate = static_cast<double>(bytes);
  return history;
}

// On the 11th at noon.
TenantUsage Tenant(const std::string& id, std::optional<Volume> month) {
  TenantUsage tenant;
  tenant.id = id;
  tenant.quota_bytes = 3000;
  tenant.month_start = kMonth;
  tenant.month_end = kMonth + 30 * kDay;
  tenant.today_start = kMonth + 10 * kDay;
  tenant.forecast.bytes = 1;  // of a snapshot before
  if (month) tenant.access[0].emplace().month = *month;
  return tenant;
}

TEST(ForecastsTest, EachTenantHasItsOwnHistoryAndBothDirections) {
  Snapshot snapshot;
  snapshot.at = kMonth + 10 * kDay + kDay / 2;
  snapshot.tenants = {Tenant("a", Volume{1, 2}), Tenant("b", Volume{400, 600}),
                      Tenant("c", Volume{1, 2}), Tenant("d", std::nullopt),
                      Tenant("e", Volume{UINT64_MAX, 5})};
  usage::History history;
  history.tenants = {History("B", 7), History("b", 100), History("bb", 7), History("d", 100),
                     History("e", 100)};
  AddForecasts(history, &snapshot);
  const auto forecast = [&](size_t i) { return snapshot.tenants[i].forecast; };
  EXPECT_EQ(forecast(0).bytes, std::nullopt) << "nothing is known of its days";
  EXPECT_EQ(forecast(1).bytes, 2950u) << "the rest of this day and 19 more";
  EXPECT_EQ(forecast(1).exhausted_at, std::nullopt);
  EXPECT_EQ(forecast(2).bytes, std::nullopt);
  EXPECT_EQ(forecast(3).bytes, std::nullopt) << "it never had a session";
  EXPECT_EQ(forecast(4).bytes, UINT64_MAX);
  EXPECT_LT(forecast(4).exhausted_at, snapshot.at);
}

}  // namespace
}  // namespace usage
