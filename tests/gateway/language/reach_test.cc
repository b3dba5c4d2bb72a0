// What the gateway's limits are told about a query.
#include <gtest/gtest.h>

#include "gateway/enforce.h"

namespace usage::gateway {
namespace {

constexpr int64_t kMinute = 60'000, kHour = 60 * kMinute, kDay = 24 * kHour;

EnforcedQuery Reach(std::string_view query, const TimeFrame& frame = {}) {
  Expected<EnforcedQuery, QueryFault> enforced = EnforceQuery(query, nullptr, {}, frame);
  EXPECT_TRUE(enforced) << query;
  return enforced ? *enforced : EnforcedQuery{};
}

int64_t Lookback(std::string_view query) { return Reach(query).lookback_ms; }

TEST(Lookback, IsTheLargestSumOfRangeAndOffset) {
  EXPECT_EQ(Lookback("a"), 0);
  EXPECT_EQ(Lookback("1"), 0);
  EXPECT_EQ(Lookback("a offset 5m"), 5 * kMinute);
  EXPECT_EQ(Lookback("a offset -5m"), 0);
  EXPECT_EQ(Lookback("rate(a[5m])"), 5 * kMinute);
  EXPECT_EQ(Lookback("rate(a[5m] offset 1h)"), kHour + 5 * kMinute);
  EXPECT_EQ(Lookback("rate(a[5m]) + sum(b offset 1d)"), kDay);
  EXPECT_EQ(Lookback("topk(scalar(a offset 1d), b)"), kDay);
}

TEST(Lookback, SumsTheSubqueriesAround) {
  EXPECT_EQ(Lookback("max_over_time(rate(a[5m])[1h:])"), kHour + 5 * kMinute);
  EXPECT_EQ(Lookback("max_over_time(rate(a[5m] offset 1d)[1h:1m] offset 1d)"),
            2 * kDay + kHour + 5 * kMinute);
  EXPECT_EQ(Lookback("max_over_time(max_over_time(a[1h:])[1d:])"), kDay + kHour);
  EXPECT_EQ(Lookback("max_over_time(a[1h:] offset -2h)"), 0);
}

TEST(Lookback, BehindAnAtIsOfThatTime) {
  EXPECT_EQ(Lookback("max_over_time(a @ end()[30d:1h])"), 0);
  EXPECT_EQ(Lookback("max_over_time(rate(a[5m] @ start())[30d:1h])"), 5 * kMinute);
  EnforcedQuery reach = Reach("rate(a[5m] @ 1000000 offset 1m) + sum_over_time(b[1h:] @ 2000000)");
  EXPECT_EQ(reach.lookback_ms, 0);
  EXPECT_EQ(reach.earliest_at_ms, 1'000'000'000 - 6 * kMinute);
  EXPECT_FALSE(Reach("a @ end()").earliest_at_ms);
  EXPECT_EQ(Reach("a @ 0").earliest_at_ms, 0);
  EXPECT_EQ(Reach("max_over_time(rate(a[5m])[1h:] @ 1000000)").earliest_at_ms,
            1'000'000'000 - kHour - 5 * kMinute);
}

TEST(Lookback, KnowsDurationExpressions) {
  TimeFrame frame{.step_ms = 30'000, .range_ms = kHour};
  EXPECT_EQ(Reach("rate(a[4 * step()])", frame).lookback_ms, 2 * kMinute);
  EXPECT_EQ(Reach("rate(a[max_of(step(), 5m)])", frame).lookback_ms, 5 * kMinute);
  EXPECT_EQ(Reach("a offset (range() / 2 - 10m)", frame).lookback_ms, 20 * kMinute);
  EXPECT_EQ(Reach("a offset (7 % 4 + 2 ^ 3)", frame).lookback_ms, 11'000);
  EXPECT_GT(Reach("rate(a[1d ^ 100])").lookback_ms, 10'000 * 365 * kDay);
  EXPECT_EQ(Reach("rate(a[1d / step()])").lookback_ms, 1'000'000'000'000'000);
}

TEST(SubqueryStep, IsTheSmallestThatIsNamed) {
  EXPECT_EQ(Reach("a").smallest_subquery_step_ms, 0);
  EXPECT_EQ(Reach("a[1h:]").smallest_subquery_step_ms, 0);
  EXPECT_EQ(Reach("max_over_time(a[1h:5m]) + max_over_time(b[1h:10s])").smallest_subquery_step_ms,
            10'000);
}

TEST(SubqueryPoints, MultiplyWhenNested) {
  EXPECT_EQ(Reach("a").subquery_points, 1);
  EXPECT_EQ(Reach("a[1h:1m]").subquery_points, 60);
  EXPECT_EQ(Reach("a[1h:]").subquery_points, 60);
  EXPECT_EQ(Reach("max_over_time(max_over_time(a[1h:1m])[1d:1h])").subquery_points, 60 * 24);
  EXPECT_EQ(Reach("max_over_time(a[30d:1s]) + max_over_time(b[1h:])").subquery_points, 30 * 86400);
}

}  // namespace
}  // namespace usage::gateway
