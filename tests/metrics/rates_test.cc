#include "metrics/rates.h"

#include <gtest/gtest.h>

namespace usage {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Instant kStart = FromUnixMicros(1'795'421'600'000'000);

AccessUsage Usage(uint64_t download, Instant data, uint64_t sessions = 3) {
  AccessUsage usage;
  usage.total = {download / 10, download};
  usage.sessions = sessions;
  usage.data_timestamp = data;
  return usage;
}

TEST(RateMeterTest, OneSnapshotTellsNothing) {
  RateMeter meter;
  EXPECT_FALSE(meter.Now());
  meter.Add(kStart, Usage(1'000'000, kStart));
  EXPECT_FALSE(meter.Now());
}

TEST(RateMeterTest, LivelyRowsAreMeanOverAMinute) {
  RateMeter meter;
  for (int t = 0; t <= 300; t += 5)  // 1 MB/s, and 2 MB/s in the last minute
    meter.Add(
        kStart + seconds(t),
        Usage(static_cast<uint64_t>(t + std::max(0, t - 240)) * 1'000'000, kStart + seconds(t)));
  ASSERT_TRUE(meter.Now());
  EXPECT_DOUBLE_EQ(meter.Now()->download, 16e6);
  EXPECT_DOUBLE_EQ(meter.Now()->upload, 1.6e6);
  EXPECT_EQ(meter.Now()->window, kShortWindow);
}

// Three sources that are read every 5 s, one after the other: each of them makes a snapshot.
TEST(RateMeterTest, SnapshotsOfOtherSourcesDoNotMakeARowRare) {
  RateMeter meter;
  for (int t = 0; t <= 600; t += 5) {
    for (int millis : {0, 1700, 3300})
      meter.Add(kStart + seconds(t) + std::chrono::milliseconds(millis),
                Usage(static_cast<uint64_t>(t) * 1'000'000, kStart + seconds(t)));
  }
  ASSERT_TRUE(meter.Now());
  EXPECT_EQ(meter.Now()->window, kShortWindow);
  EXPECT_DOUBLE_EQ(meter.Now()->download, 8e6);
}

// RADIUS: one session, an interim every 5 minutes. A one-minute mean would say 0 four times of
// five.
TEST(RateMeterTest, RareReportsAreMeanOverTenMinutes) {
  RateMeter meter;
  for (int t = 0; t <= 1500; t += 5) {
    int reported = t / 300 * 300;
    meter.Add(kStart + seconds(t),
              Usage(static_cast<uint64_t>(reported) * 1'000'000, kStart + seconds(reported)));
    if (t < 1200 || t % 300 > 280) continue;
    ASSERT_TRUE(meter.Now());
    EXPECT_NEAR(meter.Now()->download, 8e6, 4e5) << t;
    EXPECT_EQ(meter.Now()->window, kLongWindow);
  }
}

TEST(RateMeterTest, AnIdleRowThatStillReportsIsZeroWithinAMinute) {
  RateMeter meter;
  for (int t = 0; t <= 360; t += 5)
    meter.Add(kStart + seconds(t),
              Usage(static_cast<uint64_t>(std::min(t, 300)) * 1'000'000, kStart + seconds(t)));
  EXPECT_DOUBLE_EQ(meter.Now()->download, 0);
}

TEST(RateMeterTest, NobodyOnlineIsZeroWithinAMinute) {
  RateMeter meter;
  for (int t = 0; t <= 400; t += 5)
    meter.Add(kStart + seconds(t),
              Usage(t < 300 ? 0 : 50'000'000, kStart + seconds(t / 300 * 300), t < 320 ? 1 : 0));
  EXPECT_DOUBLE_EQ(meter.Now()->download, 0);
}

// A source was away for an hour; what it brings then flowed in that hour.
TEST(RateMeterTest, BytesAfterAGapAreSpreadOverTheGap) {
  RateMeter meter;
  for (int t = 0; t <= 60; t += 5) meter.Add(kStart + minutes(60) + seconds(t), Usage(0, kStart));
  Instant back = kStart + minutes(60) + seconds(65);
  meter.Add(back, Usage(3'665'000'000, back));
  EXPECT_NEAR(meter.Now()->download, 8e6, 1e5);
}

TEST(RateMeterTest, BytesOfClosedDaysDoNotFlowNow) {
  RateMeter meter;
  meter.Add(kStart, Usage(0, kStart));
  AccessUsage late = Usage(5'000'000'000, kStart + seconds(5));
  late.late = late.total;
  meter.Add(kStart + seconds(5), late);
  EXPECT_DOUBLE_EQ(meter.Now()->download, 0);
}

TEST(RateMeterTest, AClockThatWasSetBackBeginsAnew) {
  RateMeter meter;
  meter.Add(kStart, Usage(0, kStart));
  meter.Add(kStart + seconds(5), Usage(1000, kStart));
  meter.Add(kStart - minutes(30), Usage(2000, kStart));
  EXPECT_FALSE(meter.Now());
}

TEST(RatesTest, ATenantThatComesBackBeginsAnew) {
  Rates rates;
  Snapshot snapshot;
  TenantUsage tenant;
  tenant.id = "a";
  auto observe = [&](int t, bool there) {
    snapshot.at = kStart + seconds(t);
    tenant.access[0] = Usage(0, snapshot.at);
    snapshot.tenants.assign(there ? 1 : 0, tenant);
    return rates.Observe(snapshot);
  };
  observe(0, true);
  auto rows = observe(5, true);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(rows[0][0]);
  EXPECT_FALSE(rows[0][1]);  // no data is not 0
  EXPECT_TRUE(observe(10, false).empty());
  EXPECT_FALSE(observe(15, true)[0][0]);
}

TEST(RatesTest, RoutersTellWhatFlowsNowWhereTheyShowNearlyAllSessions) {
  Rates rates;
  Snapshot snapshot;
  snapshot.at = kStart;
  snapshot.tenants.resize(1);
  snapshot.tenants[0].access[0] = Usage(0, kStart, 10);
  LiveUsage& live = snapshot.tenants[0].access[0]->live.emplace();
  live.rate = {125, 1000};
  live.sessions = 9;
  EXPECT_EQ(rates.Observe(snapshot)[0][0], (Rate{1000, 8000, kRouterWindow}));
  live.sessions = 8;
  EXPECT_FALSE(rates.Observe(snapshot)[0][0]);  // accounting's: too young
}

}  // namespace
}  // namespace usage
