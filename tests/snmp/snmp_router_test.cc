// The reader against a real snmpd that answers from a fake router.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/routers/snmp.h"
#include "tests/snmp/fake_model.h"
#include "tests/snmp/reading_text.h"
#include "tests/support/golden.h"

namespace usage {
namespace {

using std::chrono::milliseconds;
using testing::AgentIn;
using ::testing::AllOf;
using testing::FakeModel;
using ::testing::HasSubstr;
using testing::MadeState;
using ::testing::Not;
using testing::TempFolder;
using testing::TextOf;

const VirtualClock kClock(FromUnixMicros(1'800'000'000'000'000));

RouterConfig ConfigOf(int port) {
  RouterConfig config;
  config.name = "tower";
  config.protocol = RouterProtocol::kSnmp;
  config.host = "127.0.0.1";
  config.port = port;
  config.timeout = milliseconds(20'000);
  config.snmp.community = "right-community";
  return config;
}

RouterConfig ConfigOfV3(int port) {
  RouterConfig config = ConfigOf(port);
  config.snmp.community.clear();
  config.snmp.user = "reader";
  config.snmp.auth_password = "right-authentication";
  config.snmp.privacy_password = "right-privacy";
  return config;
}

// A fake router and its reader.
struct Router {
  explicit Router(int sessions)
      : model(MadeState(sessions)), agent(model, AgentIn(folder)), config(ConfigOf(agent.port())) {}

  RouterReading Poll(PollDepth depth = PollDepth::kRows) {
    if (reader == nullptr) reader = MakeSnmpRouter(config, kClock);
    return reader->Poll(depth);
  }

  std::string FaultOf(const RouterConfig& wrong) {
    try {
      MakeSnmpRouter(wrong, kClock)->Poll(PollDepth::kRows);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "none";
  }

  TempFolder folder;
  FakeModel model;
  sim::SnmpAgent agent;
  RouterConfig config;
  std::unique_ptr<RouterSource> reader;
};

TEST(SnmpRouter, ReadsWhatSnmpbulkwalkReads) {
  Router router(2);
  router.config.tables = {RouterTable::kHotspotActive, RouterTable::kPppoeInterface,
                          RouterTable::kQueue};
  const RouterReading reading = router.Poll(PollDepth::kAll);
  testing::ExpectGolden(std::filesystem::path(USAGE_SOURCE_DIR) / "tests/snmp/golden/reading.txt",
                        TextOf(reading));
  EXPECT_EQ(reading.at, kClock.Now());
}

TEST(SnmpRouter, ReadsTheSameByVersion3) {
  Router router(2);
  const std::string by_v2 = TextOf(router.Poll(PollDepth::kAll));
  for (const char* privacy : {"right-privacy", ""}) {
    // snmpd's user may read with privacy alone; who has none is refused.
    RouterConfig config = ConfigOfV3(router.agent.port());
    config.snmp.privacy_password = privacy;
    if (*privacy == '\0') {
      EXPECT_THAT(router.FaultOf(config), HasSubstr("authorizationError"));
    } else {
      EXPECT_EQ(TextOf(MakeSnmpRouter(config, kClock)->Poll(PollDepth::kAll)), by_v2);
    }
  }
}

TEST(SnmpRouter, ReadsRowsAndUptimeAloneWhereNoMoreIsWanted) {
  Router router(1);
  const RouterReading reading = router.Poll();
  EXPECT_EQ(reading.rows.size(), 2u);
  EXPECT_TRUE(reading.interfaces.empty());
  EXPECT_EQ(reading.facts.identity, "");
  EXPECT_EQ(reading.facts.uptime, std::chrono::hours(200));
  router.config.tables = {RouterTable::kHotspotActive};
  router.reader = nullptr;
  EXPECT_EQ(router.Poll().rows.size(), 1u);
}

TEST(SnmpRouter, NamedUplinksAreThoseThatAreRead) {
  Router router(1);
  router.model.Change([](sim::ModelState& state) {
    state.uplinks.push_back(state.uplinks.front());
    state.uplinks.back().name = "sfp1";
  });
  EXPECT_EQ(router.Poll(PollDepth::kAll).interfaces.size(), 2u);
  router.config.uplinks = {"sfp1"};
  router.reader = nullptr;
  const RouterReading reading = router.Poll(PollDepth::kAll);
  ASSERT_EQ(reading.interfaces.size(), 1u);
  EXPECT_EQ(reading.interfaces[0].name, "sfp1");
}

// The second poll walks in several lanes, the third with lanes of rows that have gone.
TEST(SnmpRouter, ReadsEveryRowOnceInLanes) {
  Router router(500);
  const std::string first = TextOf(router.Poll());
  EXPECT_EQ(router.Poll().rows.size(), 1000u);
  EXPECT_EQ(TextOf(router.Poll()), first);
  router.model.Change([](sim::ModelState& state) {
    for (int i = 0; i < 500; ++i) state.sessions.erase(state.sessions.begin() + i);
  });
  std::this_thread::sleep_for(milliseconds(300));  // the fake's view of one moment
  EXPECT_EQ(router.Poll().rows.size(), 500u);
  router.model.Change([](sim::ModelState& state) { state = MadeState(500); });
  std::this_thread::sleep_for(milliseconds(300));
  EXPECT_EQ(router.Poll().rows.size(), 1000u);
}

TEST(SnmpRouter, RowsThatComeAndGoInAWalkAreWholeOrNotThere) {
  Router router(200);
  std::atomic<bool> is_over = false;
  std::thread churn([&] {
    for (int i = 0; !is_over; ++i) {
      router.model.Change([&](sim::ModelState& state) { state = MadeState(150 + i % 50); });
      std::this_thread::sleep_for(milliseconds(1));
    }
  });
  for (int poll = 0; poll < 20; ++poll) {
    for (const RouterRow& row : router.Poll().rows) {
      EXPECT_TRUE(row.upload && row.download && !row.user.empty());
    }
  }
  is_over = true;
  churn.join();
}

TEST(SnmpRouter, NamesInLatin1BecomeUtf8) {
  Router router(0);
  router.model.Change([](sim::ModelState& state) {
    state.identity = "caf\xe9";
    state.sessions = {testing::MadeSession(Access::kHotspot, 1),
                      testing::MadeSession(Access::kPppoe, 2)};
    state.sessions[0].user = "jos\xe9";
    state.sessions[1].user = "na\xefve";
  });
  const RouterReading reading = router.Poll(PollDepth::kAll);
  ASSERT_EQ(reading.rows.size(), 2u);
  EXPECT_EQ(reading.rows[0].user, "jos\u00e9");
  EXPECT_EQ(reading.rows[1].user, "na\u00efve");
  EXPECT_EQ(reading.facts.identity, "caf\u00e9");
}

TEST(SnmpRouter, AWrongCommunityIsSilenceAndTheRemedySaysSo) {
  Router router(1);
  RouterConfig wrong = ConfigOf(router.agent.port());
  wrong.snmp.community = "secret-but-wrong";
  wrong.timeout = milliseconds(300);
  EXPECT_THAT(
      router.FaultOf(wrong),
      AllOf(HasSubstr("router tower (SNMP): no answer from 127.0.0.1:"), HasSubstr("within 300 ms"),
            HasSubstr("is the community right?"), Not(HasSubstr("secret-but-wrong"))));
}

TEST(SnmpRouter, EveryFaultOfAUserOfVersion3IsNamed) {
  Router router(1);
  const RouterConfig right = ConfigOfV3(router.agent.port());
  auto with = [&](auto change) {
    RouterConfig wrong = right;
    change(wrong.snmp);
    wrong.timeout = milliseconds(1000);
    return router.FaultOf(wrong);
  };
  EXPECT_THAT(with([](SnmpAuth& auth) { auth.user = "nobody"; }),
              HasSubstr("does not know the SNMP v3 user nobody"));
  EXPECT_THAT(with([](SnmpAuth& auth) { auth.auth_password = "wrong-authentication"; }),
              AllOf(HasSubstr("refuses the authentication of the SNMP v3 user reader"),
                    Not(HasSubstr("wrong-authentication"))));
  EXPECT_THAT(with([](SnmpAuth& auth) { auth.auth_protocol = "MD5"; }),
              HasSubstr("refuses the authentication"));
  EXPECT_THAT(with([](SnmpAuth& auth) { auth.privacy_password = "wrong-privacy"; }),
              AllOf(HasSubstr("though its engine answered: are the privacy password"),
                    Not(HasSubstr("wrong-privacy"))));
  EXPECT_THAT(with([](SnmpAuth& auth) { auth.auth_password = "short"; }),
              AllOf(HasSubstr("less than the 8 characters"), Not(HasSubstr("short"))));
  EXPECT_EQ(router.FaultOf(right), "none") << "who failed leaves nothing behind";
}

TEST(SnmpRouter, ARouterThatIsNotThereIsSaidAtOnce) {
  int port = 0;
  { port = Router(0).agent.port(); }
  RouterConfig config = ConfigOf(port);
  EXPECT_THAT(Router(0).FaultOf(config), HasSubstr("nothing listens at UDP 127.0.0.1:"));
  config.host = "no-such-router.invalid";
  EXPECT_THAT(Router(0).FaultOf(config), HasSubstr("no-such-router.invalid can't be resolved"));
}

TEST(SnmpRouter, ASilentRouterIsGivenUpAtTheDeadlineAndReadAgainWhenItSpeaks) {
  TempFolder folder;
  FakeModel model(MadeState(50));
  std::atomic<bool> is_silent = false;
  sim::SnmpAgent::Options options = AgentIn(folder);
  options.is_silent = [&] { return is_silent.load(); };
  sim::SnmpAgent agent(model, options);
  for (RouterConfig config : {ConfigOf(agent.port()), ConfigOfV3(agent.port())}) {
    config.timeout = milliseconds(1500);
    auto reader = MakeSnmpRouter(config, kClock);
    EXPECT_EQ(reader->Poll(PollDepth::kRows).rows.size(), 100u);
    is_silent = true;
    std::this_thread::sleep_for(milliseconds(200));
    EXPECT_THROW(reader->Poll(PollDepth::kRows), std::runtime_error);
    is_silent = false;
    std::this_thread::sleep_for(milliseconds(200));
    EXPECT_EQ(reader->Poll(PollDepth::kRows).rows.size(), 100u);
  }
}

TEST(SnmpRouter, AWalkThatIsCutOffSaysWhereAndBooksNothing) {
  TempFolder folder;
  FakeModel model(MadeState(100));
  std::atomic<sim::SnmpFault> fault = sim::SnmpFault::kNone;
  std::atomic<int> questions = 0, first = 2;  // after the uptime and the hotspot's
  sim::SnmpAgent::Options options = AgentIn(folder);
  options.next_fault = [&] { return questions++ >= first ? fault.load() : sim::SnmpFault::kNone; };
  sim::SnmpAgent agent(model, options);
  auto poll = [&](sim::SnmpFault wanted) -> std::string {
    fault = wanted;
    questions = 0;
    RouterConfig config = ConfigOf(agent.port());
    config.timeout = milliseconds(1000);
    try {
      MakeSnmpRouter(config, kClock)->Poll(PollDepth::kRows);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "none";
  };
  EXPECT_EQ(poll(sim::SnmpFault::kNone), "none");
  EXPECT_THAT(poll(sim::SnmpFault::kError), AllOf(HasSubstr("genErr"), HasSubstr("interfaces")));
  EXPECT_THAT(poll(sim::SnmpFault::kLost),
              AllOf(HasSubstr("any more"), HasSubstr("in the table of interfaces")));
}

// The first poll may meet the router while it is down, or its engine's new clock.
RouterReading PollUntilItAnswers(RouterSource& reader) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    try {
      return reader.Poll(PollDepth::kRows);
    } catch (const std::runtime_error&) {
      std::this_thread::sleep_for(milliseconds(100));
    }
  }
  return {};
}

TEST(SnmpRouter, ARebootIsAShorterUptimeAndCountersFromZero) {
  Router router(20);
  for (RouterConfig config : {ConfigOf(router.agent.port()), ConfigOfV3(router.agent.port())}) {
    config.timeout = milliseconds(2000);
    auto reader = MakeSnmpRouter(config, kClock);
    EXPECT_EQ(reader->Poll(PollDepth::kRows).facts.uptime, std::chrono::hours(200));
    router.model.Change([](sim::ModelState& state) {
      state.uptime = std::chrono::seconds(5);
      for (auto& session : state.sessions) session.bytes = {};
    });
    router.agent.Reboot();
    std::this_thread::sleep_for(milliseconds(300));
    const RouterReading reading = PollUntilItAnswers(*reader);
    EXPECT_EQ(reading.facts.uptime, std::chrono::seconds(5));
    ASSERT_EQ(reading.rows.size(), 40u);
    EXPECT_EQ(reading.rows[0].upload, 0u);
    router.model.Change([](sim::ModelState& state) { state = MadeState(20); });
    std::this_thread::sleep_for(milliseconds(300));
  }
}

// One router in the place of another: its engine, and what the user's keys are made of, are new.
TEST(SnmpRouter, AnotherEngineAtTheSamePlaceIsMetAnew) {
  auto router = std::make_unique<Router>(1);
  const RouterConfig config = ConfigOfV3(router->agent.port());
  auto reader = MakeSnmpRouter(config, kClock);
  EXPECT_EQ(reader->Poll(PollDepth::kRows).rows.size(), 2u);
  router = nullptr;
  TempFolder folder;
  FakeModel model(MadeState(3));
  sim::SnmpAgent::Options other = AgentIn(folder);
  other.snmpd.port = config.port;
  sim::SnmpAgent agent(model, other);
  try {
    reader->Poll(PollDepth::kRows);
    FAIL() << "the old keys were good for another engine";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("engine id has changed"));
  }
  EXPECT_EQ(reader->Poll(PollDepth::kRows).rows.size(), 6u);
}

TEST(SnmpRouter, AHugeTableIsReadWhole) {
  Router router(5'000);
  router.config.timeout = milliseconds(120'000);  // with a sanitizer, on a busy machine
  EXPECT_EQ(router.Poll().rows.size(), 10'000u);
}

// Of both versions, some dead: net-snmp's globals are under one lock with which nobody waits.
TEST(SnmpRouter, ManyRoutersAreReadByManyThreads) {
  constexpr int kRouters = 6;
  std::vector<std::unique_ptr<Router>> routers;
  for (int i = 0; i < kRouters; ++i) routers.push_back(std::make_unique<Router>(40 + i));
  std::vector<std::thread> threads;
  std::atomic<int> rows = 0;
  for (int i = 0; i < 2 * kRouters; ++i) {
    const int port = routers[static_cast<size_t>(i) % kRouters]->agent.port();
    threads.emplace_back([&rows, port, is_v3 = i % 2 == 0] {
      auto reader = MakeSnmpRouter(is_v3 ? ConfigOfV3(port) : ConfigOf(port), kClock);
      for (int poll = 0; poll < 5; ++poll) {
        rows += static_cast<int>(reader->Poll(PollDepth::kAll).rows.size());
      }
    });
  }
  RouterConfig dead = ConfigOfV3(routers[0]->agent.port());
  dead.snmp.user = "nobody";
  EXPECT_NE(routers[0]->FaultOf(dead), "none");
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(rows, 2 * 5 * 2 * (40 + 41 + 42 + 43 + 44 + 45));
}

}  // namespace
}  // namespace usage
