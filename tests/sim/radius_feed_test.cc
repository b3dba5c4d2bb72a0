// Against a real FreeRADIUS with Debian's queries: what becomes of the packets is what the truth
// must know.
#include "sim/radius_feed.h"

#include <gtest/gtest.h>

#include "tests/sim/session_maker.h"
#include "tests/support/freeradius.h"
#include "tests/support/postgres.h"

namespace usage::sim {
namespace {

using usage::testing::FreeRadius;
using usage::testing::TestDatabase;

class RadiusFeedTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    database_ = new TestDatabase;
    database_->ExecFile(usage::testing::FreeradiusSchemaPath());
    server_ = new FreeRadius(database_->dsn());
  }
  static void TearDownTestSuite() {
    delete server_;
    delete database_;
  }

  RadiusFeedTest() { database_->Exec("TRUNCATE radacct"); }

  RadiusFeed::Options Options() const {
    RadiusFeed::Options options;
    options.client.server = server_->address();
    options.client.secret = server_->secret();
    options.visible_for = std::chrono::seconds(0);
    return options;
  }
  void Settle(RadiusFeed& feed) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    do {
      feed.Tick(std::chrono::milliseconds(10));
    } while (!feed.is_settled() && std::chrono::steady_clock::now() < deadline);
    ASSERT_TRUE(feed.is_settled());
  }
  std::string Row(const std::string& columns) {
    return usage::testing::ToText(
        database_->Query("SELECT " + columns + " FROM radacct ORDER BY radacctid"));
  }
  // Start, an interim update every five minutes, but no Stop.
  void Run(RadiusFeed& feed, const SessionPtr& session) {
    feed.Start(session);
    for (Second t = session->plan.start + seconds(300); t < session->plan.end; t += seconds(300)) {
      feed.Interim(session, t);
    }
  }
  Volume TruthOf(const SessionPtr& session) const {
    Volume sum;
    Truth truth = keeper_.Take({}, true);
    for (const auto& [day, volume] : truth.bytes[{session->tenant->id, session->subscriber->access,
                                                  population_.AccountName(*session->subscriber)}]) {
      sum += volume;
    }
    return sum;
  }
  // What the row says now: upload, download.
  std::string Counters() { return Row("acctinputoctets, acctoutputoctets"); }
  static std::string ToText(Volume v) {
    return std::to_string(v.upload) + " | " + std::to_string(v.download) + "\n";
  }
  // The counters of a session at a time of its life.
  Volume At(const SessionPtr& session, Second t) {
    Curve curve(session->plan.shape, session->plan.start, *session->tenant->timetable);
    curve.Advance(t);
    return curve.total();
  }

  static TestDatabase* database_;
  static FreeRadius* server_;
  Population population_{SmallPopulation(true)};
  TruthKeeper keeper_{population_, Truth()};
  SessionMaker maker_{population_};
};
TestDatabase* RadiusFeedTest::database_;
FreeRadius* RadiusFeedTest::server_;

TEST_F(RadiusFeedTest, APppoeSessionIsStoredAsItWasSent) {
  RadiusFeed feed(population_, keeper_, Options());
  auto session = maker_.Make(maker_.Find(Access::kPppoe), kMorning, seconds(1000));
  Run(feed, session);
  feed.Stop(session);
  Settle(feed);
  const Subscriber& who = *session->subscriber;
  EXPECT_EQ(Row("acctsessionid, username, realm, callingstationid, calledstationid"),
            session->row->id + " | " + who.login + "@" + session->tenant->id + " | " +
                session->tenant->id + " | " + who.mac + " | pppoe-in\n");
  EXPECT_EQ(Row("host(framedipaddress)"), who.address + "\n");
  EXPECT_EQ(Row("servicetype, framedprotocol, nasporttype, host(nasipaddress), acctauthentic,"
                " acctterminatecause"),
            "Framed-User | PPP | Ethernet | " +
                population_.nases()[static_cast<size_t>(who.nas)].address +
                " | RADIUS | Lost-Carrier\n");
  EXPECT_EQ(Row("acctstarttime AT TIME ZONE 'UTC', acctupdatetime AT TIME ZONE 'UTC',"
                " acctstoptime AT TIME ZONE 'UTC', acctsessiontime"),
            "2026-11-22 09:00:00 | 2026-11-22 09:16:40 | 2026-11-22 09:16:40 | 1000\n");
  EXPECT_EQ(Counters(), ToText(At(session, session->plan.end)));
  EXPECT_EQ(ToText(TruthOf(session)), Counters());
}

TEST_F(RadiusFeedTest, AHotspotSessionIsNoFramedOne) {
  RadiusFeed feed(population_, keeper_, Options());
  auto session = maker_.Make(maker_.Find(Access::kHotspot), kMorning, seconds(100));
  Run(feed, session);
  feed.Stop(session);
  Settle(feed);
  EXPECT_EQ(Row("servicetype, framedprotocol, calledstationid"), "Login-User |  | hotspot1\n");
}

TEST_F(RadiusFeedTest, CountersBeyondFourGibibytesNeedGigawords) {
  RadiusFeed feed(population_, keeper_, Options());
  auto session = maker_.Make(maker_.Find(Access::kPppoe), kMorning, seconds(3 * 86400));
  session->plan.shape.bytes_per_second = 1e6;
  session->curve = Curve(session->plan.shape, kMorning, *session->tenant->timetable);
  feed.Start(session);
  feed.Interim(session, kMorning + seconds(2 * 86400));
  Settle(feed);
  Volume sent = At(session, kMorning + seconds(2 * 86400));
  EXPECT_GT(sent.upload, uint64_t{1} << 32);
  EXPECT_EQ(Counters(), ToText(sent));
  EXPECT_EQ(TruthOf(session), sent);
}

TEST_F(RadiusFeedTest, ALostStopLeavesTheRowOpenAtTheLastInterim) {
  RadiusFeed feed(population_, keeper_, Options());
  auto session =
      maker_.Make(maker_.Find(Access::kPppoe), kMorning, seconds(1000), Ending::kLostStop);
  Run(feed, session);
  feed.Lose(session);
  Settle(feed);
  EXPECT_EQ(Row("acctstoptime"), "∅\n");
  EXPECT_EQ(TruthOf(session), At(session, kMorning + seconds(900)));
  EXPECT_EQ(Counters(), ToText(TruthOf(session)));
}

TEST_F(RadiusFeedTest, ALateStopIsDatedWhenTheSessionEnded) {
  RadiusFeed feed(population_, keeper_, Options());
  auto session =
      maker_.Make(maker_.Find(Access::kPppoe), kMorning, seconds(1000), Ending::kLateStop);
  session->plan.stop_delay = seconds(7200);
  Run(feed, session);
  feed.Stop(session);
  Settle(feed);
  EXPECT_EQ(Row("acctstoptime AT TIME ZONE 'UTC'"), "2026-11-22 09:16:40\n");
  EXPECT_EQ(TruthOf(session), At(session, session->plan.end));
}

TEST_F(RadiusFeedTest, AZeroedStopZeroesTheRowAndNotTheTruth) {
  RadiusFeed feed(population_, keeper_, Options());
  auto session =
      maker_.Make(maker_.Find(Access::kPppoe), kMorning, seconds(1000), Ending::kZeroedStop);
  Run(feed, session);
  feed.Stop(session);
  Settle(feed);
  EXPECT_EQ(Row("acctstoptime IS NOT NULL, acctinputoctets, acctoutputoctets"), "t | 0 | 0\n");
  EXPECT_EQ(TruthOf(session), At(session, kMorning + seconds(900)));
}

TEST_F(RadiusFeedTest, AZeroedStopWaitsUntilTheCountersCouldBeSeen) {
  auto options = Options();
  options.visible_for = std::chrono::hours(1);
  RadiusFeed feed(population_, keeper_, options);
  auto session =
      maker_.Make(maker_.Find(Access::kPppoe), kMorning, seconds(1000), Ending::kZeroedStop);
  Run(feed, session);
  feed.Stop(session);
  Settle(feed);
  EXPECT_EQ(Counters(), ToText(At(session, kMorning + seconds(900))));
  // And does not keep the NAS from coming back.
  feed.NasUp(session->subscriber->nas, kMorning + seconds(2000));
  Settle(feed);
  EXPECT_EQ(Row("acctterminatecause"), "NAS-Reboot\n");
}

TEST_F(RadiusFeedTest, ALostStartBeginsTheRowAtTheFirstInterim) {
  RadiusFeed feed(population_, keeper_, Options());
  auto session = maker_.Make(maker_.Find(Access::kPppoe), kMorning, seconds(1000));
  session->plan.lost_start = true;
  feed.Start(session);
  Settle(feed);
  EXPECT_EQ(Row("1"), "");
  Run(feed, session);
  Settle(feed);
  EXPECT_EQ(Row("acctstarttime AT TIME ZONE 'UTC', acctsessiontime"),
            "2026-11-22 09:05:00 | 900\n");
}

TEST_F(RadiusFeedTest, ANasRebootClosesItsOpenSessionsAndOnlyThem) {
  RadiusFeed feed(population_, keeper_, Options());
  auto one = maker_.Make(maker_.Find(Access::kPppoe, 0), kMorning, seconds(1000), Ending::kReboot);
  auto two = maker_.Make(maker_.Find(Access::kPppoe, 1), kMorning, seconds(1000), Ending::kReboot);
  auto closed = maker_.Make(maker_.Find(Access::kPppoe, 2), kMorning, seconds(400));
  auto elsewhere = maker_.Make(39, kMorning, seconds(1000));
  ASSERT_EQ(one->subscriber->nas, two->subscriber->nas);
  ASSERT_NE(one->subscriber->nas, elsewhere->subscriber->nas);
  for (const auto& session : {one, two, closed, elsewhere}) Run(feed, session);
  feed.Stop(closed);
  feed.NasUp(one->subscriber->nas, kMorning + seconds(1100));
  Settle(feed);
  EXPECT_EQ(usage::testing::ToText(database_->Query(
                "SELECT acctstoptime AT TIME ZONE 'UTC', acctterminatecause FROM radacct ORDER BY"
                " acctsessionid")),
            "2026-11-22 09:18:20 | NAS-Reboot\n"
            "2026-11-22 09:18:20 | NAS-Reboot\n"
            "2026-11-22 09:06:40 | Lost-Carrier\n"
            "∅ | ∅\n");
  EXPECT_EQ(TruthOf(one), At(one, kMorning + seconds(900)));
}

// The order matters: an interim update that comes after the Accounting-On finds a closed row.
TEST_F(RadiusFeedTest, WhatANasSaysAfterItsRebootIsStoredAfterIt) {
  RadiusFeed feed(population_, keeper_, Options());
  std::vector<SessionPtr> before, after;
  for (int i = 0; i < 5; ++i) {
    before.push_back(maker_.Make(maker_.Find(Access::kPppoe, i), kMorning, seconds(1000)));
    after.push_back(
        maker_.Make(maker_.Find(Access::kPppoe, i), kMorning + seconds(1200), seconds(500)));
  }
  for (const auto& session : before) Run(feed, session);
  feed.NasUp(before[0]->subscriber->nas, kMorning + seconds(1100));
  for (const auto& session : after) {
    Run(feed, session);
    feed.Stop(session);
  }
  Settle(feed);
  EXPECT_EQ(usage::testing::ToText(
                database_->Query("SELECT acctterminatecause, count(*), sum(acctinputoctets) > 0"
                                 " FROM radacct GROUP BY 1 ORDER BY 1")),
            "Lost-Carrier | 5 | t\nNAS-Reboot | 5 | t\n");
  for (int i = 0; i < 5; ++i) {
    auto n = static_cast<size_t>(i);
    EXPECT_EQ(TruthOf(after[n]),
              At(before[n], kMorning + seconds(900)) + At(after[n], after[n]->plan.end));
  }
}

TEST_F(RadiusFeedTest, AnIdThatIsReusedWhileItsRowIsOpenOverwritesTheCounters) {
  RadiusFeed feed(population_, keeper_, Options());
  int who = maker_.Find(Access::kPppoe);
  auto first = maker_.Make(who, kMorning, seconds(1000), Ending::kLostStop);
  Run(feed, first);
  Settle(feed);
  auto second = maker_.Make(who, kMorning + seconds(2000), seconds(700), Ending::kStop, first->row);
  feed.Start(second);
  Settle(feed);
  // FreeRADIUS moves the start and leaves the octets: a reader must not count them again.
  EXPECT_EQ(Row("acctstarttime AT TIME ZONE 'UTC'"), "2026-11-22 09:33:20\n");
  EXPECT_EQ(Counters(), ToText(At(first, kMorning + seconds(900))));
  feed.Interim(second, kMorning + seconds(2300));
  Settle(feed);
  EXPECT_EQ(Counters(), ToText(At(second, kMorning + seconds(2300))));
  EXPECT_EQ(TruthOf(first),
            At(first, kMorning + seconds(900)) + At(second, kMorning + seconds(2300)));
}

TEST_F(RadiusFeedTest, AnIdThatIsReusedAfterItsRowWasClosedTakesOnlyTheStop) {
  RadiusFeed feed(population_, keeper_, Options());
  int who = maker_.Find(Access::kPppoe);
  auto first = maker_.Make(who, kMorning, seconds(1000));
  Run(feed, first);
  feed.Stop(first);
  auto second = maker_.Make(who, kMorning + seconds(2000), seconds(700), Ending::kStop, first->row);
  Run(feed, second);
  Settle(feed);
  Volume of_first = At(first, first->plan.end);
  EXPECT_EQ(Counters(), ToText(of_first));
  EXPECT_EQ(TruthOf(first), of_first);
  feed.Stop(second);
  Settle(feed);
  Volume of_second = At(second, second->plan.end);
  EXPECT_EQ(Counters(), ToText(of_second));
  EXPECT_EQ(TruthOf(first), of_first + of_second);
}

TEST_F(RadiusFeedTest, DuplicatesAddNothing) {
  auto options = Options();
  options.duplicates = 1;
  RadiusFeed feed(population_, keeper_, options);
  auto session = maker_.Make(maker_.Find(Access::kPppoe), kMorning, seconds(1000));
  Run(feed, session);
  feed.Stop(session);
  Settle(feed);
  EXPECT_EQ(feed.statistics().sent, 10U);
  EXPECT_EQ(Counters(), ToText(At(session, session->plan.end)));
  EXPECT_EQ(ToText(TruthOf(session)), Counters());
}

TEST_F(RadiusFeedTest, AServerThatIsAwayLosesNothing) {
  RadiusFeed feed(population_, keeper_, Options());
  auto session = maker_.Make(maker_.Find(Access::kPppoe), kMorning, seconds(1000));
  server_->Stop();
  Run(feed, session);
  for (int i = 0; i < 10; ++i) feed.Tick(std::chrono::milliseconds(5));
  EXPECT_FALSE(feed.is_settled());
  EXPECT_EQ(TruthOf(session), Volume());
  server_->Start();
  Settle(feed);
  EXPECT_EQ(ToText(TruthOf(session)), Counters());
}

}  // namespace
}  // namespace usage::sim
