#include "sources/postgres/session_tracker.h"

#include <gmock/gmock.h>

#include <random>
#include <set>

#include "tests/support/fake_session_table.h"

namespace usage::testing {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Instant kStart = FromUnixMicros(1'795'420'800'000'000);  // 2026-11-23 08:00 UTC

class SessionTrackerTest : public ::testing::Test {
 protected:
  void Restart(const ResumePoint& point) {
    tracker_ =
        std::make_unique<SessionTracker>("panel", std::make_unique<FakeSessionTable>(db_), clock_);
    tracker_->Resume(point);
  }

  void Put(const std::string& key, bool open, uint64_t upload) {
    FakeRow row = db_.Has(key) ? db_.Get(key) : FakeRow{.arrived = clock_.Now()};
    row.open = open;
    row.upload = upload;
    db_.Put(key, row);
  }

  // A reading as one line: "key+ bytes" is open, "key- bytes" closed, "key!" gone.
  static std::string ToText(SourceBatch batch) {
    std::set<std::string> words;
    for (const Observation& seen : batch.observations) {
      words.insert(seen.key + (seen.open ? "+ " : "- ") + std::to_string(*seen.upload));
    }
    for (const std::string& key : batch.gone) words.insert(key + "!");
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
  }

  SourceBatch ReadAfter(Duration pause) {
    clock_.Advance(pause);
    return tracker_->Read();
  }

  std::string Next(Duration pause = seconds(5)) {
    const std::string text = ToText(ReadAfter(pause));
    tracker_->Acknowledge();
    return text;
  }

  VirtualClock clock_{kStart};
  FakeDatabase db_;
  std::unique_ptr<SessionTracker> tracker_ =
      std::make_unique<SessionTracker>("panel", std::make_unique<FakeSessionTable>(db_), clock_);
};

TEST_F(SessionTrackerTest, FirstReadingEverTakesTheOpenSessionsAndNoHistory) {
  Put("a", true, 10);
  Put("b", false, 20);
  EXPECT_EQ(Next(), "a+ 10");
  EXPECT_EQ(Next(), "");
}

TEST_F(SessionTrackerTest, DeliversWhatChangedAndNothingElse) {
  Put("a", true, 10);
  Put("b", true, 20);
  EXPECT_EQ(Next(), "a+ 10, b+ 20");
  Put("b", true, 21);
  EXPECT_EQ(Next(), "b+ 21");
  EXPECT_EQ(Next(), "");
}

TEST_F(SessionTrackerTest, RowsThatAreNamedAreReadAloneAndNoOtherIsForgotten) {
  for (const char* key : {"a", "b", "c"}) Put(key, true, 10);
  Put("history", false, 1);
  Next();
  Next();
  for (const char* key : {"a", "b", "new"}) Put(key, true, 20);
  Put("history", false, 2);
  const std::vector<std::string> keys = {"a", "new", "history", "nobody"};
  EXPECT_EQ(ToText(tracker_->ReadRows(keys)), "a+ 20, new+ 20");
  tracker_->Acknowledge();
  EXPECT_EQ(ToText(tracker_->ReadRows(keys)), "");
  tracker_->Acknowledge();
  EXPECT_EQ(Next(), "b+ 20");
}

TEST_F(SessionTrackerTest, WhatWasNamedAndRejectedComesAgain) {
  Put("a", true, 10);
  Next();
  Put("a", false, 20);
  const std::vector<std::string> keys = {"a"};
  EXPECT_EQ(ToText(tracker_->ReadRows(keys)), "a- 20");
  tracker_->Reject();
  EXPECT_EQ(Next(), "a- 20");
}

TEST_F(SessionTrackerTest, SessionThatLeavesTheOpenSetIsReadByKey) {
  Put("a", true, 10);
  Next();
  Put("a", false, 15);
  EXPECT_EQ(Next(), "a- 15");
}

TEST_F(SessionTrackerTest, SessionThatLivedBetweenTwoReadingsIsFound) {
  Put("a", true, 1);
  Next();
  Put("b", true, 0);
  Put("b", false, 9);
  EXPECT_EQ(Next(), "b- 9");
  EXPECT_EQ(Next(), "");
}

TEST_F(SessionTrackerTest, SessionThatLivedBetweenTwoReadingsIsFoundWhenTheTableWasEmpty) {
  EXPECT_EQ(Next(), "");
  Put("b", false, 9);
  EXPECT_EQ(Next(), "b- 9");
}

TEST_F(SessionTrackerTest, RowThatCommitsTenMinutesLateIsFound) {
  Put("a", true, 1);
  Next();
  const FakeRow late{.open = false, .upload = 7, .arrived = clock_.Now() + seconds(1)};
  Put("b", true, 2);
  clock_.Advance(minutes(9));
  Put("c", true, 3);
  Next();
  db_.Put("late", late);
  EXPECT_EQ(Next(), "late- 7");
}

TEST_F(SessionTrackerTest, PurgedSessionIsGoneOnce) {
  Put("a", true, 10);
  Next();
  db_.Erase("a");
  EXPECT_EQ(Next(), "a!");
  EXPECT_EQ(Next(), "");
  EXPECT_EQ(tracker_->known_rows(), 0u);
}

TEST_F(SessionTrackerTest, PurgedSessionThatIsRestoredComesAgain) {
  Put("a", true, 10);
  Next();
  db_.Erase("a");
  Next();
  Put("a", true, 12);
  EXPECT_EQ(Next(), "a+ 12");
}

TEST_F(SessionTrackerTest, ClosedRowThatGrowsIsDeliveredByTheNextCheck) {
  Put("a", true, 10);
  Next();
  Put("a", false, 11);
  Next();
  Put("a", false, 12);
  EXPECT_EQ(Next(seconds(5)), "");
  EXPECT_EQ(Next(seconds(10)), "a- 12");
}

TEST_F(SessionTrackerTest, EveryGrowthOfAClosedRowIsFoundForADay) {
  Put("a", true, 10);
  Next();
  Put("a", false, 11);
  Next();
  std::string growths;
  for (uint64_t bytes = 100; bytes < 124; ++bytes) {
    Put("a", false, bytes);
    for (int i = 0; i < 12; ++i) growths += Next(minutes(5));
  }
  EXPECT_THAT(growths, ::testing::EndsWith("a- 123"));
}

TEST_F(SessionTrackerTest, ClosedRowIsReadTenTimesAndForgottenAfterADay) {
  Put("a", true, 10);
  Next();
  Put("a", false, 11);
  Next();
  std::string reads;
  for (Duration passed{0}; passed < hours(30); passed += seconds(15)) {
    db_.keys_read.clear();
    Next(seconds(15));
    if (!db_.keys_read.empty()) {
      reads += std::to_string((passed + seconds(15)) / seconds(15)) + " ";
    }
  }
  // In quarters of a minute: 15 s, 1 min, 5 min, 15 min, 1 h, 3 h, 6 h, 12 h, 25 h.
  EXPECT_EQ(reads, "1 4 20 60 240 720 1440 2880 6000 ");
  EXPECT_EQ(tracker_->known_rows(), 0u);
}

TEST_F(SessionTrackerTest, RejectedBatchComesAgain) {
  Put("a", true, 10);
  Put("b", true, 20);
  Next();
  Put("a", true, 11);
  Put("b", false, 21);
  Put("c", false, 31);
  EXPECT_EQ(ToText(ReadAfter(seconds(5))), "a+ 11, b- 21, c- 31");
  tracker_->Reject();
  Put("a", true, 12);
  EXPECT_EQ(Next(), "a+ 12, b- 21, c- 31");
  EXPECT_EQ(Next(), "");
}

TEST_F(SessionTrackerTest, RejectedVanishingComesAgain) {
  Put("open", true, 10);
  Put("closed", true, 20);
  Next();
  Put("closed", false, 20);
  Next();
  db_.Erase("open");
  db_.Erase("closed");
  EXPECT_EQ(ToText(ReadAfter(seconds(20))), "closed!, open!");
  tracker_->Reject();
  EXPECT_EQ(Next(), "closed!, open!");
  EXPECT_EQ(Next(), "");
}

TEST_F(SessionTrackerTest, ReadingThatBreaksOffLosesNothing) {
  for (int question = 0; question < 5; ++question) {
    SCOPED_TRACE(question);
    const std::string key = "k" + std::to_string(question);
    Put(key, true, 1);
    Next(minutes(20));
    Put("newer" + key, true, 1);
    Next(minutes(20));
    Put(key, false, 2);
    db_.fail_in = question;
    EXPECT_THROW(ReadAfter(seconds(1)), std::runtime_error);
    db_.fail_in = -1;
    EXPECT_EQ(Next(seconds(1)), key + "- 2");
  }
}

TEST_F(SessionTrackerTest, AfterARestartTheOpenKeysThatClosedMeanwhileAreReadByKey) {
  Put("a", true, 10);
  Put("b", true, 20);
  Put("c", true, 30);
  SourceBatch batch = ReadAfter(seconds(5));
  tracker_->Acknowledge();
  Put("a", true, 11);
  Put("b", false, 21);
  db_.Erase("c");
  Put("d", false, 41);
  Restart({batch.cursor, {"a", "b", "c"}, {}});
  EXPECT_EQ(Next(hours(1)), "a+ 11, b- 21, c!, d- 41");
}

TEST_F(SessionTrackerTest, AfterARestartTheClosedRowsOfTheLastDayAreChecked) {
  Put("a", false, 10);
  SourceBatch batch = ReadAfter(seconds(5));
  Put("a", false, 11);
  Restart({batch.cursor, {}, {{"a", clock_.Now() - hours(20)}}});
  EXPECT_EQ(Next(), "a- 11");
  EXPECT_EQ(tracker_->known_rows(), 1u);
}

TEST_F(SessionTrackerTest, OpenRowThatTheOpenSetDoesNotShowIsReadByKeyEveryTime) {
  Put("a", true, 1);
  Next();
  FakeRow ghost{.upload = 1, .arrived = clock_.Now(), .ghost = true};
  db_.Put("ghost", ghost);
  EXPECT_EQ(Next(), "ghost+ 1");
  ghost.upload = 2;
  db_.Put("ghost", ghost);
  SourceBatch batch = ReadAfter(seconds(5));
  EXPECT_EQ(batch.open_rows, 2u);
  EXPECT_EQ(ToText(batch), "ghost+ 2");
}

TEST_F(SessionTrackerTest, RowsWhoseVersionIsTheSameAreNotTransferred) {
  for (int i = 0; i < 100; ++i) Put("k" + std::to_string(i), true, 1);
  Next();
  Next();  // everything changed in the first reading: the second compares everything
  db_.contents_read = 0;
  Put("k7", true, 2);
  EXPECT_EQ(Next(), "k7+ 2");
  EXPECT_EQ(db_.contents_read, 1u);
}

TEST_F(SessionTrackerTest, EveryRowIsComparedOnceAMinute) {
  for (int i = 0; i < 100; ++i) Put("k" + std::to_string(i), true, 1);
  for (int i = 0; i < 3; ++i) Next();
  db_.contents_read = 0;
  for (int i = 0; i < 12; ++i) Next(seconds(5));
  EXPECT_EQ(db_.contents_read, 100u);
}

TEST_F(SessionTrackerTest, CaseCountsWhenARowComesIntoItAndAgainAfterReject) {
  FakeRow row{.arrived = kStart};
  row.cases.Add(SourceCase::kUsedDisagrees);
  row.used_difference = 100;
  db_.Put("a", row);
  ReadAfter(seconds(5));
  tracker_->Reject();
  SourceBatch first = ReadAfter(seconds(5));
  tracker_->Acknowledge();
  EXPECT_EQ(first.cases[SourceCase::kUsedDisagrees], 1u);
  EXPECT_EQ(first.used_difference_bytes, 100u);
  row.used_difference = 130;
  db_.Put("a", row);
  SourceBatch second = ReadAfter(seconds(5));
  EXPECT_EQ(second.cases.count(SourceCase::kUsedDisagrees), 0u);
  EXPECT_EQ(second.used_difference_bytes, 30u);
}

TEST_F(SessionTrackerTest, ManyClosingsAreCheckedInPortions) {
  for (int i = 0; i < 12000; ++i) Put("k" + std::to_string(i), true, 1);
  Next();
  for (int i = 0; i < 12000; ++i) Put("k" + std::to_string(i), false, 2);
  Next();
  size_t most = 0;
  for (int i = 0; i < 6; ++i) {
    db_.keys_read.clear();
    Next(seconds(15));
    most = std::max(most, db_.keys_read.size());
  }
  EXPECT_EQ(most, 5000u);
}

// A life of random changes. The model is the simplest ledger: the last that was acknowledged of
// every key.
class RandomLife {
 public:
  // The first reading finds an empty table: everything that comes later counts.
  explicit RandomLife(unsigned seed) : random_(seed) {
    Restart({});
    Booked(tracker_->Read());
  }

  void Run(int steps) {
    for (int i = 0; i < steps; ++i) {
      clock_.Advance(seconds(Below(20)));
      CommitLate();
      for (int n = Below(6); n > 0; --n) ChangeSomething();
      if (Below(200) == 0) RestartFromLedger();
      if (Below(2) == 0) ReadNamed();
      ReadOnce();
    }
  }

  // Long enough for every check of every closed row, without a change.
  void RunOut() {
    for (const auto& [key, row] : late_) db_.Put(key, row);
    late_.clear();
    for (int i = 0; i < 30 * 12; ++i) {
      clock_.Advance(minutes(5));
      Booked(tracker_->Read());
    }
  }

  void ExpectOpenRowsExact() const {
    for (const auto& [key, entry] : db_.rows()) {
      if (!entry.second.open) continue;
      ASSERT_TRUE(ledger_.count(key)) << key;
      EXPECT_EQ(ledger_.at(key), entry.second.upload) << key;
    }
  }

  void ExpectEveryRowExact() const {
    for (const auto& [key, entry] : db_.rows()) {
      ASSERT_TRUE(ledger_.count(key)) << key;
      EXPECT_EQ(ledger_.at(key), entry.second.upload) << key;
    }
    for (const std::string& key : erased_) {
      EXPECT_TRUE(gone_.count(key) || !ledger_.count(key)) << key;
    }
  }

 private:
  int Below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }

  std::string AnyKey() {
    auto it = db_.rows().begin();
    std::advance(it, Below(static_cast<int>(db_.rows().size())));
    return it->first;
  }

  void ChangeSomething() {
    const int what = Below(10);
    if (what < 3 || db_.rows().empty()) return Insert();
    const std::string key = AnyKey();
    FakeRow row = db_.Get(key);
    if (what == 3 && Below(3) == 0) return Erase(key);
    if (what == 4) row.open = false;
    if (what == 5 && Below(5) == 0) row.open = true, row.ghost = false;
    if (what == 6) row.ghost = row.open && Below(4) == 0;
    row.upload += static_cast<uint64_t>(Below(3));
    db_.Put(key, row);
  }

  void Insert() {
    const std::string key = "s" + std::to_string(++serial_);
    const FakeRow row{.open = Below(3) > 0, .upload = serial_, .arrived = clock_.Now()};
    Below(4) == 0 ? void(late_.emplace_back(key, row)) : db_.Put(key, row);
  }

  void CommitLate() {
    std::erase_if(late_, [this](const auto& entry) {
      const bool is_time = Below(8) == 0 || clock_.Now() - entry.second.arrived > minutes(8);
      if (is_time) db_.Put(entry.first, entry.second);
      return is_time;
    });
  }

  void Erase(const std::string& key) {
    db_.Erase(key);
    erased_.insert(key);
  }

  // As after a notification: of some rows, of some twice, and of what has no row.
  void ReadNamed() {
    if (db_.rows().empty()) return;
    std::vector<std::string> keys = {"nobody"};
    for (int n = Below(8); n > 0; --n) keys.push_back(AnyKey());
    if (!erased_.empty()) keys.push_back(*erased_.begin());
    if (Below(6) == 0) db_.fail_in = Below(3);
    try {
      SourceBatch batch = tracker_->ReadRows(keys);
      db_.fail_in = -1;
      EXPECT_FALSE(batch.whole);
      Below(5) == 0 ? tracker_->Reject() : Booked(batch);
    } catch (const std::runtime_error&) {
      db_.fail_in = -1;
    }
  }

  void ReadOnce() {
    if (Below(6) == 0) db_.fail_in = Below(5);
    try {
      SourceBatch batch = tracker_->Read();
      db_.fail_in = -1;
      if (Below(5) == 0) return tracker_->Reject();
      Booked(batch);
      ExpectOpenRowsExact();
    } catch (const std::runtime_error&) {
      db_.fail_in = -1;
    }
  }

  void Booked(const SourceBatch& batch) {
    tracker_->Acknowledge();
    cursor_ = batch.cursor;
    std::set<std::string> keys;
    for (const Observation& seen : batch.observations) {
      EXPECT_TRUE(keys.insert(seen.key).second) << seen.key << " twice";
      ledger_[seen.key] = *seen.upload;
      open_[seen.key] = seen.open;
      closed_at_[seen.key] = batch.read_at;
    }
    for (const std::string& key : batch.gone) {
      EXPECT_FALSE(db_.Has(key)) << key;
      gone_.insert(key);
      open_.erase(key);
    }
  }

  void RestartFromLedger() {
    ResumePoint point{cursor_, {}, {}};
    for (const auto& [key, is_open] : open_) {
      if (is_open) point.open.push_back(key);
      if (!is_open) point.watched.push_back({key, closed_at_[key]});
    }
    Restart(point);
  }

  void Restart(const ResumePoint& point) {
    tracker_ =
        std::make_unique<SessionTracker>("panel", std::make_unique<FakeSessionTable>(db_), clock_);
    tracker_->Resume(point);
  }

  std::mt19937 random_;
  VirtualClock clock_{kStart};
  FakeDatabase db_;
  std::unique_ptr<SessionTracker> tracker_;
  std::vector<std::pair<std::string, FakeRow>> late_;  // written, not committed
  std::set<std::string> erased_;
  uint64_t serial_ = 0;

  std::string cursor_;
  std::map<std::string, uint64_t> ledger_;
  std::map<std::string, bool> open_;
  std::map<std::string, Instant> closed_at_;
  std::set<std::string> gone_;
};

class RandomLifeTest : public ::testing::TestWithParam<unsigned> {};

TEST_P(RandomLifeTest, EveryGrowthClosingVanishingAndLateCommitIsDelivered) {
  RandomLife life(GetParam());
  life.Run(1500);
  life.RunOut();
  life.ExpectEveryRowExact();
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomLifeTest, ::testing::Range(1u, 13u));

}  // namespace
}  // namespace usage::testing
