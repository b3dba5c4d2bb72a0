#include "sources/postgres/local_time.h"

#include <gmock/gmock.h>

namespace usage {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// Micros of a day's time of day.
LocalMicros At(int year, unsigned month, unsigned day, int hour, int minute) {
  const int64_t days = Day::FromCivil(year, month, day).number;
  return ((days * 24 + hour) * 60 + minute) * 60'000'000;
}

std::string Text(Instant t) { return FormatInstant(t).substr(0, 16); }

TEST(LocalTimeTest, ReadingsAreOfTheZone) {
  const LocalTime kathmandu("Asia/Kathmandu");
  EXPECT_EQ(Text(kathmandu.First(At(2024, 11, 23, 12, 0))), "2024-11-23T06:15");
  EXPECT_EQ(kathmandu.Reading(kathmandu.First(At(2024, 11, 23, 12, 0))), At(2024, 11, 23, 12, 0));
}

TEST(LocalTimeTest, UnknownZoneIsAnError) {
  EXPECT_THROW(LocalTime("Africa/Nowhere"), std::runtime_error);
}

// New York, 2024-11-03: at 02:00 EDT (06:00 UTC) the clocks are set back to 01:00.
TEST(LocalTimeTest, ReadingThatComesTwiceIsTheFirstForABeginning) {
  const LocalTime new_york("America/New_York");
  EXPECT_EQ(Text(new_york.First(At(2024, 11, 3, 1, 30))), "2024-11-03T05:30");
}

TEST(LocalTimeTest, ReadingThatComesTwiceIsTheLastThatIsNotInTheFutureForAStamp) {
  const LocalTime new_york("America/New_York");
  const LocalMicros reading = At(2024, 11, 3, 1, 30);
  const Instant first = new_york.First(reading);
  EXPECT_EQ(Text(new_york.LastUntil(reading, first + minutes(1))), "2024-11-03T05:30");
  EXPECT_EQ(Text(new_york.LastUntil(reading, first + minutes(61))), "2024-11-03T06:30");
}

TEST(LocalTimeTest, ReadingThatNeverComesIsTakenAsPostgresqlTakesIt) {
  const LocalTime new_york("America/New_York");
  EXPECT_EQ(Text(new_york.First(At(2024, 3, 10, 2, 30))), "2024-03-10T07:30");
}

// What was written in the hour that comes again is not before the search.
TEST(LocalTimeTest, SearchReachesBackBeforeTheHourThatComesAgain) {
  const LocalTime new_york("America/New_York");
  for (int minute = 0; minute < 60; minute += 7) {
    const LocalMicros newest = At(2024, 11, 3, 1, minute);
    EXPECT_LE(new_york.LeastSince(newest, minutes(10)), At(2024, 11, 3, 1, 0));
  }
  EXPECT_EQ(new_york.LeastSince(At(2024, 11, 4, 1, 30), minutes(10)), At(2024, 11, 4, 1, 20));
}

// Over the years, with and without the shortcut for months without a change.
TEST(LocalTimeTest, ReadingOfAnInstantMeansTheInstantUnlessItComesTwice) {
  for (const char* zone : {"UTC", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe",
                           "America/St_Johns", "Africa/Casablanca"}) {
    const LocalTime local(zone);
    for (Instant t = FromUnixMicros(0); t < FromUnixMicros(2'000'000'000'000'000); t += hours(37)) {
      const LocalMicros reading = local.Reading(t);
      EXPECT_EQ(local.LastUntil(reading, t), t) << zone << " " << FormatInstant(t);
      EXPECT_LE(local.First(reading), t);
    }
  }
}

}  // namespace
}  // namespace usage
