#include "sim/curve.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "sim/random.h"

namespace usage::sim {
namespace {

Second At(int year, unsigned month, unsigned day, int hour = 0) {
  auto date = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
  return std::chrono::sys_days(date) + std::chrono::hours(hour);
}

std::map<Day, Volume> Sum(const std::vector<DayVolume>& days) {
  std::map<Day, Volume> sum;
  for (const DayVolume& part : days) sum[part.day] += part.volume;
  return sum;
}

constexpr CurveShape kShape = {42, 123'456.7, 0.13};

TEST(Random, IsTheSameOnEveryMachine) {
  Random random(1);
  EXPECT_EQ(random.Next(), 10451216379200822465U);  // splitmix64's published first output
  EXPECT_EQ(Random(7).LogNormal(1200, 1.1), Random(7).LogNormal(1200, 1.1));
  EXPECT_EQ(static_cast<int64_t>(Random(7).LogNormal(1200, 1.1) * 1e6), 399026297);
}

TEST(Random, ExpAgreesWithLibmToTwelveDigits) {
  for (double x = -20; x <= 20; x += 0.37) {
    EXPECT_NEAR(Exp(x) / std::exp(x), 1, 1e-12) << x;
  }
}

TEST(Random, NormalHasMeanZeroAndDeviationOne) {
  Random random(3);
  double sum = 0, squares = 0;
  for (int i = 0; i < 100'000; ++i) {
    double value = random.Normal();
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / 1e5, 0, 0.02);
  EXPECT_NEAR(squares / 1e5, 1, 0.02);
}

class CurveIn : public ::testing::TestWithParam<const char*> {
 protected:
  const Zone& zone() const { return *Zone::Find(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(Zones, CurveIn,
                         ::testing::Values("UTC", "Europe/Berlin", "Asia/Kathmandu",
                                           "Pacific/Kiritimati", "Pacific/Pago_Pago",
                                           "Africa/Cairo", "Australia/Lord_Howe"));

// Both ends of daylight saving in Europe; Lord Howe and Cairo change near them.
const std::vector<Second> kStarts = {At(2026, 3, 27, 5), At(2026, 10, 23, 5), At(2026, 4, 3, 1),
                                     At(2026, 4, 22, 9)};

TEST_P(CurveIn, DaysSumToTheSession) {
  for (Second start : kStarts) {
    Timetable table(zone(), start);
    Curve curve(kShape, start, table);
    Volume all;
    for (const DayVolume& part : curve.Advance(start + seconds(9 * 86400))) all += part.volume;
    EXPECT_EQ(all, curve.total());
    EXPECT_GT(all.upload, 0U);
  }
}

TEST_P(CurveIn, WhoLooksMoreOftenSeesTheSame) {
  for (Second start : kStarts) {
    Timetable table(zone(), start);
    Curve once(kShape, start, table), often(kShape, start, table);
    Random random(5);
    std::vector<DayVolume> parts;
    Second end = start + seconds(4 * 86400);
    while (often.now() < end) {
      for (const auto& part :
           often.Advance(std::min(end, often.now() + seconds(random.Between(1, 5000))))) {
        parts.push_back(part);
      }
    }
    EXPECT_EQ(Sum(parts), Sum(once.Advance(end)));
    EXPECT_EQ(often.total(), once.total());
  }
}

// What the whole simulator stands on: whoever spreads the difference of two reports evenly and cuts
// it at midnight by floor gets the true days, if the reports around midnight are at most two hours
// apart from it.
TEST_P(CurveIn, AnEvenSpreadBetweenReportsAroundMidnightIsTheTruth) {
  Random random(6);
  for (Second start : kStarts) {
    Timetable table(zone(), start);
    for (int i = 1; i <= 6; ++i) {
      Day day = zone().At(start) + i;
      Second midnight = std::chrono::floor<seconds>(zone().Start(day));
      Second before = midnight - seconds(random.Between(0, 7199));
      Second after = midnight + seconds(random.Between(1, 7199));
      Curve curve(kShape, start, table);
      curve.Advance(before);
      Volume old = curve.total();
      auto truth = Sum(curve.Advance(after));
      uint64_t growth = curve.total().download - old.download;
      auto share = static_cast<uint64_t>((midnight - before).count());
      auto whole = static_cast<uint64_t>((after - before).count());
      uint64_t first_day = growth * share / whole;
      EXPECT_EQ(truth[zone().At(before)].download, share == 0 ? growth : first_day);
      EXPECT_EQ(truth[day].download, growth - first_day);
    }
  }
}

TEST_P(CurveIn, RatesAreWholeBytesASecondAndStandStillWithinASegment) {
  Second start = kStarts[0];
  Timetable table(zone(), start);
  Curve curve(kShape, start, table);
  for (Second t = table.At(start).end; t < start + seconds(2 * 86400); t = table.At(t).end) {
    curve.Advance(t);
    for (int i = 1; i <= 5; ++i) {
      Volume before = curve.total();
      curve.Advance(t + seconds(i));
      EXPECT_EQ(curve.total() - before, RateIn(kShape, table.At(t)));
    }
  }
}

// A report of zero octets says nothing, and nobody could date what comes after it.
TEST_P(CurveIn, CountersAreNeverZeroAfterTheFirstSecond) {
  Timetable table(zone(), kStarts[0]);
  int idle = 0;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    CurveShape shape{seed, 1e5, 0.13};
    idle += RateIn(shape, table.At(kStarts[0])).empty();
    Curve curve(shape, kStarts[0], table);
    curve.Advance(kStarts[0] + seconds(1));
    EXPECT_GT(curve.total().upload, 0U);
  }
  EXPECT_GT(idle, 0);
}

TEST(Curve, TheEveningIsBusierThanTheNight) {
  Timetable table(Zone::Utc(), At(2026, 5, 1));
  double evening = 0, night = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    CurveShape shape{seed, 1e5, 0.13};
    evening += static_cast<double>(RateIn(shape, table.At(At(2026, 5, 2, 20))).sum());
    night += static_cast<double>(RateIn(shape, table.At(At(2026, 5, 2, 4))).sum());
  }
  EXPECT_GT(evening, 5 * night);
}

TEST(Curve, HoursWeighOneOnAnAverage) {
  double sum = 0;
  for (int hour = 2; hour <= 21; ++hour) sum += HourWeight(hour);
  // One segment from 22:00 to 02:00.
  EXPECT_NEAR((sum + 4 * HourWeight(22)) / 24, 1, 0.03);
}

}  // namespace
}  // namespace usage::sim
