#include "ledger/spread.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace usage {
namespace {

Instant At(int day, int hour, int minute = 0, int second = 0) {
  return Instant(std::chrono::days(Day::FromCivil(2026, 11, 1).number - 1 + day) +
                 std::chrono::hours(hour) + std::chrono::minutes(minute) +
                 std::chrono::seconds(second));
}

std::string Describe(const std::vector<DayPart>& parts) {
  std::string text;
  for (const DayPart& part : parts) {
    text += part.day.ToString().substr(5) + " up " + std::to_string(part.volume.upload) + " down " +
            std::to_string(part.volume.download) + "\n";
  }
  return text;
}

TEST(SplitByDayTest, CutsAtMidnightByTime) {
  EXPECT_EQ(Describe(SplitByDay({At(1, 18), At(2, 6), {1000, 100}}, TenantCalendar())),
            "11-01 up 500 down 50\n11-02 up 500 down 50\n");
}

TEST(SplitByDayTest, RoundsDownCumulativelySoThatNothingIsLost) {
  EXPECT_EQ(Describe(SplitByDay({At(1, 16), At(3, 16), {10, 1}}, TenantCalendar())),
            "11-01 up 1 down 0\n11-02 up 5 down 0\n11-03 up 4 down 1\n");
}

TEST(SplitByDayTest, WhatFlowsUntilMidnightIsOfTheDayBefore) {
  EXPECT_EQ(Describe(SplitByDay({At(1, 23), At(2, 0), {7, 7}}, TenantCalendar())),
            "11-01 up 7 down 7\n");
  EXPECT_EQ(Describe(SplitByDay({At(2, 0), At(2, 0), {7, 7}}, TenantCalendar())),
            "11-01 up 7 down 7\n");
  EXPECT_EQ(Describe(SplitByDay({At(2, 0), At(2, 0, 0, 1), {7, 7}}, TenantCalendar())),
            "11-02 up 7 down 7\n");
}

TEST(SplitByDayTest, NothingIsNoDay) {
  EXPECT_EQ(Describe(SplitByDay({At(1, 0), At(9, 0), {}}, TenantCalendar())), "");
}

TEST(SplitByDayTest, HugeVolumesDoNotOverflow) {
  auto parts = SplitByDay({At(1, 0), At(29, 0), {UINT64_MAX, UINT64_MAX - 1}}, TenantCalendar());
  ASSERT_EQ(parts.size(), 28u);
  Volume sum;
  for (const DayPart& part : parts) sum += part.volume;
  EXPECT_EQ(sum, (Volume{UINT64_MAX, UINT64_MAX - 1}));
}

// Whatever the flow, the parts sum to it, and cutting it in two at a report in between, at an even
// rate, gives the same days.
TEST(SplitByDayTest, RandomFlowsSumAndSplitAlike) {
  std::mt19937_64 random(3);
  TenantCalendar calendar(*Zone::Find("America/New_York"), 1);
  for (int i = 0; i < 2000; ++i) {
    auto length = static_cast<int64_t>(random() % 400'000) + 2;
    auto cut = static_cast<int64_t>(random() % static_cast<uint64_t>(length));
    uint64_t rate = random() % 10'000'000;
    Instant from = At(1, 0) + std::chrono::seconds(random() % 86'400);
    auto flow = [&](int64_t a, int64_t b) {
      return Flow{from + std::chrono::seconds(a),
                  from + std::chrono::seconds(b),
                  {rate * static_cast<uint64_t>(b - a), 0}};
    };
    std::map<Day, uint64_t> whole, halves;
    for (const auto& part : SplitByDay(flow(0, length), calendar))
      whole[part.day] += part.volume.upload;
    for (const auto& part : SplitByDay(flow(0, cut), calendar))
      halves[part.day] += part.volume.upload;
    for (const auto& part : SplitByDay(flow(cut, length), calendar))
      halves[part.day] += part.volume.upload;
    ASSERT_EQ(whole, halves);
  }
}

// Parking a flow in quarters and splitting those by day later gives what splitting it at once does.
TEST(SplitByQuarterTest, LosesNothingOfTheDays) {
  std::mt19937_64 random(4);
  for (const char* zone : {"Asia/Kathmandu", "Pacific/Pago_Pago", "Europe/Berlin", "UTC"}) {
    TenantCalendar calendar(*Zone::Find(zone), 1);
    for (int i = 0; i < 500; ++i) {
      Instant from = At(1, 0) + std::chrono::seconds(random() % 200'000);
      Flow flow{
          from, from + Duration(random() % 100'000'000'000), {random() % 1'000'000, random() % 7}};
      std::map<Day, Volume> at_once, later;
      for (const auto& part : SplitByDay(flow, calendar)) at_once[part.day] += part.volume;
      for (const Flow& parked : SplitByQuarter(flow)) {
        for (const auto& part : SplitByDay(parked, calendar)) later[part.day] += part.volume;
      }
      ASSERT_EQ(at_once, later);
    }
  }
}

}  // namespace
}  // namespace usage
