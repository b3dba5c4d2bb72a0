#include "sim/routers/router_world.h"

#include <gtest/gtest.h>

#include "tests/sim/session_maker.h"

namespace usage::sim {
namespace {

class RouterWorldTest : public ::testing::Test {
 protected:
  RouterWorldTest() : population_(SmallPopulation(true)), maker_(population_) {}

  RouterWorld& World(const std::string& faults = "", int drift = 0) {
    world_ = std::make_unique<RouterWorld>(
        population_, RouterWorld::Options{static_cast<int>(population_.nases().size()), kMorning,
                                          drift, 1, *ParseRouterFaults(faults)});
    return *world_;
  }
  WorldRouter& RouterOf(const Session& session) {
    return *world_->routers()[static_cast<size_t>(session.subscriber->nas)];
  }
  // The only session's row.
  ModelSession Row(const Session& session) { return RouterOf(session).Now().sessions.at(0); }
  static Volume True(const Session& session, Second at) {
    Curve curve = session.curve;
    curve.Advance(at);
    return curve.total();
  }

  Population population_;
  SessionMaker maker_;
  std::unique_ptr<RouterWorld> world_;
};

TEST_F(RouterWorldTest, ARowIsTheSessionAsRadiusTellsIt) {
  RouterWorld& world = World();
  auto session = maker_.Make(maker_.Find(Access::kPppoe), kMorning, seconds(600));
  world.Begins(*session);
  world.Reached(kMorning + seconds(100));
  ModelSession row = Row(*session);
  EXPECT_EQ(row.user, population_.AccountName(*session->subscriber));
  EXPECT_EQ(row.session_id, session->row->id);
  EXPECT_EQ(row.address, session->subscriber->address);
  EXPECT_EQ(row.uptime, seconds(100));
}

TEST_F(RouterWorldTest, CountersAreTheTrueOnesToTheSecond) {
  RouterWorld& world = World();
  auto session = maker_.Make(maker_.Find(Access::kHotspot), kMorning, seconds(7200));
  world.Begins(*session);
  for (int at : {1, 2, 3, 60, 3599, 3601, 7199}) {
    world.Reached(kMorning + seconds(at));
    EXPECT_EQ(Row(*session).bytes, True(*session, kMorning + seconds(at))) << at;
  }
  world.Ends(*session);
  EXPECT_TRUE(RouterOf(*session).Now().sessions.empty());
}

TEST_F(RouterWorldTest, DriftIsCountedToTheByteOnPppoeAlone) {
  RouterWorld& world = World("", 280);
  auto line = maker_.Make(maker_.Find(Access::kPppoe), kMorning, seconds(600));
  auto guest = maker_.Make(maker_.Find(Access::kHotspot), kMorning, seconds(600));
  world.Begins(*line);
  world.Begins(*guest);
  world.Reached(kMorning + seconds(600));
  world.Ends(*line);
  Volume flowed = True(*line, kMorning + seconds(600));
  RouterTally tally = RouterOf(*line).tallies().at({Access::kPppoe, "stop"});
  EXPECT_EQ(tally.flowed, flowed);
  EXPECT_EQ(tally.counted.upload, flowed.upload + flowed.upload * 28 / 1000);
  EXPECT_EQ(tally.counted.download, flowed.download + flowed.download * 28 / 1000);
  EXPECT_EQ(Row(*guest).bytes, True(*guest, kMorning + seconds(600)));
}

TEST_F(RouterWorldTest, HeadersOfManyBytesDoNotOverflow) {
  EXPECT_EQ(WithHeaders(uint64_t{1} << 60, 10000), uint64_t{1} << 61);
  EXPECT_EQ(WithHeaders(99, 100), 99u);
  EXPECT_EQ(WithHeaders(100, 100), 101u);
}

TEST_F(RouterWorldTest, AResetBeginsTheCountersAnewAndNotTheUptime) {
  auto session = maker_.Make(maker_.Find(Access::kPppoe), kMorning, seconds(600));
  std::string router = "router" + std::to_string(session->subscriber->nas);
  RouterWorld& world = World(router + "=reset:100s");
  world.Begins(*session);
  world.Reached(kMorning + seconds(150));
  EXPECT_EQ(Row(*session).bytes,
            True(*session, kMorning + seconds(150)) - True(*session, kMorning + seconds(100)));
  EXPECT_EQ(Row(*session).uptime, seconds(150));
}

TEST_F(RouterWorldTest, ARouterIsOffFromItsRebootOnUntilItIsUp) {
  RouterWorld& world = World();
  WorldRouter& router = *world.routers()[0];
  world.NasIsUp(0, kMorning, kMorning + seconds(50));
  world.Reached(kMorning + seconds(49));
  EXPECT_FALSE(router.is_off());
  EXPECT_EQ(router.Now().uptime, seconds(49));
  world.Reached(kMorning + seconds(50));
  EXPECT_TRUE(router.is_off());
  world.NasIsUp(0, kMorning + seconds(60), Second::max());
  world.Reached(kMorning + seconds(61));
  EXPECT_FALSE(router.is_off());
  EXPECT_EQ(router.Now().uptime, seconds(1));
}

TEST_F(RouterWorldTest, TheTruthIsALinePerRouterAccessAndState) {
  RouterWorld& world = World();
  auto session = maker_.Make(maker_.Find(Access::kPppoe), kMorning, seconds(600));
  world.Begins(*session);
  world.Reached(kMorning + seconds(1));
  WorldRouter& router = RouterOf(*session);
  Volume flowed = True(*session, kMorning + seconds(1));
  std::string bytes = "\t" + std::to_string(flowed.upload) + "\t" + std::to_string(flowed.download);
  EXPECT_EQ(world.TruthText(), "at\t1795338001\n" + router.name() + "\t" + router.tenant() +
                                   "\tpppoe\topen\t1" + bytes + bytes + "\n");
}

}  // namespace
}  // namespace usage::sim
