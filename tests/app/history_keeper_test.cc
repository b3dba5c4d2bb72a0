// What is shown of closed days against the ledger's tables, in a real PostgreSQL.
#include "app/history_keeper.h"

#include <gtest/gtest.h>

#include <sstream>

#include "app/bookkeeper.h"
#include "tests/app/fake_source.h"
#include "tests/support/postgres.h"

namespace usage {
namespace {

using namespace usage::testing;
using std::chrono::hours;
using std::chrono::minutes;

class HistoryKeeperTest : public ::testing::Test {
 protected:
  HistoryKeeperTest() {
    config_.storage.database = {database_.dsn(), "", "the test's database"};
    config_.storage.fold_interval = std::chrono::milliseconds(0);  // with every booking
    books_ = std::make_unique<Bookkeeper>(config_, clock_);
    books_->UpdateTenants({Acme("Asia/Kathmandu")});
    keeper_ = std::make_unique<HistoryKeeper>(config_, clock_, hub_);
  }

  // Midnight in Kathmandu, some days after the one that the ledger was begun on.
  static Instant Midnight(int days = 0) {
    const Zone& zone = *Zone::Find("Asia/Kathmandu");
    const auto now = std::chrono::system_clock::now();
    return zone.Start(zone.At(std::chrono::time_point_cast<Duration>(now)) + days);
  }

  void Book(const Observation& row) {
    SourceBatch batch;
    batch.source = "panel";
    batch.read_at = clock_.Now();
    batch.observations = {row};
    books_->Book(batch);
  }
  // The session grows to `bytes` at `at`; what is new flowed since the last time.
  void Grow(const std::string& key, Instant at, uint64_t bytes) {
    clock_.Set(at);
    Book(OpenRow(key, Midnight() + hours(8), at, bytes, 10 * bytes));
  }

  // "0:10 1:20": the upload of the closed days, counted from the ledger's first.
  std::string Shown() {
    keeper_->KeepUp();
    std::ostringstream text;
    for (const DatedVolume& day : hub_.Latest()->tenants.at(0).access[1].days) {
      text << (day.first.number - FirstDay().number) << ":" << day.volume.upload << " ";
    }
    return text.str();
  }
  std::string InTheTable() {
    return database_.Value(
        "SELECT coalesce(string_agg((day - date '1970-01-01' - " +
        std::to_string(FirstDay().number) +
        ") || ':' || upload_bytes || ' ', '' ORDER BY day), '') FROM usage.tenant_day "
        "WHERE day < date '1970-01-01' + " +
        std::to_string(Zone::Find("Asia/Kathmandu")->At(clock_.Now()).number));
  }
  static Day FirstDay() { return Zone::Find("Asia/Kathmandu")->At(Midnight()); }

  TestDatabase database_;
  VirtualClock clock_{Midnight() + hours(8)};
  Config config_;
  HistoryHub hub_;
  std::unique_ptr<Bookkeeper> books_;
  std::unique_ptr<HistoryKeeper> keeper_;
};

TEST_F(HistoryKeeperTest, ADayMovesInAtTheTenantsMidnight) {
  Grow("a", Midnight() + hours(20), 100);
  EXPECT_EQ(Shown(), "");
  clock_.Set(Midnight(1) - minutes(1));
  EXPECT_EQ(Shown(), "");
  clock_.Set(Midnight(1));
  EXPECT_EQ(Shown(), "0:100 ");
}

TEST_F(HistoryKeeperTest, WhatIsReadAfterMidnightStillGoesToTheDayBefore) {
  Grow("a", Midnight(1) - minutes(10), 100);
  clock_.Set(Midnight(1));
  EXPECT_EQ(Shown(), "0:100 ");
  Grow("a", Midnight(1) + minutes(10), 140);
  EXPECT_EQ(Shown(), "0:120 ");
  EXPECT_EQ(Shown(), InTheTable());
}

TEST_F(HistoryKeeperTest, ARestatedDayAppears) {
  Grow("b", Midnight() + hours(20), 100);
  Grow("a", Midnight(3) + hours(12), 7);
  Grow("a", Midnight(3) + hours(12), 8);
  const std::string before = Shown();
  ASSERT_EQ(before, InTheTable());
  // A Stop of the first day that comes on the fourth.
  Observation stop = OpenRow("b", Midnight() + hours(8), Midnight() + hours(21), 500, 5000);
  stop.open = false;
  stop.stopped = stop.stamp;
  Book(stop);
  EXPECT_EQ(Shown(), InTheTable());
  EXPECT_NE(Shown(), before);
}

TEST_F(HistoryKeeperTest, ReadsNothingWhileNothingClosedChanges) {
  Grow("a", Midnight(2) + hours(12), 100);
  Shown();
  const auto kept = hub_.Latest();
  clock_.Advance(minutes(1));
  Grow("a", clock_.Now(), 101);  // today's
  Shown();
  EXPECT_EQ(hub_.Latest(), kept);
  clock_.Advance(minutes(10));
  Shown();
  EXPECT_NE(hub_.Latest(), kept) << "it is ten minutes old";
}

TEST_F(HistoryKeeperTest, ADatabaseThatFailsLeavesWhatWasShown) {
  Grow("a", Midnight(1) + hours(12), 100);
  const std::string before = Shown();
  const auto kept = hub_.Latest();
  clock_.Advance(hours(24));
  database_.Exec("ALTER TABLE usage.tenant_day RENAME TO elsewhere");
  EXPECT_THROW(keeper_->KeepUp(), StoreError);
  EXPECT_EQ(hub_.Latest(), kept);
  database_.Exec("ALTER TABLE usage.elsewhere RENAME TO tenant_day");
  database_.TerminateBackends();
  EXPECT_NE(Shown(), before) << "it connects again";
}

}  // namespace
}  // namespace usage
