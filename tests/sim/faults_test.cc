#include "sim/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/simulator.h"

namespace usage::sim {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const std::string& text) {
  auto faults = ParseFaults(text);
  return faults ? "accepted" : faults.error();
}

TEST(Faults, NamedRatesChangeAndTheOthersKeepTheirDefault) {
  FaultRates expected;
  expected.lost_stop = 0.5;
  expected.purge = 0;
  EXPECT_EQ(*ParseFaults("lost_stop=0.5,purge=0"), expected);
  EXPECT_EQ(*ParseFaults(""), FaultRates());
}

TEST(Faults, NoneTurnsAllOffAndOneMayFollow) {
  EXPECT_EQ(*ParseFaults("none"), FaultRates::None());
  FaultRates expected = FaultRates::None();
  expected.nas_reboot = 24;
  EXPECT_EQ(*ParseFaults("none,nas_reboot=24"), expected);
}

TEST(Faults, MistakesAreNamedWithTheRemedy) {
  EXPECT_THAT(ErrorOf("late_stop=2"), HasSubstr("late_stop=2: write late_stop=0.01, from 0 to 1"));
  EXPECT_THAT(ErrorOf("late_stop"), HasSubstr("write late_stop=0.01"));
  EXPECT_THAT(ErrorOf("late_stop=0.1x"), HasSubstr("write late_stop=0.01"));
  EXPECT_THAT(ErrorOf("late=0.1"), HasSubstr("late=0.1: no such fault; there are lost_start="));
}

constexpr Second kNow = Second(seconds(1'795'392'000));  // 2026-11-23 00:00

TEST(Since, IsReadAsAnAgeOrATime) {
  EXPECT_EQ(*ParseSince("now", kNow), kNow);
  EXPECT_EQ(*ParseSince("-2d", kNow), kNow - seconds(2 * 86400));
  EXPECT_EQ(*ParseSince("2026-11-20", kNow), kNow - seconds(3 * 86400));
  EXPECT_EQ(*ParseSince("2026-11-22T23:59:58Z", kNow), kNow - seconds(2));
}

TEST(Since, WhatIsNoTimeOrLiesAheadIsRefused) {
  for (const char* text : {"", "-", "-2", "-2x", "2026-13-01", "2026-02-30", "2026-11-22 10:00",
                           "2026-11-22T25:00:00Z", "yesterday", "2026-11-22T10:00:00"}) {
    EXPECT_FALSE(ParseSince(text, kNow)) << text;
  }
  EXPECT_THAT(ParseSince("2026-11-24", kNow).error(), HasSubstr("lies in the future"));
}

RunOptions Good() {
  RunOptions options;
  options.database = "dbname=x";
  return options;
}

TEST(RunOptionsCheck, NamesTheFlagThatIsMissingOrWrong) {
  EXPECT_EQ(Complaint(Good()), "");
  auto complaint = [](auto change) {
    RunOptions options = Good();
    change(options);
    return Complaint(options);
  };
  EXPECT_THAT(complaint([](RunOptions& o) { o.database = ""; }), HasSubstr("needs --database"));
  EXPECT_THAT(complaint([](RunOptions& o) { o.population.radius = true; }),
              HasSubstr("needs --secret-file"));
  EXPECT_THAT(complaint([](RunOptions& o) { o.population.subscribers = 39; }),
              HasSubstr("--subscribers: at least two for each tenant, that is 40"));
  EXPECT_THAT(complaint([](RunOptions& o) { o.population.sessions = 1001; }),
              HasSubstr("--sessions: from 1 to --subscribers, that is 1000"));
  EXPECT_THAT(complaint([](RunOptions& o) { o.speed = 5000; }), HasSubstr("--speed: from 1 to"));
  EXPECT_THAT(complaint([](RunOptions& o) { o.interim = seconds(30); }), HasSubstr("--interim"));
}

}  // namespace
}  // namespace usage::sim
