#include "sim/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "tests/support/golden.h"

namespace usage::sim {
namespace {

constexpr Second kStart = Second(seconds(1'795'392'000));  // 2026-11-23 00:00

PopulationOptions People(int tenants, int subscribers, int sessions) {
  PopulationOptions options;
  options.seed = 7;
  options.tenants = tenants;
  options.subscribers = subscribers;
  options.sessions = sessions;
  options.radius = true;
  options.from = kStart;
  return options;
}

// All sessions that begin before `end`, by subscriber.
std::vector<std::vector<PlannedSession>> Sessions(const Population& population, Plan& plan,
                                                  Second end) {
  std::vector<std::vector<PlannedSession>> all(population.subscribers().size());
  for (size_t i = 0; i < all.size(); ++i) {
    auto index = static_cast<int>(i);
    for (auto s = plan.First(index); s.start < end; s = plan.Next(index)) all[i].push_back(s);
  }
  return all;
}

PlanOptions Options(const FaultRates& faults) { return {7, kStart, faults, seconds(60)}; }

std::string ToText(const Population& population) {
  std::ostringstream out;
  for (const Tenant& t : population.tenants()) {
    out << t.id << " | " << t.name << " | " << t.zone_name() << " | " << t.billing_day << " | "
        << t.plan << " | " << t.quota_bytes.value_or(0) << '\n';
  }
  for (const Subscriber& s : population.subscribers()) {
    out << population.tenant_of(s).name << " | " << AccessName(s.access) << " | "
        << population.AccountName(s) << " | " << s.mac << " | "
        << population.nases()[static_cast<size_t>(s.nas)].address << " | "
        << static_cast<int64_t>(s.bytes_per_second) << '\n';
  }
  return out.str();
}

std::string ToText(const Population& population,
                   const std::vector<std::vector<PlannedSession>>& sessions) {
  std::ostringstream out;
  for (size_t i = 0; i < sessions.size(); ++i) {
    const Subscriber& who = population.subscribers()[i];
    for (const PlannedSession& s : sessions[i]) {
      Curve curve(s.shape, s.start, *population.tenant_of(who).timetable);
      out << who.login << " | " << FormatInstant(s.start).substr(0, 19) << " | "
          << (s.end - s.start).count() << " s | " << EndingName(s.ending)
          << (s.lost_start ? " lost_start" : "") << (s.reuses_id ? " reuses_id" : "");
      for (const DayVolume& part : curve.Advance(s.end)) {
        out << " | " << part.day.ToString() << " " << part.volume.upload << " "
            << part.volume.download;
      }
      out << '\n';
    }
  }
  return out.str();
}

// Also a promise to whoever keeps a truth file: another text is another population.
TEST(Plan, ASeedGivesThisPopulationAndTheseSessions) {
  Population population(People(3, 12, 6));
  FaultRates faults;
  faults.lost_stop = faults.late_stop = faults.reused_id = faults.lost_start = 0.2;
  faults.nas_reboot = 1;
  Plan plan(population, Options(faults));
  usage::testing::ExpectGolden(
      USAGE_SOURCE_DIR "/tests/sim/golden/plan.txt",
      ToText(population) + "\n" +
          ToText(population, Sessions(population, plan, kStart + seconds(2 * 86400))));
}

TEST(Plan, TheOrderOfAskingChangesNothing) {
  Population population(People(3, 30, 12));
  Plan one(population, Options(FaultRates())), other(population, Options(FaultRates()));
  Second end = kStart + seconds(86400);
  for (int i = 0; i < 30; ++i) other.nas(0).NextAfter(kStart + seconds(i * 86400));
  for (int i = 29; i >= 0; --i) other.First(i);
  Plan fresh(population, Options(FaultRates()));
  EXPECT_EQ(ToText(population, Sessions(population, one, end)),
            ToText(population, Sessions(population, fresh, end)));
  EXPECT_EQ(other.Next(3).start, [&] {
    Plan again(population, Options(FaultRates()));
    again.First(3);
    return again.Next(3).start;
  }());
}

TEST(Population, CountsAreWhatWasAskedFor) {
  for (int tenants : {1, 2, 20, 300}) {
    Population population(People(tenants, 1000, 400));
    EXPECT_EQ(population.tenants().size(), static_cast<size_t>(tenants));
    EXPECT_EQ(population.subscribers().size(), 1000U);
  }
}

TEST(Population, SizesFollowZipf) {
  Population population(People(20, 20'000, 8000));
  std::map<int, int> sizes;
  for (const Subscriber& s : population.subscribers()) ++sizes[s.tenant];
  EXPECT_NEAR(sizes[0], 2 * sizes[1], 20);
  EXPECT_NEAR(sizes[0], 10 * sizes[9], 200);
}

TEST(Population, AccountNamesAreUniqueInTheirTenant) {
  Population population(People(10, 5000, 2000));
  std::set<std::string> names;
  for (const Subscriber& s : population.subscribers()) {
    names.insert(std::to_string(s.tenant) + population.AccountName(s));
  }
  EXPECT_EQ(names.size(), 5000U);
}

TEST(Population, TenantsWithBothFeedsAreInEachAndInBoth) {
  Population population(People(3, 300, 120));
  std::map<int, std::set<FeedKind>> feeds;
  for (const Subscriber& s : population.subscribers()) feeds[s.tenant].insert(s.feed);
  EXPECT_THAT(feeds[0], ::testing::ElementsAre(FeedKind::kUserSessions, FeedKind::kRadius));
  EXPECT_THAT(feeds[1], ::testing::ElementsAre(FeedKind::kUserSessions));
  EXPECT_THAT(feeds[2], ::testing::ElementsAre(FeedKind::kRadius));
}

TEST(Population, ASmallQuotaIsTheFirstTenantsAloneAndChangesNothingElse) {
  PopulationOptions people = People(3, 300, 120);
  const Population usual(people);
  people.small_quota = 1'000'000'000;
  const Population small(people);
  EXPECT_THAT(small.tenants().at(0).quota_bytes, ::testing::Optional(1'000'000'000));
  EXPECT_EQ(small.tenants().at(1).quota_bytes, usual.tenants().at(1).quota_bytes);
  EXPECT_EQ(small.tenants().at(0).id, usual.tenants().at(0).id);
}

class BigPlan : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    population_ = new Population(People(20, 4000, 1600));
    plan_ = new Plan(*population_, Options(FaultRates()));
    sessions_ = new std::vector(Sessions(*population_, *plan_, kStart + seconds(kDays * 86400)));
  }
  static void TearDownTestSuite() {
    delete sessions_;
    delete plan_;
    delete population_;
  }
  static const Subscriber& Who(const PlannedSession& s) {
    return population_->subscribers()[static_cast<size_t>(s.subscriber)];
  }
  template <typename Visit>
  static void ForEach(Visit visit) {
    for (const auto& list : *sessions_) {
      for (const PlannedSession& s : list) visit(s);
    }
  }

  static constexpr int kDays = 7;
  static Population* population_;
  static Plan* plan_;
  static std::vector<std::vector<PlannedSession>>* sessions_;
};
Population* BigPlan::population_;
Plan* BigPlan::plan_;
std::vector<std::vector<PlannedSession>>* BigPlan::sessions_;

TEST_F(BigPlan, ASubscriberIsOnlineOnceAtATime) {
  for (const auto& list : *sessions_) {
    for (size_t i = 1; i < list.size(); ++i) ASSERT_GT(list[i].start, list[i - 1].end);
  }
}

TEST_F(BigPlan, TheMedianHotspotSessionLastsTwentyMinutes) {
  std::vector<int64_t> lengths;
  ForEach([&](const PlannedSession& s) {
    if (Who(s).access == Access::kHotspot) lengths.push_back((s.end - s.start).count());
  });
  auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
  std::nth_element(lengths.begin(), middle, lengths.end());
  EXPECT_NEAR(static_cast<double>(*middle), 1200, 60);
}

TEST_F(BigPlan, AsManySessionsAreOpenAsWereAskedForOnAnAverage) {
  double open_seconds = 0;
  Second from = kStart + seconds(86400), to = kStart + seconds(kDays * 86400);
  ForEach([&](const PlannedSession& s) {
    Second begin = std::max(s.start, from), end = std::min(s.end, to);
    if (begin < end) open_seconds += static_cast<double>((end - begin).count());
  });
  EXPECT_NEAR(open_seconds / static_cast<double>((to - from).count()), 1600, 160);
}

TEST_F(BigPlan, ThirteenPercentOfTheBytesGoUp) {
  Volume all;
  ForEach([&](const PlannedSession& s) {
    Curve curve(s.shape, s.start, *population_->tenant_of(Who(s)).timetable);
    curve.Advance(std::min(s.end, kStart + seconds(kDays * 86400)));
    all += curve.total();
  });
  EXPECT_NEAR(static_cast<double>(all.upload) / static_cast<double>(all.sum()), 0.13, 0.015);
}

TEST_F(BigPlan, NobodyComesThroughANasThatIsAway) {
  ForEach([&](const PlannedSession& s) {
    const NasCalendar::Outage outage = plan_->nas(Who(s).nas).NextAfter(s.start);
    ASSERT_LT(s.start, outage.down);
    ASSERT_LE(s.end, outage.down);
    ASSERT_EQ(s.ending == Ending::kReboot, s.end == outage.down);
  });
}

TEST_F(BigPlan, FaultsHappenAsOftenAsTheirRatesSay) {
  std::map<Ending, double> endings;
  double all = 0, lost_starts = 0, reused = 0;
  ForEach([&](const PlannedSession& s) {
    ++endings[s.ending];
    ++all;
    lost_starts += s.lost_start;
    reused += s.reuses_id;
  });
  // Those whose id comes again are lost in RADIUS too: nearly half of the sessions.
  EXPECT_NEAR(endings[Ending::kLostStop] / all, 0.01 + 0.02 / 2, 0.004);
  EXPECT_NEAR(endings[Ending::kLateStop] / all, 0.02, 0.004);
  EXPECT_NEAR(endings[Ending::kZeroedStop] / all, 0.01, 0.003);
  EXPECT_NEAR(lost_starts / all, 0.01, 0.003);
  EXPECT_NEAR(reused / all, 0.02, 0.006);
  EXPECT_GT(endings[Ending::kReboot], 0);
}

TEST_F(BigPlan, AnIdIsReusedOnlyAfterItsCountersCouldBeSeen) {
  for (const auto& list : *sessions_) {
    for (size_t i = 1; i < list.size(); ++i) {
      if (!list[i].reuses_id) continue;
      EXPECT_GE(list[i].start - list[i - 1].end, seconds(60));
      EXPECT_NE(list[i - 1].ending, Ending::kLateStop);
      EXPECT_NE(list[i - 1].ending, Ending::kZeroedStop);
      if (Who(list[i]).feed != FeedKind::kRadius) continue;
      EXPECT_EQ(list[i - 1].ending, Ending::kLostStop);
      EXPECT_GT(plan_->nas(Who(list[i]).nas).NextAfter(list[i - 1].end).up, list[i].start);
      EXPECT_FALSE(list[i].lost_start || list[i - 1].lost_start);
    }
  }
}

TEST(Plan, AtTheClosingTimeAllIsOverAndNobodyComesAnyMore) {
  Population population(People(3, 60, 40));
  PlanOptions options = Options(FaultRates::None());
  options.closing = kStart + seconds(300);
  Plan plan(population, options);
  int closed = 0;
  for (const auto& list : Sessions(population, plan, PlannedSession::kNever)) {
    for (const PlannedSession& s : list) {
      EXPECT_LE(s.end, options.closing);
      EXPECT_EQ(s.ending, Ending::kStop);
      closed += s.end == options.closing ? 1 : 0;
    }
  }
  EXPECT_GT(closed, 20);
}

TEST(Plan, NothingFlowsInTheIdleTailOfASession) {
  Population population(People(3, 60, 40));
  PlanOptions options = Options(FaultRates::None());
  options.closing = kStart + seconds(300);
  options.idle_tail = seconds(20);
  Plan plan(population, options);
  for (const auto& list : Sessions(population, plan, PlannedSession::kNever)) {
    for (const PlannedSession& s : list) {
      const Subscriber& who = population.subscribers()[static_cast<size_t>(s.subscriber)];
      Curve curve(s.shape, s.start, *population.tenant_of(who).timetable);
      curve.Advance(s.end - options.idle_tail);
      Volume before = curve.total();
      EXPECT_FALSE(before.empty());
      curve.Advance(s.end);
      EXPECT_EQ(curve.total(), before);
    }
  }
}

TEST(Plan, ARebootThatIsOrderedComesThenAndTakesTenSeconds) {
  Population population(People(3, 60, 40));
  PlanOptions options = Options(FaultRates::None());
  options.reboots[1] = seconds(100);
  Plan plan(population, options);
  const NasCalendar::Outage outage = plan.nas(1).NextAfter(kStart);
  EXPECT_EQ(outage.down, kStart + seconds(100));
  EXPECT_EQ(outage.up, kStart + seconds(110));
  for (size_t i = 0; i < population.subscribers().size(); ++i) {
    if (population.subscribers()[i].nas != 1) continue;
    PlannedSession first = plan.First(static_cast<int>(i));
    EXPECT_TRUE(first.end <= outage.down || first.start >= outage.up);
  }
}

TEST(Plan, WithoutFaultsEverySessionStops) {
  Population population(People(5, 200, 80));
  Plan plan(population, Options(FaultRates::None()));
  for (const auto& list : Sessions(population, plan, kStart + seconds(86400))) {
    for (const PlannedSession& s : list) {
      EXPECT_EQ(s.ending, Ending::kStop);
      EXPECT_FALSE(s.lost_start || s.reuses_id);
    }
  }
}

}  // namespace
}  // namespace usage::sim
