// The books under a virtual clock, in a real PostgreSQL.
#include "app/bookkeeper.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/app/fake_source.h"
#include "tests/support/postgres.h"

namespace usage {
namespace {

using namespace usage::testing;
using std::chrono::hours;
using std::chrono::minutes;

Instant Midnight() {
  return std::chrono::time_point_cast<Duration>(
      std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
}

class BookkeeperTest : public ::testing::Test {
 protected:
  BookkeeperTest() : clock_(Midnight() + hours(12)) {
    config_.storage.database = {database_.dsn(), "", "the test's database"};
    books_ = std::make_unique<Bookkeeper>(config_, clock_);
    books_->UpdateTenants({Acme()});
  }

  void Book(std::vector<Observation> rows) {
    SourceBatch batch;
    batch.source = "panel";
    batch.read_at = clock_.Now();
    batch.observations = std::move(rows);
    books_->Book(batch);
  }
  void BookBytes(uint64_t bytes) {
    Book({OpenRow("a", Midnight() + hours(1), clock_.Now(), bytes, 10 * bytes)});
  }
  Snapshot Shown(const Snapshot* before = nullptr) {
    Snapshot snapshot;
    snapshot.at = clock_.Now();
    snapshot.sources.push_back({});
    snapshot.sources[0].name = "panel";
    books_->Describe(before, &snapshot);
    return snapshot;
  }
  std::string Acme0() {
    Snapshot snapshot = Shown();
    if (snapshot.tenants.empty() || !snapshot.tenants[0].access[1]) return "nothing";
    const AccessUsage& usage = *snapshot.tenants[0].access[1];
    return "today " + std::to_string(usage.today.upload) + " month " +
           std::to_string(usage.month.upload) + " total " + std::to_string(usage.total.upload);
  }

  TestDatabase database_;
  VirtualClock clock_;
  Config config_;
  std::unique_ptr<Bookkeeper> books_;
};

TEST_F(BookkeeperTest, ShowsWhatIsBooked) {
  BookBytes(1000);
  EXPECT_EQ(Acme0(), "today 1000 month 1000 total 1000");
  Snapshot shown = Shown();
  EXPECT_TRUE(shown.exporter.ledger.writer);
  EXPECT_TRUE(shown.exporter.ledger.up);
  const AccessUsage& usage = *shown.tenants[0].access[1];
  ASSERT_EQ(usage.top.size(), 1u);
  EXPECT_EQ(usage.top[0].name, "user of a");
  EXPECT_EQ(usage.top[0].today + usage.other.today, usage.today);
}

TEST_F(BookkeeperTest, TheTopAndTheOthersSumToTheOpenSessions) {
  config_.ledger.top_subscribers = 1;
  books_ = nullptr;
  books_ = std::make_unique<Bookkeeper>(config_, clock_);
  books_->UpdateTenants({Acme()});
  for (const char* key : {"a", "b"}) {
    Book({OpenRow(key, Midnight() + hours(1), clock_.Now(), key[0], 1)});
  }
  const auto counted = [&] {
    const AccessUsage usage = *Shown().tenants[0].access[1];
    return std::to_string(usage.sessions) + " = " + usage.top.at(0).name + " " +
           std::to_string(usage.top[0].sessions) + " + " + std::to_string(usage.other.sessions);
  };
  EXPECT_EQ(counted(), "2 = user of b 1 + 1");
  books_ = nullptr;  // without a fold: the next one replays the journal
  books_ = std::make_unique<Bookkeeper>(config_, clock_);
  books_->KeepUp();
  EXPECT_EQ(counted(), "2 = user of b 1 + 1");
}

TEST_F(BookkeeperTest, ADayBeginsWithoutAnyNews) {
  BookBytes(1000);
  clock_.Set(Midnight() + hours(24));
  EXPECT_EQ(Acme0().substr(0, 8), "today 0 ");
}

TEST_F(BookkeeperTest, AClockThatJumpsADayAheadAndBackChangesNothingThatWasBooked) {
  BookBytes(1000);
  Instant now = clock_.Now();
  clock_.Advance(hours(24));
  BookBytes(1100);
  clock_.Set(now + minutes(1));
  books_->KeepUp();  // sees that the clock fell back, and loads
  EXPECT_NE(Acme0().find("total 1100"), std::string::npos) << Acme0();
  clock_.Advance(minutes(5));
  BookBytes(1300);
  EXPECT_NE(Acme0().find("total 1300"), std::string::npos) << Acme0();
  books_->Close();
  EXPECT_EQ(database_.Value("SELECT sum(upload_bytes) FROM usage.tenant_day"), "1300");
  EXPECT_EQ(Shown().exporter.ledger.invariant_violations, 0u);
}

TEST_F(BookkeeperTest, AfterTheDatabaseWentAwayTheSameBatchIsBookedOnce) {
  BookBytes(1000);
  database_.TerminateBackends();
  EXPECT_THROW(BookBytes(2000), StoreError);
  EXPECT_EQ(Acme0(), "today 1000 month 1000 total 1000")
      << "what was committed goes on being shown";
  EXPECT_FALSE(Shown().exporter.ledger.up);
  EXPECT_NE(Shown().exporter.ledger.error, "");
  BookBytes(2000);
  EXPECT_EQ(Acme0(), "today 2000 month 2000 total 2000");
  EXPECT_TRUE(Shown().exporter.ledger.up);
}

TEST_F(BookkeeperTest, ALedgerThatStandsStillHoldsUpNoPage) {
  BookBytes(1000);
  const Snapshot before = Shown();
  database_.FreezeBackends();
  std::thread booking([this] { EXPECT_NO_THROW(BookBytes(2000)); });
  // Until the booking has the books, they describe themselves.
  Snapshot shown = Shown(&before);
  for (int tries = 0; tries < 5; ++tries) shown = Shown(&before);
  EXPECT_EQ(shown.tenants.at(0).access[1]->total.upload, 1000u);
  EXPECT_EQ(shown.sources.at(0).cases.size(), before.sources.at(0).cases.size());
  EXPECT_EQ(shown.exporter.ledger.commits, before.exporter.ledger.commits);
  database_.ThawBackends();
  booking.join();
  EXPECT_EQ(Acme0(), "today 2000 month 2000 total 2000");
}

TEST_F(BookkeeperTest, BrokenTextIsBookedUnderOneName) {
  Observation row = OpenRow("a", Midnight() + hours(1), clock_.Now(), 10, 10);
  row.subscriber = "caf\xE9";
  Book({row});
  row.stamp = clock_.Now() + std::chrono::seconds(1);
  row.upload = 20;
  Book({row});
  EXPECT_EQ(Acme0(), "today 20 month 20 total 20");
  books_->Close();
  EXPECT_EQ(database_.Value("SELECT count(*) FROM usage.account"), "1");
}

TEST_F(BookkeeperTest, ATenantThatIsGoneIsShownForAWhile) {
  BookBytes(1000);
  books_->UpdateTenants({});
  EXPECT_EQ(Shown().tenants.size(), 1u);
  clock_.Advance(hours(23));
  EXPECT_EQ(Shown().tenants.size(), 1u);
  clock_.Advance(hours(1));
  EXPECT_EQ(Shown().tenants.size(), 0u);
  books_->UpdateTenants({Acme()});
  EXPECT_NE(Acme0().find("total 1000"), std::string::npos);
}

TEST_F(BookkeeperTest, EveryCaseIsCountedOnce) {
  BookBytes(1000);
  clock_.Advance(minutes(5));
  BookBytes(10);
  Snapshot shown = Shown();
  for (const CaseCount& c : shown.sources[0].cases) {
    EXPECT_EQ(c.count, c.name == "reset" ? 1u : 0u) << c.name;
  }
}

TEST_F(BookkeeperTest, ASessionWithoutNewsIsStale) {
  BookBytes(1000);
  clock_.Advance(minutes(31));
  EXPECT_EQ(Shown().tenants[0].access[1]->stale_sessions, 1u);
}

TEST_F(BookkeeperTest, GoesOnWhereTheLastOneStoppedInTheMiddleOfACycle) {
  BookBytes(1000);
  books_ = nullptr;  // as after kill -9: nothing was folded
  books_ = std::make_unique<Bookkeeper>(config_, clock_);
  EXPECT_EQ(books_->Resume("panel").open, std::vector<std::string>{"a"});
  EXPECT_EQ(Acme0(), "today 1000 month 1000 total 1000");
}

// One router of acme, which shows one session, "a".
class RoutersBookingTest : public BookkeeperTest {
 protected:
  void Open(Authority authority = Authority::kAccounting) {
    books_ = nullptr;
    config_.routers.emplace();
    config_.routers->authority = {authority, authority};
    books_ = std::make_unique<Bookkeeper>(config_, clock_);
    books_->UpdateTenants({Acme()});
    books_->SetRouters({{"r1", "acme"}});
    started_ = clock_.Now();
    Report(0);
    Read(0);
  }
  void Report(uint64_t bytes, bool is_open = true) {
    Observation row = OpenRow("a", started_, clock_.Now(), bytes, 10 * bytes);
    row.where.emplace().user = "ann";
    row.open = is_open;
    if (!is_open) row.stopped = clock_.Now();
    Book({row});
  }
  void Read(uint64_t bytes) {
    RouterReading reading;
    reading.at = clock_.Now();
    RouterRow& row = reading.rows.emplace_back();
    row.access = Access::kPppoe;
    row.user = "ann";
    row.uptime = clock_.Now() - started_;
    row.upload = bytes;
    row.download = 10 * bytes;
    books_->TakeReading("r1", "acme", reading);
  }
  AccessUsage Usage() { return *Shown().tenants.at(0).access[1]; }
  std::string Uploads() {
    const AccessUsage usage = Usage();
    const LiveUsage live = usage.live.value_or(LiveUsage());
    return "booked " + std::to_string(usage.total.upload) + " carry " +
           std::to_string(live.carry.upload) + " live " + std::to_string(live.total.upload);
  }
  uint64_t CasesOf(std::string_view name) {
    const Snapshot shown = Shown();
    for (const CaseCount& c : shown.sources[0].cases) {
      if (c.name == name) return c.count;
    }
    return UINT64_MAX;
  }

  Instant started_;
};

TEST_F(RoutersBookingTest, WithoutRoutersNothingIsLive) {
  BookBytes(1000);
  EXPECT_FALSE(Usage().live);
  books_->SetRouters({{"r1", "acme"}});
  books_->TakeReading("r1", "acme", {});
  EXPECT_FALSE(Usage().live);
}

TEST_F(RoutersBookingTest, AReadingIsCarriedUntilAccountingSpeaks) {
  Open();
  clock_.Advance(std::chrono::seconds(10));
  Read(1000);
  EXPECT_EQ(Uploads(), "booked 0 carry 1000 live 1000");
  const AccessUsage usage = Usage();
  EXPECT_EQ(usage.live->sessions, 1u);
  EXPECT_DOUBLE_EQ(usage.live->rate.download, 1000);
  ASSERT_EQ(usage.top.size(), 0u);  // nothing is booked
  EXPECT_DOUBLE_EQ(usage.other.rate->download, 1000);
  Report(990);
  EXPECT_EQ(Uploads(), "booked 990 carry 0 live 1000");
  EXPECT_EQ(Usage().top.at(0).rate->download, 1000);
  EXPECT_EQ(Usage().live->held.upload, 10u);
  Report(1200, false);
  EXPECT_EQ(Uploads(), "booked 1200 carry 0 live 1200");
  EXPECT_EQ(Usage().drift.at(0).router_bytes.upload, 1000u);
  EXPECT_EQ(Usage().drift.at(0).accounting_bytes.upload, 1200u);
}

TEST_F(RoutersBookingTest, TheLedgersDatabaseMayBeAwayWhileTheLiveViewGoesOn) {
  Open();
  clock_.Advance(std::chrono::seconds(10));
  database_.TerminateBackends();
  EXPECT_THROW(Report(500), StoreError);
  Read(1000);
  EXPECT_EQ(Uploads(), "booked 0 carry 1000 live 1000");
  books_->KeepUp();
  Report(500);
  clock_.Advance(std::chrono::seconds(5));
  Read(1500);
  EXPECT_EQ(Uploads(), "booked 500 carry 500 live 1000");
}

TEST_F(RoutersBookingTest, WhereTheRouterIsTheAuthorityItsReadingsAreBookedAndItsTotalIsExact) {
  Open(Authority::kRouter);
  clock_.Advance(std::chrono::seconds(10));
  Read(1000);
  EXPECT_EQ(Uploads(), "booked 1000 carry 0 live 1000");
  Report(900);
  EXPECT_EQ(Uploads(), "booked 1000 carry 0 live 1000");
  clock_.Advance(std::chrono::seconds(10));
  Read(2000);
  Report(2500, false);
  EXPECT_EQ(Uploads(), "booked 2000 carry 0 live 2000");
  EXPECT_EQ(CasesOf("short_stop"), 0u);
  EXPECT_EQ(CasesOf("no_router"), 0u);
  books_->Close();
  EXPECT_EQ(database_.Value("SELECT sum(upload_bytes) FROM usage.tenant_day"), "2000");
}

TEST_F(RoutersBookingTest, OfTwoAuthoritiesTheLargerNumberIsBooked) {
  Open(Authority::kMax);
  clock_.Advance(std::chrono::seconds(10));
  Read(1000);
  Report(900);
  EXPECT_EQ(Uploads(), "booked 1000 carry 0 live 1000");
  clock_.Advance(std::chrono::seconds(10));
  Report(2500, false);
  EXPECT_EQ(Usage().total.upload, 2500u);
}

TEST_F(RoutersBookingTest, ASessionThatNoRouterShowedIsAccountings) {
  Open(Authority::kRouter);
  Book({OpenRow("b", started_, clock_.Now(), 10, 100)});
  Observation stop = OpenRow("b", started_, clock_.Now(), 700, 7000);
  stop.open = false;
  stop.stopped = clock_.Now();
  Book({stop});
  EXPECT_EQ(Usage().total.upload, 700u);
  EXPECT_EQ(CasesOf("no_router"), 1u);
}

TEST_F(RoutersBookingTest, ARouterThatWasSilentForTooLongIsNoAuthority) {
  Open(Authority::kRouter);
  clock_.Advance(std::chrono::seconds(10));
  Read(1000);
  clock_.Advance(hours(2));
  Report(5000);
  EXPECT_EQ(Usage().total.upload, 5000u);
  EXPECT_EQ(CasesOf("router_silent"), 1u);
}

}  // namespace
}  // namespace usage
