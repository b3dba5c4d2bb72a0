// The readers by REST and by the binary API, against routers of which the tests write each byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sources/routers/router_source.h"
#include "tests/sources/routers/sample_router.h"
#include "tests/support/golden.h"

namespace usage {
namespace {

using namespace testing;  // NOLINT: the tests' own, usage::testing
using ::testing::HasSubstr;

const std::string kFolder = USAGE_SOURCE_DIR "/tests/sources/routers/";
class Reader : public ::testing::Test {
 protected:
  std::unique_ptr<RouterSource> Source(const RouterConfig& config) {
    return MakeRouterSource(config, clock_);
  }
  std::string Poll(const RouterConfig& config, PollDepth depth) {
    return Described(Source(config)->Poll(depth));
  }

  VirtualClock clock_{FromUnixMicros(1'700'000'000'000'000)};
};

TEST_F(Reader, SaysTheSameByBothProtocols) {
  ScriptedRouter api({ServeApi(SampleRouter())}), rest({ServeRest(SampleRouter())});
  RouterConfig by_api = ConfigOf(RouterProtocol::kApi, api);
  RouterConfig by_rest = ConfigOf(RouterProtocol::kRest, rest);
  std::string text;
  const auto compare = [&](const std::string& title, PollDepth depth) {
    const std::string read = Poll(by_api, depth);
    EXPECT_EQ(Poll(by_rest, depth), read) << title;
    text += "# " + title + "\n" + read + "\n";
  };
  compare("rows of hotspot and PPPoE", PollDepth::kRows);
  compare("all of it", PollDepth::kAll);
  by_api.tables = by_rest.tables = {RouterTable::kQueue};
  by_api.uplinks = by_rest.uplinks = {"ether1", "static-in"};
  compare("queues, and chosen interfaces", PollDepth::kAll);
  by_api.tables = by_rest.tables = {};
  compare("no tables", PollDepth::kRows);
  ExpectGolden(kFolder + "readings.golden", text);
}

TEST_F(Reader, DatesAReadingByOurClock) {
  ScriptedRouter api({ServeApi(SampleRouter())}), rest({ServeRest(SampleRouter())});
  EXPECT_EQ(Source(ConfigOf(RouterProtocol::kApi, api))->Poll(PollDepth::kAll).at, clock_.Now());
  EXPECT_EQ(Source(ConfigOf(RouterProtocol::kRest, rest))->Poll(PollDepth::kAll).at, clock_.Now());
}

TEST_F(Reader, AnEmptyTableIsNoFault) {
  const SampleTables empty = {{"/ip/hotspot/active", {}}, {"/interface", {}}, {"/ppp/active", {}}};
  ScriptedRouter api({ServeApi(empty)}), rest({ServeRest(empty)});
  for (const auto& config :
       {ConfigOf(RouterProtocol::kApi, api), ConfigOf(RouterProtocol::kRest, rest)}) {
    EXPECT_EQ(Poll(config, PollDepth::kRows), "facts\nbad values: 0\n");
  }
}

TEST_F(Reader, KeepsItsConnectionFromPollToPoll) {
  ScriptedRouter api({ServeApi(SampleRouter())}), rest({ServeRest(SampleRouter())});
  for (auto* router : {&api, &rest}) {
    const auto protocol = router == &api ? RouterProtocol::kApi : RouterProtocol::kRest;
    const auto source = Source(ConfigOf(protocol, *router));
    for (int i = 0; i < 5; ++i) source->Poll(i % 2 == 0 ? PollDepth::kAll : PollDepth::kRows);
    EXPECT_EQ(router->connections(), 1);
  }
}

// What the first connection of an API router does before its client's second poll.
RouterScript OnePoll(const SampleTables& tables, const RouterScript& then) {
  return [=](RouterPeer& peer) {
    Welcome(peer);
    for (int i = 0; i < 3; ++i) AnswerPrint(peer, peer.ReadSentence(), tables);
    then(peer);
  };
}

TEST_F(Reader, ConnectsAnewWithinThePollWhereAKeptConnectionTurnsOutDead) {
  const SampleTables tables = SampleRouter();
  const std::vector<RouterScript> deaths = {
      [](RouterPeer&) {},
      [](RouterPeer& peer) { peer.ReadSentence(); },
      [](RouterPeer& peer) {
        peer.ReadSentence();
        peer.Say({"!fatal", "session terminated on request"});
      },
  };
  for (const RouterScript& death : deaths) {
    ScriptedRouter router({OnePoll(tables, death), ServeApi(tables)});
    const auto source = Source(ConfigOf(RouterProtocol::kApi, router));
    const std::string first = Described(source->Poll(PollDepth::kRows));
    EXPECT_EQ(Described(source->Poll(PollDepth::kRows)), first);
    EXPECT_EQ(router.connections(), 2);
  }
}

TEST_F(Reader, ConnectsAnewWhereARestServerClosesAfterEachAnswer) {
  const SampleTables tables = SampleRouter();
  const RouterScript once = [tables](RouterPeer& peer) {
    const std::string request = peer.ReadRequest();
    const std::string menu = request.substr(9, request.find('?') - 9);
    peer.Send(HttpAnswer("200 OK", RestTable(tables.at(menu)), "Connection: close\r\n"));
  };
  ScriptedRouter router({once});
  EXPECT_THAT(Poll(ConfigOf(RouterProtocol::kRest, router), PollDepth::kRows), HasSubstr("anna"));
  EXPECT_EQ(router.connections(), 3);
}

TEST_F(Reader, AsksAllTablesOfTheApiInOneGoAndNeverWithoutAProplist) {
  std::vector<std::vector<std::string>> commands;
  const SampleTables tables = SampleRouter();
  ScriptedRouter router({[&](RouterPeer& peer) {
    Welcome(peer);
    // No answer before all have come, and then the last one first.
    for (int i = 0; i < 5; ++i) commands.push_back(peer.ReadSentence());
    for (int i = 4; i >= 0; --i) AnswerPrint(peer, commands[static_cast<size_t>(i)], tables);
    peer.Hang();
  }});
  Poll(ConfigOf(RouterProtocol::kApi, router), PollDepth::kAll);
  std::string text;
  for (const auto& command : commands) {
    for (const std::string& word : command) text += word + "\n";
    text += "\n";
  }
  ExpectGolden(kFolder + "commands.golden", text);
}

TEST_F(Reader, AsksEachTableOfRestByOneGet) {
  std::string requests;
  const SampleTables tables = SampleRouter();
  ScriptedRouter router({[&](RouterPeer& peer) {
    for (int i = 0; i < 5; ++i) {
      const std::string request = peer.ReadRequest();
      requests += request.substr(0, request.find("\r\nUser-Agent")) + "\n\n";
      peer.Send(HttpAnswer("200 OK", "[]"));
    }
  }});
  Poll(ConfigOf(RouterProtocol::kRest, router), PollDepth::kAll);
  requests.erase(std::remove(requests.begin(), requests.end(), '\r'), requests.end());
  const std::string port = std::to_string(router.port());
  for (size_t at; (at = requests.find(port)) != std::string::npos;) {
    requests.replace(at, port.size(), "PORT");
  }
  ExpectGolden(kFolder + "requests.golden", requests);
}

TEST_F(Reader, SignsInByTheChallengeOfOldRouters) {
  std::vector<std::string> answer;
  const SampleTables tables = SampleRouter();
  ScriptedRouter router({[&](RouterPeer& peer) {
    peer.ReadSentence();
    peer.Say({"!done", "=ret=000102030405060708090a0b0c0d0e0f"});
    answer = peer.ReadSentence();
    peer.Say({"!done"});
    AnswerCommands(peer, tables);
  }});
  EXPECT_THAT(Poll(ConfigOf(RouterProtocol::kApi, router), PollDepth::kRows), HasSubstr("anna"));
  const std::vector<std::string> expected = {"/login", "=name=usage",
                                             "=response=0019e00df7a86153fe42344dacf0a8c563"};
  EXPECT_EQ(answer, expected);
}

TEST_F(Reader, TakesAnswersThatComeByteByByte) {
  const SampleTables tables = {{"/ip/hotspot/active", SampleRouter()["/ip/hotspot/active"]}};
  ScriptedRouter api({[&](RouterPeer& peer) {
    Welcome(peer);
    const std::string tag = TagOf(peer.ReadSentence());
    std::string bytes;
    AppendApiSentence({"!re", tag, "=user=anna", "=bytes-in=7"}, &bytes);
    AppendApiSentence({"!done", tag}, &bytes);
    for (const char& byte : bytes) peer.Send({&byte, 1});
    peer.Hang();
  }});
  ScriptedRouter rest({[&](RouterPeer& peer) {
    peer.ReadRequest();
    const std::string bytes =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\n[{\"\r\n1b\r\nuser\":\"anna\",\"bytes-in\":\"7\"\r\n2\r\n}]\r\n0\r\n\r\n";
    for (const char& byte : bytes) peer.Send({&byte, 1});
    peer.Hang();
  }});
  for (auto config : {ConfigOf(RouterProtocol::kApi, api), ConfigOf(RouterProtocol::kRest, rest)}) {
    config.tables = {RouterTable::kHotspotActive};
    EXPECT_EQ(Poll(config, PollDepth::kRows),
              "hotspot_active hotspot user=anna up=7\nfacts\nbad values: 0\n");
  }
}

}  // namespace
}  // namespace usage
