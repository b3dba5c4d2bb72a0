#include "ledger/calendar.h"

#include <gtest/gtest.h>

#include "core/zone.h"

namespace usage {
namespace {

const Zone& ZoneOf(const std::string& name) {
  const Zone* zone = Zone::Find(name);
  if (zone == nullptr) throw std::runtime_error("no zone " + name);
  return *zone;
}

Instant At(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
  return Instant(std::chrono::days(Day::FromCivil(year, month, day).number) +
                 std::chrono::hours(hour) + std::chrono::minutes(minute));
}

Day D(int year, unsigned month, unsigned day) { return Day::FromCivil(year, month, day); }

std::string StartOf(const std::string& zone, Day day) {
  return FormatInstant(ZoneOf(zone).Start(day)).substr(0, 16);
}

double HoursOf(const std::string& zone, Day day) {
  auto length = ZoneOf(zone).Start(day + 1) - ZoneOf(zone).Start(day);
  return static_cast<double>(length.count()) / 3.6e9;
}

TEST(ZoneTest, MidnightIsTheZonesOwn) {
  EXPECT_EQ(StartOf("UTC", D(2026, 11, 23)), "2026-11-23T00:00");
  EXPECT_EQ(StartOf("Asia/Kathmandu", D(2026, 11, 23)), "2026-11-22T18:15");
  EXPECT_EQ(StartOf("Pacific/Kiritimati", D(2026, 11, 23)), "2026-11-22T10:00");
  EXPECT_EQ(StartOf("Pacific/Pago_Pago", D(2026, 11, 23)), "2026-11-23T11:00");
}

TEST(ZoneTest, DaysOfTheClockChangeHave23And25Hours) {
  EXPECT_EQ(HoursOf("Europe/Berlin", D(2026, 3, 29)), 23);
  EXPECT_EQ(HoursOf("Europe/Berlin", D(2026, 10, 25)), 25);
  EXPECT_EQ(HoursOf("Europe/Berlin", D(2026, 10, 26)), 24);
  EXPECT_EQ(HoursOf("Australia/Lord_Howe", D(2026, 4, 5)), 24.5);
}

TEST(ZoneTest, ADayWithoutMidnightBeginsAtTheTransition) {
  EXPECT_EQ(StartOf("Africa/Cairo", D(2023, 4, 28)), "2023-04-27T22:00");
  EXPECT_EQ(HoursOf("Africa/Cairo", D(2023, 4, 28)), 23);
}

TEST(ZoneTest, ADayWithTwoMidnightsBeginsAtTheFirst) {
  EXPECT_EQ(StartOf("America/Havana", D(2020, 11, 1)), "2020-11-01T04:00");
  EXPECT_EQ(HoursOf("America/Havana", D(2020, 11, 1)), 25);
}

TEST(ZoneTest, TheDayThatSamoaLeftOutIsEmpty) {
  EXPECT_EQ(HoursOf("Pacific/Apia", D(2011, 12, 30)), 0);
  EXPECT_EQ(ZoneOf("Pacific/Apia").At(ZoneOf("Pacific/Apia").Start(D(2011, 12, 31))),
            D(2011, 12, 31));
}

// Every instant is in exactly one day, also where the clock falls back over midnight.
TEST(ZoneTest, DaysPartitionTime) {
  for (const char* name : {"Europe/Berlin", "America/St_Johns", "America/Asuncion",
                           "America/Havana", "Africa/Cairo", "Pacific/Apia", "Asia/Kathmandu"}) {
    const Zone& zone = ZoneOf(name);
    for (Instant t = At(2009, 1, 1); t < At(2013, 1, 1); t += std::chrono::minutes(37)) {
      Day day = zone.At(t);
      ASSERT_LE(zone.Start(day), t) << name << " " << FormatInstant(t);
      ASSERT_LT(t, zone.Start(day + 1)) << name << " " << FormatInstant(t);
    }
  }
}

std::string OffsetOf(const std::string& zone, Instant t) {
  auto minutes = std::chrono::duration_cast<std::chrono::minutes>(ZoneOf(zone).OffsetAt(t)).count();
  return std::to_string(minutes / 60) + ":" + std::to_string(std::abs(minutes % 60));
}

TEST(ZoneTest, TheOffsetIsLocalTimeMinusUtcAtThatInstant) {
  EXPECT_EQ(OffsetOf("UTC", At(2026, 11, 23)), "0:0");
  EXPECT_EQ(OffsetOf("Asia/Kathmandu", At(2026, 11, 23)), "5:45");
  EXPECT_EQ(OffsetOf("America/St_Johns", At(2026, 11, 23)), "-3:30");
  EXPECT_EQ(OffsetOf("Europe/Berlin", At(2026, 10, 25, 0, 59)), "2:0");
  EXPECT_EQ(OffsetOf("Europe/Berlin", At(2026, 10, 25, 1, 0)), "1:0");
}

TEST(ZoneTest, AnUnknownZoneIsNone) {
  EXPECT_EQ(Zone::Find("Mars/Olympus_Mons"), nullptr);
  EXPECT_EQ(Zone::Find(""), nullptr);
  EXPECT_EQ(Zone::Find("../../etc/passwd"), nullptr);
}

TEST(BillingPeriodTest, BeginsOnTheBillingDayOrTheMonthsLast) {
  struct Case {
    Day day;
    int billing_day;
    Day period;
  };
  for (const Case& c : std::initializer_list<Case>{
           {D(2026, 11, 23), 1, D(2026, 11, 1)},
           {D(2026, 11, 23), 23, D(2026, 11, 23)},
           {D(2026, 11, 23), 24, D(2026, 10, 24)},
           {D(2026, 1, 5), 20, D(2025, 12, 20)},
           {D(2026, 2, 27), 29, D(2026, 1, 29)},
           {D(2026, 2, 28), 29, D(2026, 2, 28)},
           {D(2026, 2, 28), 30, D(2026, 2, 28)},
           {D(2026, 2, 28), 31, D(2026, 2, 28)},
           {D(2026, 3, 28), 29, D(2026, 2, 28)},
           {D(2028, 2, 28), 29, D(2028, 1, 29)},
           {D(2028, 2, 29), 29, D(2028, 2, 29)},
           {D(2028, 2, 29), 31, D(2028, 2, 29)},
           {D(2026, 4, 30), 31, D(2026, 4, 30)},
           {D(2026, 5, 1), 31, D(2026, 4, 30)},
           {D(2026, 5, 30), 31, D(2026, 4, 30)},
           {D(2026, 5, 31), 31, D(2026, 5, 31)},
       }) {
    EXPECT_EQ(BillingPeriodOf(c.day, c.billing_day), c.period)
        << c.day.ToString() << " with billing day " << c.billing_day << ": "
        << BillingPeriodOf(c.day, c.billing_day).ToString();
  }
}

TEST(TenantCalendarTest, AChangeOfZoneCountsFromTheNextLocalDay) {
  TenantCalendar calendar(ZoneOf("Europe/Berlin"), 1);
  Instant noon = At(2026, 11, 23, 12);
  EXPECT_TRUE(calendar.Change(noon, ZoneOf("UTC"), 1));
  EXPECT_EQ(calendar.DayAt(noon), D(2026, 11, 23));
  EXPECT_EQ(calendar.Start(D(2026, 11, 23)), At(2026, 11, 22, 23));
  EXPECT_EQ(calendar.Start(D(2026, 11, 24)), At(2026, 11, 23, 23));
  EXPECT_EQ(calendar.Start(D(2026, 11, 25)), At(2026, 11, 25, 0));
}

TEST(TenantCalendarTest, AMoveOverTheDateLineNeitherRepeatsNorReopensADay) {
  TenantCalendar west(ZoneOf("Pacific/Kiritimati"), 1);
  west.Change(At(2026, 11, 23, 5), ZoneOf("Pacific/Pago_Pago"), 1);
  Day before = west.DayAt(At(2026, 11, 20));
  for (Instant t = At(2026, 11, 20); t < At(2026, 11, 30); t += std::chrono::minutes(15)) {
    Day day = west.DayAt(t);
    ASSERT_TRUE(day == before || day == before + 1) << FormatInstant(t);
    ASSERT_LE(west.Start(day), t);
    ASSERT_LT(t, west.Start(day + 1));
    before = day;
  }
  TenantCalendar east(ZoneOf("Pacific/Pago_Pago"), 1);
  east.Change(At(2026, 11, 23, 15), ZoneOf("Pacific/Kiritimati"), 1);
  EXPECT_EQ(east.DayAt(At(2026, 11, 24, 10)), D(2026, 11, 23));
  EXPECT_EQ(east.DayAt(At(2026, 11, 24, 11)), D(2026, 11, 25));
  EXPECT_EQ(east.Start(D(2026, 11, 24)), east.Start(D(2026, 11, 25)));  // an empty day
}

TEST(TenantCalendarTest, ANewBillingDayLengthensTheMonthThatGoesOn) {
  TenantCalendar calendar(Zone::Utc(), 5);
  calendar.Change(At(2026, 11, 12, 8), Zone::Utc(), 20);
  EXPECT_EQ(calendar.PeriodOf(D(2026, 11, 12)), D(2026, 11, 5));
  EXPECT_EQ(calendar.PeriodOf(D(2026, 11, 19)), D(2026, 11, 5));
  EXPECT_EQ(calendar.PeriodOf(D(2026, 11, 20)), D(2026, 11, 20));
  EXPECT_EQ(calendar.PeriodOf(D(2026, 10, 7)), D(2026, 10, 5));  // closed months stay
}

// "11-01 to 11-20": the first day of the billing month that holds `day`, and of the next one.
std::string MonthAround(const TenantCalendar& calendar, Day day) {
  Day first = calendar.FirstDayIn(calendar.PeriodOf(day));
  return first.ToString().substr(5) + " to " + calendar.NextPeriodAfter(day).ToString().substr(5);
}

TEST(TenantCalendarTest, ABillingMonthEndsOnTheBillingDayOrTheMonthsLast) {
  TenantCalendar calendar(Zone::Utc(), 31);
  EXPECT_EQ(MonthAround(calendar, D(2026, 1, 30)), "12-31 to 01-31");
  EXPECT_EQ(MonthAround(calendar, D(2026, 1, 31)), "01-31 to 02-28");
  EXPECT_EQ(MonthAround(calendar, D(2026, 2, 28)), "02-28 to 03-31");
  EXPECT_EQ(MonthAround(calendar, D(2028, 2, 28)), "01-31 to 02-29");
  EXPECT_EQ(MonthAround(TenantCalendar(Zone::Utc(), 1), D(2026, 12, 31)), "12-01 to 01-01");
}

TEST(TenantCalendarTest, AMonthThatBeginsWithANewBillingDayBeginsWhereItIsCounted) {
  TenantCalendar earlier(Zone::Utc(), 1);
  earlier.Change(At(2026, 11, 23, 8), Zone::Utc(), 10);
  EXPECT_EQ(MonthAround(earlier, D(2026, 11, 23)), "11-01 to 11-24");
  EXPECT_EQ(MonthAround(earlier, D(2026, 11, 24)), "11-24 to 12-10");
  EXPECT_EQ(MonthAround(earlier, D(2026, 12, 10)), "12-10 to 01-10");
  TenantCalendar later(Zone::Utc(), 5);
  later.Change(At(2026, 11, 12, 8), Zone::Utc(), 20);
  EXPECT_EQ(MonthAround(later, D(2026, 11, 12)), "11-05 to 11-20");
  EXPECT_EQ(MonthAround(later, D(2026, 11, 19)), "11-05 to 11-20");
}

TEST(TenantCalendarTest, AChangeThatIsTakenBackBeforeMidnightNeverWas) {
  TenantCalendar calendar(Zone::Utc(), 5);
  calendar.Change(At(2026, 11, 12, 8), ZoneOf("Asia/Tokyo"), 20);
  calendar.Change(At(2026, 11, 12, 9), Zone::Utc(), 5);
  EXPECT_EQ(calendar.eras(), TenantCalendar(Zone::Utc(), 5).eras());
  EXPECT_FALSE(calendar.Change(At(2026, 11, 12, 10), Zone::Utc(), 5));
}

TEST(TenantCalendarTest, IsTheSameAfterItsErasWereStored) {
  TenantCalendar calendar(ZoneOf("Asia/Kathmandu"), 31);
  calendar.Change(At(2026, 11, 12, 8), ZoneOf("Asia/Tokyo"), 29);
  TenantCalendar stored(calendar.eras());
  for (Instant t = At(2026, 10, 1); t < At(2026, 12, 31); t += std::chrono::hours(5)) {
    EXPECT_EQ(stored.DayAt(t), calendar.DayAt(t));
    EXPECT_EQ(stored.PeriodOf(stored.DayAt(t)), calendar.PeriodOf(calendar.DayAt(t)));
  }
}

}  // namespace
}  // namespace usage
