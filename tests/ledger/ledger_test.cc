// The ledger: what batches of observations do to days, months and totals.
#include "ledger/ledger.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/ledger/books.h"

namespace usage {
namespace {

using namespace usage::testing;

TEST(LedgerTest, ASessionFromLastMonthCountsInThisMonthWhatItUsedInIt) {
  Books books(T(10, 31, 22));
  books.Tenant("acme", "UTC", 1);
  books.Open("s1", "acme", T(10, 31, 22));
  books.Interim("s1", T(11, 1, 2), 400, 4000);
  EXPECT_EQ(books.Days("acme"), "10-31 200 2000\n11-01 200 2000\n");
  EXPECT_EQ(books.Current("acme"), "today 200 2000, month 200 2000, total 400 4000, open 1");
}

TEST(LedgerTest, AnEndedSessionStaysInTheMonth) {
  Books books(T(11, 5, 8));
  books.Tenant("acme", "UTC", 1);
  books.Open("s1", "acme", T(11, 5, 8));
  books.Stop("s1", T(11, 5, 9), 400, 4000);
  books.Wait(T(11, 6, 9));
  EXPECT_EQ(books.Current("acme"), "today 0 0, month 400 4000, total 400 4000, open 0");
}

TEST(LedgerTest, ASessionThatStopsJustAfterThePeriodsEndLosesNothing) {
  Books books(T(10, 31, 20));
  books.Tenant("acme", "UTC", 1);
  books.Open("s1", "acme", T(10, 31, 20));
  books.Interim("s1", T(10, 31, 23), 300, 300);
  books.Stop("s1", T(11, 1, 0) + std::chrono::milliseconds(500), 3900, 3900);
  EXPECT_EQ(books.Total("acme"), "3900 3900");
  EXPECT_EQ(books.Days("acme"), "10-31 3899 3899\n11-01 1 1\n");
}

TEST(LedgerTest, TheSameInterimTwiceCountsOnce) {
  Books books(T(11, 5, 8));
  books.Tenant("acme", "UTC", 1);
  books.Open("s1", "acme", T(11, 5, 8));
  books.Interim("s1", T(11, 5, 9), 400, 4000);
  books.Interim("s1", T(11, 5, 9), 400, 4000);
  EXPECT_EQ(books.Total("acme"), "400 4000");
}

TEST(LedgerTest, ADeltaIsBookedWhereItFlowedAndNotOnItsArrival) {
  Books books(T(11, 5, 23));
  books.Tenant("acme", "UTC", 1);
  books.Open("s1", "acme", T(11, 5, 23));
  books.Interim("s1", T(11, 6, 1), 200, 200);
  EXPECT_EQ(books.Days("acme"), "11-05 100 100\n11-06 100 100\n");
}

TEST(LedgerTest, ALateStopRestatesTheClosedDayAndLeavesALine) {
  Books books(T(11, 5, 10));
  books.Tenant("acme", "UTC", 1);
  books.Open("s1", "acme", T(11, 5, 10));
  books.Interim("s1", T(11, 5, 11), 100, 100);
  books.StopAt("s1", T(11, 8, 3), 400, 400, T(11, 5, 14));
  EXPECT_EQ(books.Days("acme"), "11-05 400 400\n");
  EXPECT_EQ(books.Audit(), "acme 11-05 300 300\n");
  EXPECT_EQ(books.Current("acme"), "today 0 0, month 400 400, total 400 400, open 0");
}

TEST(LedgerTest, TheLastInterimsOfADayThatJustEndedAreNotLate) {
  Books books(T(11, 5, 22));
  books.Tenant("acme", "UTC", 1);
  books.Open("s1", "acme", T(11, 5, 22));
  books.Interim("s1", T(11, 6, 0) + std::chrono::minutes(9), 129, 0);
  EXPECT_EQ(books.Audit(), "");
  EXPECT_EQ(books.Days("acme"), "11-05 120 0\n11-06 9 0\n");
}

TEST(LedgerTest, EachTenantsMidnightIsItsOwn) {
  Books books(T(11, 5, 0));
  for (const char* zone : {"UTC", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago"}) {
    books.Tenant(zone, zone, 1);
    books.Open(zone, zone, T(11, 5, 0));
    books.Interim(zone, T(11, 6, 0), 86400, 0);
  }
  EXPECT_EQ(books.Days("UTC"), "11-05 86400 0\n");
  EXPECT_EQ(books.Days("Asia/Kathmandu"), "11-05 65700 0\n11-06 20700 0\n");
  EXPECT_EQ(books.Days("Pacific/Kiritimati"), "11-05 36000 0\n11-06 50400 0\n");
  EXPECT_EQ(books.Days("Pacific/Pago_Pago"), "11-04 39600 0\n11-05 46800 0\n");
}

TEST(LedgerTest, ClockChangesMakeDaysOf23And25Hours) {
  Books spring(T(3, 28, 23));
  spring.Tenant("berlin", "Europe/Berlin", 1);
  spring.Open("s", "berlin", T(3, 28, 23));
  spring.Interim("s", T(3, 30, 22), 47, 0);
  EXPECT_EQ(spring.Days("berlin"), "03-29 23 0\n03-30 24 0\n");
  Books autumn(T(10, 24, 22));
  autumn.Tenant("berlin", "Europe/Berlin", 1);
  autumn.Open("s", "berlin", T(10, 24, 22));
  autumn.Interim("s", T(10, 26, 23), 49, 0);
  EXPECT_EQ(autumn.Days("berlin"), "10-25 25 0\n10-26 24 0\n");
}

TEST(LedgerTest, BillingMonthsOf29To31BeginOnTheLastDayWhereThereIsNone) {
  for (int billing_day : {29, 30, 31}) {
    Books books(T(2, 27, 0));
    books.Tenant("acme", "UTC", billing_day);
    books.Open("s", "acme", T(2, 27, 0));
    books.Interim("s", T(2, 28, 0), 100, 0);
    EXPECT_EQ(books.Current("acme"), "today 0 0, month 0 0, total 100 0, open 1") << billing_day;
    books.Interim("s", T(3, 1, 0), 150, 0);
    EXPECT_EQ(books.Current("acme"), "today 0 0, month 50 0, total 150 0, open 1") << billing_day;
  }
}

TEST(LedgerTest, MonthEndStartsTheMonthAtZero) {
  Books books(T(10, 31, 12));
  books.Tenant("acme", "UTC", 1);
  books.Open("s", "acme", T(10, 31, 12));
  books.Interim("s", T(10, 31, 20), 800, 0);
  books.Wait(T(11, 1, 0));
  EXPECT_EQ(books.Current("acme"), "today 0 0, month 0 0, total 800 0, open 1");
}

TEST(LedgerTest, AReusedIdWhoseCounterDidNotFallIsANewSession) {
  Books books(T(11, 5, 8));
  books.Tenant("acme", "UTC", 1);
  books.Open("s1", "acme", T(11, 5, 8));
  books.Stop("s1", T(11, 5, 9), 100, 100);
  books.Row("s1").started = T(11, 5, 10);
  books.Row("s1").open = true;
  books.Row("s1").stopped.reset();
  books.Interim("s1", T(11, 5, 11), 150, 150);
  EXPECT_EQ(books.Total("acme"), "250 250");
  EXPECT_EQ(books.Cases(), "reused_id 1\n");
}

TEST(LedgerTest, AMovedRowLeavesWhatWasCountedWithTheOldTenant) {
  Books books(T(11, 5, 8));
  books.Tenant("old", "UTC", 1);
  books.Tenant("new", "UTC", 1);
  books.Open("s1", "old", T(11, 5, 8));
  books.Interim("s1", T(11, 5, 9), 100, 100);
  books.Row("s1").tenant = "new";
  books.Interim("s1", T(11, 5, 10), 130, 140);
  EXPECT_EQ(books.Current("old"), "today 100 100, month 100 100, total 100 100, open 0");
  EXPECT_EQ(books.Current("new"), "today 30 40, month 30 40, total 30 40, open 1");
}

TEST(LedgerTest, APurgedRowReducesNothing) {
  Books books(T(11, 5, 8));
  books.Tenant("acme", "UTC", 1);
  books.Open("s1", "acme", T(11, 5, 8));
  books.Interim("s1", T(11, 5, 9), 100, 100);
  books.Purge("s1");
  EXPECT_EQ(books.Current("acme"), "today 100 100, month 100 100, total 100 100, open 0");
  EXPECT_EQ(books.Cases(), "vanished 1\n");
}

TEST(LedgerTest, BytesOfAnUnknownTenantAreKeptForTheDaysThatTheyFlowedOn) {
  Books books(T(11, 5, 20));
  books.Open("s1", "acme", T(11, 5, 20));
  books.Interim("s1", T(11, 5, 21), 60, 60);
  for (int minute = 10; minute <= 360; minute += 10) {
    books.Interim("s1", T(11, 5, 21) + std::chrono::minutes(minute),
                  60 + static_cast<uint64_t>(minute), 60);
  }
  EXPECT_EQ(books.Unattributed(), "420 60");
  books.Tenant("acme", "Europe/Berlin", 1);
  EXPECT_EQ(books.Unattributed(), "0 0");
  EXPECT_EQ(books.Days("acme"), "11-05 180 60\n11-06 240 0\n");
  EXPECT_EQ(books.Current("acme"), "today 240 0, month 420 60, total 420 60, open 1");
}

TEST(LedgerTest, AnUnknownZoneIsUtcAndSaidSo) {
  Books books(T(11, 5, 20));
  EXPECT_EQ(books.Tenant("acme", "Mars/Olympus", 1).unknown_zones, 1u);
  EXPECT_EQ(books.ledger().FindTenant("acme")->profile.calendar.zone().name(), "UTC");
}

TEST(LedgerTest, ATenantThatDisappearsKeepsItsBytesAndSaysSinceWhen) {
  Books books(T(11, 5, 20));
  books.Tenant("acme", "UTC", 1);
  books.Open("s1", "acme", T(11, 5, 20));
  books.Interim("s1", T(11, 5, 21), 60, 60);
  books.NoTenants();
  books.Interim("s1", T(11, 5, 22), 80, 80);
  EXPECT_EQ(books.Total("acme"), "80 80");
  EXPECT_EQ(*books.ledger().FindTenant("acme")->profile.gone_since, T(11, 5, 21));
  books.Tenant("acme", "UTC", 1);
  EXPECT_FALSE(books.ledger().FindTenant("acme")->profile.gone_since);
}

TEST(LedgerTest, TheTopSubscribersAndTheOthersSumToTheTotal) {
  Books books(T(11, 5, 8), 2);
  books.Tenant("acme", "UTC", 1);
  for (int i = 1; i <= 5; ++i) {
    std::string name = i == 5 ? "other" : "user" + std::to_string(i);
    books.Open(name, "acme", T(11, 5, 8), name);
    books.Interim(name, T(11, 5, 9), static_cast<uint64_t>(i) * 10, 0);
  }
  books.Interim("user1", T(11, 5, 10), 100, 0);
  EXPECT_EQ(books.Top("acme"), "user1 100\nuser4 40\n");
}

TEST(LedgerTest, OpenSessionsAreCountedBySubscriber) {
  Books books(T(11, 5, 8));
  books.Tenant("acme", "UTC", 1);
  books.Open("s1", "acme", T(11, 5, 8), "amina");
  books.Open("s2", "acme", T(11, 5, 8), "amina");
  books.Open("s3", "acme", T(11, 5, 8), "juma");
  EXPECT_EQ(books.OpenByAccount("acme"), "amina 2\njuma 1\n");
  books.Interim("s1", T(11, 5, 9), 10, 10);
  books.Stop("s2", T(11, 5, 9), 10, 10);
  books.Purge("s3");
  books.ledger().ForgetTheSettled();
  EXPECT_EQ(books.OpenByAccount("acme"), "amina 1\n");
}

TEST(LedgerTest, TheTenantsDayAndMonthAreCutAtItsOwnMidnights) {
  Books books(T(2, 28, 8));
  books.Tenant("nepal", "Asia/Kathmandu", 31);
  const Tenant& nepal = *books.ledger().FindTenant("nepal");
  EXPECT_EQ(nepal.today_start, T(2, 27, 18, 15));
  EXPECT_EQ(nepal.month_start, T(2, 27, 18, 15));
  EXPECT_EQ(nepal.next_month, T(3, 30, 18, 15));
  books.Wait(T(3, 30, 18, 14));
  EXPECT_EQ(nepal.month_start, T(2, 27, 18, 15));
  books.Wait(T(3, 30, 18, 15));
  EXPECT_EQ(nepal.today_start, T(3, 30, 18, 15));
  EXPECT_EQ(nepal.month_start, T(3, 30, 18, 15));
  EXPECT_EQ(nepal.next_month, T(4, 29, 18, 15));
}

TEST(LedgerTest, TheClockThatFallsBackOverMidnightAsksForALoad) {
  Books books(T(11, 5, 8));
  books.Tenant("acme", "UTC", 1);
  EXPECT_TRUE(books.ledger().Advance(T(11, 6, 1)));
  EXPECT_TRUE(books.ledger().Advance(T(11, 6, 0)));
  EXPECT_FALSE(books.ledger().Advance(T(11, 5, 23)));
}

TEST(LedgerTest, WhatIsClosedOrSilentLeavesTheMemoryButNotTheTotals) {
  Books books(T(11, 5, 8));
  books.Tenant("acme", "UTC", 1);
  books.Open("s1", "acme", T(11, 5, 8));
  books.Stop("s1", T(11, 5, 9), 100, 100);
  books.ledger().ForgetTheSettled();
  EXPECT_EQ(books.ledger().session_count(), 0u);
  EXPECT_EQ(books.ledger().account_count(), 1u) << "it is in this month's top";
  books.Wait(T(12, 5, 8));
  books.ledger().ForgetTheSettled();
  EXPECT_EQ(books.Total("acme"), "100 100");
}

}  // namespace
}  // namespace usage
