#include "sim/timetable.h"

#include <gtest/gtest.h>

#include "sim/curve.h"
#include "sim/random.h"

namespace usage::sim {
namespace {

Second At(int year, unsigned month, unsigned day, int hour = 0) {
  auto date = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
  return std::chrono::sys_days(date) + std::chrono::hours(hour);
}

// Zones with all that is odd: three quarters of an hour, both ends of the date line, daylight
// saving by half an hour, at midnight, and on the southern half.
class TimetableOf : public ::testing::TestWithParam<const char*> {
 protected:
  const Zone& zone() const { return *Zone::Find(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(Zones, TimetableOf,
                         ::testing::Values("UTC", "Europe/Berlin", "Asia/Kathmandu",
                                           "Pacific/Kiritimati", "Pacific/Pago_Pago",
                                           "America/New_York", "Africa/Nairobi", "Africa/Cairo",
                                           "Australia/Lord_Howe", "America/Havana",
                                           "America/Santiago", "Asia/Beirut"));

TEST_P(TimetableOf, SegmentsFollowOneAnotherWithoutGap) {
  Timetable table(zone(), At(2026, 1, 1));
  Second end = At(2027, 1, 1);
  for (Second t = At(2026, 1, 1); t < end;) {
    const Segment& segment = table.At(t);
    ASSERT_LE(segment.begin, t);
    ASSERT_GT(segment.end, t);
    ASSERT_EQ(&table.At(segment.end - seconds(1)), &segment);
    t = segment.end;
  }
}

TEST_P(TimetableOf, NoBreakpointIsWithinTwoHoursOfALocalMidnight) {
  Timetable table(zone(), At(2026, 1, 1));
  for (Second t = At(2026, 1, 1); t < At(2027, 1, 1); t = table.At(t).end) {
    Second begin = table.At(t).begin;
    Day day = zone().At(begin);
    EXPECT_GE(begin - zone().Start(day), std::chrono::hours(2)) << FormatInstant(begin);
    EXPECT_GE(zone().Start(day + 1) - begin, std::chrono::hours(2)) << FormatInstant(begin);
  }
}

TEST_P(TimetableOf, BreakpointsAreWholeHoursAfterTheLocalMidnight) {
  Timetable table(zone(), At(2026, 1, 1));
  for (Second t = At(2026, 1, 1); t < At(2027, 1, 1); t = table.At(t).end) {
    const Segment& segment = table.At(t);
    EXPECT_EQ(segment.begin - zone().Start(segment.day), std::chrono::hours(segment.hour));
  }
}

TEST_P(TimetableOf, ASegmentKnowsTheDaysOnBothSidesOfItsMidnight) {
  Timetable table(zone(), At(2026, 1, 1));
  for (Second t = At(2026, 1, 1); t < At(2027, 1, 1); t = table.At(t).end) {
    const Segment& segment = table.At(t);
    EXPECT_EQ(segment.day, zone().At(segment.begin));
    EXPECT_EQ(segment.midnight, zone().Start(segment.day + 1));
    EXPECT_EQ(segment.next_day, zone().At(segment.midnight));
  }
}

TEST(Timetable, ADayWithoutItsSecondHourHasOneSegmentLess) {
  const Zone& berlin = *Zone::Find("Europe/Berlin");
  Timetable table(berlin, At(2026, 3, 27));
  auto segments_of = [&](Day day) {
    int count = 0;
    Second t = std::chrono::floor<seconds>(berlin.Start(day)) + seconds(7200);
    for (; table.At(t).day == day && berlin.At(t) == day; t = table.At(t).end) ++count;
    return count;
  };
  EXPECT_EQ(segments_of(Day::FromCivil(2026, 3, 28)), 21);
  EXPECT_EQ(segments_of(Day::FromCivil(2026, 3, 29)), 20);
  EXPECT_EQ(segments_of(Day::FromCivil(2026, 10, 25)), 22);
}

TEST(Timetable, NothingBeforeItsBeginningIsInvented) {
  Timetable table(Zone::Utc(), At(2026, 1, 10));
  EXPECT_THROW(table.At(At(2026, 1, 1)), std::logic_error);
}

}  // namespace
}  // namespace usage::sim
