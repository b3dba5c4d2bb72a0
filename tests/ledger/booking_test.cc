// The doubtful cases, one session at a time: what each sequence of observations adds.
#include "ledger/booking.h"

#include <gtest/gtest.h>

#include <sstream>

namespace usage {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr uint64_t kGiB4 = uint64_t{1} << 32;

// Noon of a day without anything special. Times in these tests are minutes after it.
const Instant kNoon = Instant(std::chrono::days(20'000) + hours(12));
Instant M(int64_t minute) { return kNoon + minutes(minute); }

// One session that is observed again and again; tells what each observation did.
class Story {
 public:
  // An open row, read `now` minutes after noon, stamped at that minute unless said otherwise.
  Story& Interim(int64_t now, std::optional<uint64_t> up, std::optional<uint64_t> down) {
    return See(now, Row(up, down, M(now)));
  }
  Story& Stop(int64_t now, std::optional<uint64_t> up, std::optional<uint64_t> down,
              std::optional<int64_t> stopped = std::nullopt) {
    Observation row = Row(up, down, M(stopped.value_or(now)));
    row.open = false;
    row.stopped = M(stopped.value_or(now));
    return See(now, row);
  }
  static Observation Row(std::optional<uint64_t> up, std::optional<uint64_t> down,
                         std::optional<Instant> stamp) {
    Observation row;
    row.started = kNoon;
    row.stamp = stamp;
    row.upload = up;
    row.download = down;
    return row;
  }
  Story& See(int64_t now, const Observation& row) {
    if (!baseline_) baseline_ = FirstBaseline(row, M(now));
    Booking booking = Book(*baseline_, row, M(now), rules_);
    Tell(booking);
    baseline_ = booking.after;
    CheckRepeated(row, now);
    return *this;
  }
  std::string text() const { return text_.str(); }
  const Baseline& baseline() const { return *baseline_; }

 private:
  static int64_t MinuteOf(Instant t) { return (t - kNoon) / minutes(1); }

  void Tell(const Booking& booking) {
    const Flow& flow = booking.flow;
    if (flow.volume.empty()) {
      text_ << "nothing";
    } else {
      text_ << "+" << flow.volume.upload << " +" << flow.volume.download << " from "
            << MinuteOf(flow.from) << " to " << MinuteOf(flow.to);
    }
    for (LedgerCase c : booking.cases) text_ << " " << LedgerCaseName(c);
    if (booking.after.closed) text_ << " closed " << MinuteOf(*booking.after.closed);
    text_ << "\n";
  }

  // Whatever it was, the same row read again adds nothing and changes nothing.
  void CheckRepeated(const Observation& row, int64_t now) {
    Booking again = Book(*baseline_, row, M(now), rules_);
    EXPECT_TRUE(again.flow.volume.empty()) << "booked twice after:\n" << text_.str();
    EXPECT_EQ(again.after, *baseline_) << "changed twice after:\n" << text_.str();
  }

  BookingRules rules_;
  std::optional<Baseline> baseline_;
  std::ostringstream text_;
};

TEST(BookingTest, AddsOnlyWhatGrewSinceTheLastInterim) {
  EXPECT_EQ(Story().Interim(10, 100, 1000).Interim(20, 150, 4000).Stop(25, 150, 5000).text(),
            "+100 +1000 from 0 to 10\n"
            "+50 +3000 from 10 to 20\n"
            "+0 +1000 from 20 to 25 closed 25\n");
}

TEST(BookingTest, TheStartWithZeroOctetsAddsNothing) {
  EXPECT_EQ(Story().Interim(0, 0, 0).Interim(10, 10, 20).text(),
            "nothing\n"
            "+10 +20 from 0 to 10\n");
}

TEST(BookingTest, AnIdleInterimMovesTheTimeOn) {
  EXPECT_EQ(Story().Interim(10, 10, 10).Interim(20, 10, 10).Interim(30, 20, 20).text(),
            "+10 +10 from 0 to 10\n"
            "nothing\n"
            "+10 +10 from 20 to 30\n");
}

TEST(BookingTest, AnOpenSessionIsBookedWholeFromItsStart) {
  EXPECT_EQ(Story().Interim(600, 7, 8).text(), "+7 +8 from 0 to 600\n");
}

TEST(BookingTest, AnInterimWithZeroOctetsSaysNothing) {
  EXPECT_EQ(Story().Interim(10, 100, 200).Interim(20, 0, 0).Interim(30, 150, 250).text(),
            "+100 +200 from 0 to 10\n"
            "nothing zero_interim\n"
            "+50 +50 from 10 to 30\n");
}

TEST(BookingTest, AZeroedStopTakesNothingBack) {
  EXPECT_EQ(Story().Interim(10, 100, 200).Stop(20, 0, 0).text(),
            "+100 +200 from 0 to 10\n"
            "nothing short_stop closed 20\n");
}

TEST(BookingTest, AStopSmallerThanTheLastInterimAddsNothing) {
  EXPECT_EQ(Story().Interim(10, 100, 200).Stop(20, 99, 300).text(),
            "+100 +200 from 0 to 10\n"
            "+0 +100 from 10 to 20 short_stop closed 20\n");
}

TEST(BookingTest, ACounterThatFellInMidSessionIsANewStart) {
  EXPECT_EQ(Story().Interim(10, 1000, 2000).Interim(20, 30, 40).Interim(30, 50, 90).text(),
            "+1000 +2000 from 0 to 10\n"
            "+30 +40 from 10 to 20 reset\n"
            "+20 +50 from 20 to 30\n");
}

TEST(BookingTest, LateStopAfterResetCountsOnce) {
  EXPECT_EQ(Story().Interim(10, 1000, 2000).Interim(20, 30, 40).Stop(300, 50, 90, 25).text(),
            "+1000 +2000 from 0 to 10\n"
            "+30 +40 from 10 to 20 reset\n"
            "+20 +50 from 20 to 25 closed 25\n");
}

TEST(BookingTest, ACounterWithoutGigawordsWrapsAtFourGiB) {
  EXPECT_EQ(Story()
                .Interim(10, 100, kGiB4 - 500)
                .Interim(20, 150, 700)
                .Interim(30, 200, kGiB4 - 1)
                .Stop(40, 250, 9)
                .text(),
            "+100 +4294966796 from 0 to 10\n"
            "+50 +1200 from 10 to 20 wrapped\n"
            "+50 +4294966595 from 20 to 30\n"
            "+50 +10 from 30 to 40 wrapped closed 40\n");
}

TEST(BookingTest, AResetNearFourGiBIsNoWrapWhenBothCountersFell) {
  EXPECT_EQ(Story().Interim(10, 100, kGiB4 - 500).Interim(20, 50, 700).text(),
            "+100 +4294966796 from 0 to 10\n"
            "+50 +700 from 10 to 20 reset\n");
}

TEST(BookingTest, AnOlderStateThatOverwroteANewerOneAddsNothingUntilItPassesIt) {
  EXPECT_EQ(Story()
                .Interim(20, 200, 300)
                .See(25, Story::Row(100, 150, M(10)))
                .Interim(30, 190, 280)
                .Interim(40, 250, 350)
                .text(),
            "+200 +300 from 0 to 20\n"
            "nothing older_state\n"
            "+190 +280 from 20 to 30 reset\n"
            "+60 +70 from 30 to 40\n")
      << "an older state is one with an older stamp: a smaller counter with a newer one is a start";
}

TEST(BookingTest, AfterAnOlderStateTheNextNewOneCountsFromTheOldValue) {
  EXPECT_EQ(Story()
                .Interim(20, 200, 300)
                .See(25, Story::Row(100, 150, M(10)))
                .Interim(30, 220, 330)
                .text(),
            "+200 +300 from 0 to 20\n"
            "nothing older_state\n"
            "+20 +30 from 20 to 30\n");
}

TEST(BookingTest, ALateStopIsBookedUntilItsEndAndNotItsArrival) {
  EXPECT_EQ(Story().Interim(10, 100, 100).Stop(3000, 160, 160, 70).text(),
            "+100 +100 from 0 to 10\n"
            "+60 +60 from 10 to 70 closed 70\n");
}

TEST(BookingTest, AStopDatedBeforeTheLastInterimIsBookedAtThatInterim) {
  EXPECT_EQ(Story().Interim(10, 100, 100).Stop(12, 160, 160, 9).text(),
            "+100 +100 from 0 to 10\n"
            "+60 +60 from 10 to 10 closed 9\n");
}

TEST(BookingTest, GrowthBeyondALineIsRefusedUntilItIsPlausibleAgain) {
  EXPECT_EQ(Story()
                .Interim(10, 100, 100)
                .Interim(20, 200, 1'000'000'000'000'000)
                .Interim(30, 300, 400)
                .text(),
            "+100 +100 from 0 to 10\n"
            "nothing refused\n"
            "+200 +300 from 10 to 30\n");
}

TEST(BookingTest, WhatAFastLineCarriesIsNotRefused) {
  // 100 Gbit/s for ten minutes.
  EXPECT_EQ(Story().Interim(10, 0, 7'500'000'000'000).text(), "+0 +7500000000000 from 0 to 10\n");
  EXPECT_EQ(Story().Interim(10, 0, 7'500'000'000'001).text(), "nothing refused\n");
}

TEST(BookingTest, NullCountersSayNothing) {
  EXPECT_EQ(Story()
                .Interim(10, 100, 100)
                .Interim(20, std::nullopt, std::nullopt)
                .Interim(30, std::nullopt, 150)
                .Interim(40, 130, 150)
                .text(),
            "+100 +100 from 0 to 10\n"
            "nothing\n"
            "+0 +50 from 10 to 30\n"
            "+30 +0 from 30 to 40\n");
}

TEST(BookingTest, ARowWithoutStampsIsDatedByTheReadersClock) {
  EXPECT_EQ(Story()
                .See(10, Story::Row(100, 100, std::nullopt))
                .See(20, Story::Row(150, 150, std::nullopt))
                .text(),
            "+100 +100 from 0 to 10 readers_clock\n"
            "+50 +50 from 10 to 20 readers_clock\n");
}

TEST(BookingTest, ARowWithAStaleStampIsDatedByTheReadersClock) {
  EXPECT_EQ(Story()
                .Interim(10, 100, 100)
                .See(20, Story::Row(150, 150, M(10)))
                .See(30, Story::Row(20, 30, M(10)))
                .text(),
            "+100 +100 from 0 to 10\n"
            "+50 +50 from 10 to 20 readers_clock\n"
            "+20 +30 from 20 to 30 reset readers_clock\n")
      << "a writer that never moves its stamps can still reset";
}

TEST(BookingTest, AStampFromTheFutureIsNow) {
  EXPECT_EQ(Story().See(10, Story::Row(100, 100, M(500))).text(),
            "+100 +100 from 0 to 10 future_stamp\n");
}

TEST(BookingTest, ASessionWithoutAnyTimeIsBookedWhenItIsSeen) {
  Observation row;
  row.upload = 1'000'000'000'000;
  row.download = 5;
  EXPECT_EQ(Story().See(10, row).text(),
            "+1000000000000 +5 from 10 to 10 readers_clock unknown_start\n");
}

TEST(BookingTest, AStartBeforeTheYear2000IsNoTime) {
  Observation row = Story::Row(5, 5, M(10));
  row.started = FromUnixMicros(0);
  EXPECT_EQ(Story().See(10, row).text(), "+5 +5 from 10 to 10 unknown_start\n");
}

TEST(BookingTest, AClosedRowThatGrowsCounts) {
  EXPECT_EQ(Story()
                .Interim(10, 100, 100)
                .Stop(20, 200, 200)
                .See(30,
                     [] {
                       Observation row = Story::Row(300, 300, M(29));
                       row.open = false;
                       row.stopped = M(20);
                       return row;
                     }())
                .text(),
            "+100 +100 from 0 to 10\n"
            "+100 +100 from 10 to 20 closed 20\n"
            "+100 +100 from 20 to 29 grew_after_close closed 20\n");
}

TEST(BookingTest, ARowThatOpensAgainGoesOn) {
  EXPECT_EQ(Story().Interim(10, 100, 100).Stop(20, 200, 200).Interim(30, 250, 250).text(),
            "+100 +100 from 0 to 10\n"
            "+100 +100 from 10 to 20 closed 20\n"
            "+50 +50 from 20 to 30 reopened\n");
}

TEST(BookingTest, TheBookedBytesOfASessionAreTheSumOfItsFlows) {
  Story story;
  story.Interim(10, 1000, 2000).Interim(20, 30, 40).Interim(30, 50, 90).Stop(40, 60, 0);
  EXPECT_EQ(story.baseline().booked, (Volume{1060, 2090}));
}

TEST(ReusedIdTest, AStartThatMovedPastTheLastMarkIsANewSession) {
  Baseline before;
  before.started = M(0);
  before.mark = M(30);
  Observation seen = Story::Row(500, 500, M(60));
  seen.started = M(40);
  EXPECT_TRUE(IsReusedId(before, seen));
  seen.started = M(20);
  EXPECT_FALSE(IsReusedId(before, seen)) << "a corrected start is the same session";
  seen.started = M(0);
  EXPECT_FALSE(IsReusedId(before, seen));
  seen.started.reset();
  EXPECT_FALSE(IsReusedId(before, seen));
}

}  // namespace
}  // namespace usage
