#include "storage/journal_codec.h"

#include <gtest/gtest.h>

#include <random>

namespace usage {
namespace {

class RandomChange {
 public:
  explicit RandomChange(uint64_t seed) : random_(seed) {}

  Change Make() {
    Change change;
    change.source = static_cast<SourceRef>(Below(9));
    change.at = Time();
    for (uint64_t i = Below(4); i > 0; --i) {
      change.accounts.push_back(
          {Ref(), {Text(), Below(2) ? Access::kPppoe : Access::kHotspot, Text()}});
    }
    for (uint64_t i = Below(6); i > 0; --i) change.sessions.push_back(Session());
    for (uint64_t i = Below(6); i > 0; --i) {
      change.shares.push_back({Number(),
                               Ref(),
                               Day{static_cast<int32_t>(Below(40'000))},
                               Day{static_cast<int32_t>(Below(40'000))},
                               {Number(), Number()},
                               Below(2) == 0});
    }
    for (uint64_t i = Below(3); i > 0; --i) change.parked.push_back(Park());
    for (uint64_t i = Below(3); i > 0; --i) change.unparked.push_back(Park());
    return change;
  }

 private:
  uint64_t Below(uint64_t n) { return random_() % n; }
  uint64_t Number() { return random_() >> Below(64); }
  AccountRef Ref() { return static_cast<AccountRef>(Number()); }
  Instant Time() { return FromUnixMicros(static_cast<int64_t>(Below(4'000'000'000'000'000))); }
  std::optional<Instant> MaybeTime() {
    return Below(2) ? std::optional<Instant>(Time()) : std::nullopt;
  }
  std::string Text() {
    std::string text;
    for (uint64_t i = Below(40); i > 0; --i) text += static_cast<char>(Below(256));
    return text;
  }
  Parked Park() {
    return {
        Number(), Ref(), static_cast<SourceRef>(Below(9)), {Time(), Time(), {Number(), Number()}}};
  }
  SessionChange Session() {
    SessionChange s;
    s.ref = Number();
    if (Below(2)) s.opened = SessionName{static_cast<SourceRef>(Below(9)), Text()};
    s.account = Ref();
    s.after = {{Number(), Number()}, {Number(), Number()}, MaybeTime(),   Time(),
               MaybeTime(),          MaybeTime(),          Below(2) == 0, Below(2) == 0};
    s.started = Below(2) == 0;
    s.ended = Below(2) == 0;
    return s;
  }

  std::mt19937_64 random_;
};

void ExpectSame(const Change& a, const Change& b) {
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.at, b.at);
  EXPECT_EQ(a.accounts, b.accounts);
  EXPECT_EQ(a.sessions, b.sessions);
  EXPECT_EQ(a.shares, b.shares);
  EXPECT_EQ(a.parked, b.parked);
  EXPECT_EQ(a.unparked, b.unparked);
}

TEST(JournalCodecTest, WhatIsReadIsWhatWasWritten) {
  RandomChange random(11);
  for (int i = 0; i < 2000; ++i) {
    Change change = random.Make();
    ExpectSame(DecodeChange(EncodeChange(change)), change);
  }
}

TEST(JournalCodecTest, ARecordThatIsCutOffIsRefused) {
  RandomChange random(12);
  for (int i = 0; i < 200; ++i) {
    std::string record = EncodeChange(random.Make());
    for (size_t size = 0; size < record.size(); ++size) {
      EXPECT_THROW((void)DecodeChange(std::string_view(record).substr(0, size)), JournalError);
    }
    EXPECT_THROW((void)DecodeChange(record + '\0'), JournalError);
  }
}

TEST(JournalCodecTest, BytesThatAreNoRecordNeverCrash) {
  std::mt19937_64 random(13);
  for (int i = 0; i < 20'000; ++i) {
    std::string record = EncodeChange(RandomChange(random()).Make());
    for (int flips = 0; flips < 3; ++flips) {
      record[random() % record.size()] = static_cast<char>(random());
    }
    try {
      (void)DecodeChange(record);
    } catch (const JournalError&) {
    }
  }
}

TEST(JournalCodecTest, ASessionThatGrewTakesAFewDozenBytes) {
  Change change;
  change.at = FromUnixMicros(1'795'000'000'000'000);
  for (uint64_t i = 0; i < 1000; ++i) {
    Baseline after;
    after.counted = after.booked = {100'000'000 + i, 2'000'000'000 + i};
    after.started = change.at - std::chrono::hours(30);
    after.mark = change.at - std::chrono::seconds(2);
    after.stamp = after.mark;
    change.sessions.push_back({50'000 + i, std::nullopt, 20'000, after, false, false});
    change.shares.push_back({50'000 + i, 20'000, Day{20'780}, Day{20'750}, {5'000, 90'000}, false});
  }
  EXPECT_LE(EncodeChange(change).size(), 65'000u);
}

}  // namespace
}  // namespace usage
