// Against a real PostgreSQL with the panel's tables as they are.
#include "sim/panel_feed.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/sim/session_maker.h"
#include "tests/support/postgres.h"

namespace usage::sim {
namespace {

using usage::testing::TestDatabase;

class PanelFeedTest : public ::testing::Test {
 protected:
  PanelFeedTest() { database_.ExecFile(usage::testing::PanelSchemaPath()); }

  PanelFeed::Options Options() const {
    PanelFeed::Options options;
    options.dsn = database_.dsn();
    options.visible_for = std::chrono::seconds(0);
    options.purge_after = std::chrono::seconds(0);
    return options;
  }
  void Report(PanelFeed& feed, Second at) {
    feed.Report(at);
    Settle(feed);
  }
  void Settle(PanelFeed& feed) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (!feed.is_settled() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      feed.Tick(std::chrono::milliseconds(0));
    }
    ASSERT_TRUE(feed.is_settled()) << feed.last_error();
  }
  std::string Rows(const std::string& columns) {
    return usage::testing::ToText(
        database_.Query("SELECT " + columns + " FROM user_sessions ORDER BY id"));
  }
  std::string Counters() { return Rows("data_upload, data_download"); }
  static std::string ToText(Volume v) {
    return std::to_string(v.upload) + " | " + std::to_string(v.download) + "\n";
  }
  Volume At(const SessionPtr& session, Second t) {
    Curve curve(session->plan.shape, session->plan.start, *session->tenant->timetable);
    curve.Advance(t);
    return curve.total();
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
  SessionPtr Hotspot(seconds length, Ending ending = Ending::kStop) {
    return maker_.Make(maker_.Find(Access::kHotspot), kMorning, length, ending);
  }

  TestDatabase database_;
  Population population_{SmallPopulation(false)};
  TruthKeeper keeper_{population_, Truth()};
  SessionMaker maker_{population_};
};

TEST_F(PanelFeedTest, AVouchersRowGrowsWhileItIsActiveAndEndsWhenItEnded) {
  PanelFeed feed(population_, keeper_, Options());
  auto session = Hotspot(seconds(60));
  feed.Start(session);
  Report(feed, kMorning + seconds(5));
  EXPECT_EQ(Rows("voucher, mac_address, start_time, end_time, status, created_at, updated_at"),
            session->subscriber->login + " | " + session->subscriber->mac +
                " | 2026-11-22 09:00:00 | 2026-11-22 12:00:00 | active | 2026-11-22 09:00:05 |"
                " 2026-11-22 09:00:05\n");
  EXPECT_EQ(Counters(), ToText(At(session, kMorning + seconds(5))));
  Report(feed, kMorning + seconds(10));
  EXPECT_EQ(Counters(), ToText(At(session, kMorning + seconds(10))));
  feed.Stop(session);
  Report(feed, kMorning + seconds(65));
  EXPECT_EQ(Rows("end_time, status <> 'active', created_at, updated_at"),
            "2026-11-22 09:01:00 | t | 2026-11-22 09:00:05 | 2026-11-22 09:01:05\n");
  EXPECT_EQ(Counters(), ToText(At(session, session->plan.end)));
  EXPECT_EQ(ToText(TruthOf(session)), Counters());
}

TEST_F(PanelFeedTest, APppoeRowHasNoVoucher) {
  PanelFeed feed(population_, keeper_, Options());
  auto session = maker_.Make(maker_.Find(Access::kPppoe), kMorning, seconds(600));
  feed.Start(session);
  Report(feed, kMorning + seconds(5));
  EXPECT_EQ(Rows("voucher, mac_address, tenant_id, data_used = data_upload + data_download"),
            "∅ | " + session->subscriber->mac + " | " + session->tenant->id + " | t\n");
  EXPECT_EQ(population_.AccountName(*session->subscriber), session->subscriber->mac);
}

TEST_F(PanelFeedTest, AWriterThatFillsOnlyDataUsedIsKnownAsDownload) {
  auto people = SmallPopulation(false);
  people.data_used_only = 1;
  Population population(people);
  TruthKeeper keeper(population, Truth());
  SessionMaker maker(population);
  PanelFeed feed(population, keeper, Options());
  auto session = maker.Make(0, kMorning, seconds(600));
  feed.Start(session);
  Report(feed, kMorning + seconds(5));
  Report(feed, kMorning + seconds(10));
  uint64_t used = At(session, kMorning + seconds(10)).sum();
  EXPECT_EQ(Rows("data_used, data_upload, data_download"), std::to_string(used) + " | ∅ | ∅\n");
  EXPECT_EQ(keeper.Take({}, true).bytes.begin()->second.begin()->second, (Volume{0, used}));
}

TEST_F(PanelFeedTest, ALostStopLeavesTheRowActiveAndStandingStill) {
  PanelFeed feed(population_, keeper_, Options());
  auto session = Hotspot(seconds(60), Ending::kLostStop);
  feed.Start(session);
  Report(feed, kMorning + seconds(55));
  feed.Lose(session);
  Report(feed, kMorning + seconds(65));
  EXPECT_EQ(Rows("status, updated_at"), "active | 2026-11-22 09:00:55\n");
  EXPECT_EQ(TruthOf(session), At(session, kMorning + seconds(55)));
}

TEST_F(PanelFeedTest, ALateStopClosesHoursLaterWithAnEndInThePast) {
  PanelFeed feed(population_, keeper_, Options());
  auto session = Hotspot(seconds(60), Ending::kLateStop);
  feed.Start(session);
  Report(feed, kMorning + seconds(55));
  // Over, but nobody has heard of it: no report of it goes beyond its end.
  Report(feed, kMorning + seconds(65));
  EXPECT_EQ(Rows("status, updated_at"), "active | 2026-11-22 09:00:55\n");
  feed.Stop(session);
  Report(feed, kMorning + seconds(7200));
  EXPECT_EQ(Rows("status <> 'active', end_time, updated_at"),
            "t | 2026-11-22 09:01:00 | 2026-11-22 11:00:00\n");
  EXPECT_EQ(TruthOf(session), At(session, session->plan.end));
}

TEST_F(PanelFeedTest, AZeroedStopZeroesTheRowAndNotTheTruth) {
  PanelFeed feed(population_, keeper_, Options());
  auto session = Hotspot(seconds(60), Ending::kZeroedStop);
  feed.Start(session);
  Report(feed, kMorning + seconds(55));
  feed.Stop(session);
  Report(feed, kMorning + seconds(65));
  EXPECT_EQ(Rows("status <> 'active', data_used, data_upload, data_download"), "t | 0 | 0 | 0\n");
  EXPECT_EQ(TruthOf(session), At(session, kMorning + seconds(55)));
}

TEST_F(PanelFeedTest, CountersAreNotDestroyedBeforeTheyCouldBeSeen) {
  auto options = Options();
  options.visible_for = std::chrono::hours(1);
  PanelFeed feed(population_, keeper_, options);
  auto zeroed = Hotspot(seconds(60), Ending::kZeroedStop);
  int other = maker_.Find(Access::kHotspot, 1);
  auto first = maker_.Make(other, kMorning, seconds(20));
  for (const auto& session : {zeroed, first}) feed.Start(session);
  Report(feed, kMorning + seconds(5));
  for (const auto& session : {zeroed, first}) feed.Stop(session);
  Report(feed, kMorning + seconds(65));
  feed.Start(maker_.Make(other, kMorning + seconds(70), seconds(20), Ending::kStop, first->row));
  Report(feed, kMorning + seconds(100));
  EXPECT_EQ(Counters(),
            ToText(At(zeroed, kMorning + seconds(5))) + ToText(At(first, first->plan.end)));
}

TEST_F(PanelFeedTest, ANasRebootClosesItsSessionsTogetherWhenItIsBack) {
  PanelFeed feed(population_, keeper_, Options());
  auto one = maker_.Make(maker_.Find(Access::kPppoe, 0), kMorning, seconds(60), Ending::kReboot);
  auto two = maker_.Make(maker_.Find(Access::kPppoe, 1), kMorning, seconds(60), Ending::kReboot);
  auto elsewhere = maker_.Make(39, kMorning, seconds(6000));
  for (const auto& session : {one, two, elsewhere}) feed.Start(session);
  Report(feed, kMorning + seconds(55));
  for (const auto& session : {one, two}) feed.Lose(session);
  Report(feed, kMorning + seconds(65));
  EXPECT_EQ(Rows("status"), "active\nactive\nactive\n");
  feed.NasUp(one->subscriber->nas, kMorning + seconds(150));
  Report(feed, kMorning + seconds(155));
  EXPECT_EQ(Rows("status, end_time"),
            "terminated | 2026-11-22 09:01:00\n"
            "terminated | 2026-11-22 09:01:00\n"
            "active | 2026-11-22 12:00:00\n");
  EXPECT_EQ(TruthOf(one), At(one, kMorning + seconds(55)));
}

TEST_F(PanelFeedTest, AReusedIdStartsItsRowAgainFromZero) {
  PanelFeed feed(population_, keeper_, Options());
  auto first = Hotspot(seconds(60));
  feed.Start(first);
  Report(feed, kMorning + seconds(30));
  feed.Stop(first);
  Report(feed, kMorning + seconds(65));
  Second again = kMorning + seconds(200);
  auto second = maker_.Make(first->plan.subscriber, again, seconds(300), Ending::kStop, first->row);
  feed.Start(second);
  Report(feed, again + seconds(5));
  EXPECT_EQ(Rows("start_time, status, created_at"),
            "2026-11-22 09:03:20 | active | 2026-11-22 09:00:30\n");
  EXPECT_EQ(Counters(), ToText(At(second, again + seconds(5))));
  EXPECT_EQ(TruthOf(first), At(first, first->plan.end) + At(second, again + seconds(5)));
}

// Who reads the open rows would not see a row that changes while it is closed.
TEST_F(PanelFeedTest, AReusedIdIsSeenActiveHoweverShortItsSession) {
  auto options = Options();
  PanelFeed feed(population_, keeper_, options);
  auto first = Hotspot(seconds(60));
  feed.Start(first);
  feed.Stop(first);
  Report(feed, kMorning + seconds(65));
  Second again = kMorning + seconds(200);
  auto second = maker_.Make(first->plan.subscriber, again, seconds(3), Ending::kStop, first->row);
  feed.Start(second);
  feed.Stop(second);
  Report(feed, again + seconds(5));
  EXPECT_EQ(Rows("start_time, status"), "2026-11-22 09:03:20 | active\n");
  EXPECT_EQ(Counters(), ToText(At(second, second->plan.end)));
  Report(feed, again + seconds(10));
  EXPECT_EQ(Rows("end_time, status <> 'active'"), "2026-11-22 09:03:23 | t\n");
  EXPECT_EQ(TruthOf(first), At(first, first->plan.end) + At(second, second->plan.end));
}

TEST_F(PanelFeedTest, APurgedRowIsGoneAndItsBytesStayTrue) {
  auto options = Options();
  options.purge = 1;
  PanelFeed feed(population_, keeper_, options);
  auto session = Hotspot(seconds(60));
  feed.Start(session);
  feed.Stop(session);
  Report(feed, kMorning + seconds(65));
  EXPECT_EQ(Rows("status <> 'active'"), "t\n");
  Report(feed, kMorning + seconds(70));
  EXPECT_EQ(Rows("1"), "");
  EXPECT_EQ(TruthOf(session), At(session, session->plan.end));
}

TEST_F(PanelFeedTest, ARowIsNotPurgedBeforeItsTime) {
  auto options = Options();
  options.purge = 1;
  options.purge_after = std::chrono::hours(1);
  PanelFeed feed(population_, keeper_, options);
  auto session = Hotspot(seconds(60));
  feed.Start(session);
  feed.Stop(session);
  Report(feed, kMorning + seconds(65));
  Report(feed, kMorning + seconds(70));
  EXPECT_EQ(Rows("status <> 'active'"), "t\n");
}

TEST_F(PanelFeedTest, ALostStartShowsUpLaterWithItsTrueStart) {
  auto options = Options();
  options.lost_start_delay = seconds(300);
  PanelFeed feed(population_, keeper_, options);
  auto session = Hotspot(seconds(3600));
  session->plan.lost_start = true;
  feed.Start(session);
  Report(feed, kMorning + seconds(295));
  EXPECT_EQ(Rows("1"), "");
  Report(feed, kMorning + seconds(300));
  EXPECT_EQ(Rows("start_time, created_at"), "2026-11-22 09:00:00 | 2026-11-22 09:05:00\n");
  EXPECT_EQ(ToText(TruthOf(session)), Counters());
}

TEST_F(PanelFeedTest, DuplicatesAddNothing) {
  auto options = Options();
  options.duplicates = 1;
  PanelFeed feed(population_, keeper_, options);
  auto session = Hotspot(seconds(3600));
  feed.Start(session);
  Report(feed, kMorning + seconds(5));
  Report(feed, kMorning + seconds(10));
  EXPECT_EQ(Counters(), ToText(At(session, kMorning + seconds(10))));
  EXPECT_EQ(ToText(TruthOf(session)), Counters());
}

TEST_F(PanelFeedTest, ADatabaseThatIsAwayLosesNothing) {
  PanelFeed feed(population_, keeper_, Options());
  auto session = Hotspot(seconds(3600));
  feed.Start(session);
  Report(feed, kMorning + seconds(5));
  database_.TerminateBackends();
  Report(feed, kMorning + seconds(10));
  EXPECT_EQ(Counters(), ToText(At(session, kMorning + seconds(10))));
  EXPECT_EQ(ToText(TruthOf(session)), Counters());
}

// The truth may count a report only when it can be read.
TEST_F(PanelFeedTest, NothingIsTrueBeforeItIsCommitted) {
  PanelFeed feed(population_, keeper_, Options());
  auto session = Hotspot(seconds(3600));
  feed.Start(session);
  Report(feed, kMorning + seconds(5));
  Volume before = TruthOf(session);
  database_.FreezeBackends();
  feed.Report(kMorning + seconds(10));
  for (int i = 0; i < 20; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    feed.Tick(std::chrono::milliseconds(0));
  }
  EXPECT_FALSE(feed.is_settled());
  EXPECT_EQ(TruthOf(session), before);
  database_.ThawBackends();
  Settle(feed);
  EXPECT_EQ(ToText(TruthOf(session)), Counters());
}

TEST_F(PanelFeedTest, TenantsAreWrittenIntoTheColumnsThatAreThere) {
  PanelStore store(database_.dsn());
  TenantColumns columns = store.CheckTables(true);
  EXPECT_FALSE(columns.time_zone || columns.billing_day || columns.quota_bytes || columns.plan);
  store.WriteTenants(population_.tenants(), columns);
  database_.Exec("ALTER TABLE tenants ADD time_zone text, ADD billing_day int, ADD plan text");
  columns = store.CheckTables(true);
  EXPECT_TRUE(columns.time_zone && columns.billing_day && columns.plan && !columns.quota_bytes);
  store.WriteTenants(population_.tenants(), columns);
  EXPECT_EQ(usage::testing::ToText(database_.Query(
                "SELECT name, time_zone, billing_day, plan FROM tenants ORDER BY name")),
            population_.tenants()[1].name + " | Europe/Berlin | 1 | Plus\n" +
                population_.tenants()[0].name + " | UTC | 1 | Basic\n");
}

TEST(PanelStore, TablesThatAreNotThereAreNamedWithTheRemedy) {
  TestDatabase database;
  PanelStore store(database.dsn());
  try {
    store.CheckTables(true);
    FAIL();
  } catch (const std::runtime_error& error) {
    std::string message = error.what();
    EXPECT_NE(message.find("relation \"tenants\" does not exist"), message.npos) << message;
    EXPECT_NE(message.find("--create-tables makes the tables"), message.npos) << message;
  }
  store.CreateTables();
  store.CreateTables();
  EXPECT_TRUE(store.CheckTables(true).time_zone);
}

TEST(PanelStore, SessionsThatAnEarlierRunLeftOpenEndWhenTheyWereSeenLast) {
  TestDatabase database;
  PanelStore store(database.dsn());
  store.CreateTables();
  Population population(SmallPopulation(false));
  const std::string own = population.tenants()[0].id;
  database.Exec(
      "INSERT INTO user_sessions (id, tenant_id, status, updated_at) VALUES"
      " (gen_random_uuid(), '" +
      own +
      "', 'active', '2026-11-20'),"
      " (gen_random_uuid(), gen_random_uuid(), 'active', '2026-11-21')");
  store.CloseLeftovers(population.tenants(), kMorning);
  EXPECT_EQ(usage::testing::ToText(database.Query(
                "SELECT status, end_time, updated_at FROM user_sessions ORDER BY updated_at DESC")),
            "terminated | 2026-11-20 00:00:00 | 2026-11-22 09:00:00\n"
            "active | ∅ | 2026-11-21 00:00:00\n");
}

}  // namespace
}  // namespace usage::sim
