// What the readers say of routers that fail, and what they do then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "sources/routers/router_source.h"
#include "tests/net/certificates.h"
#include "tests/sources/routers/sample_router.h"
#include "tests/support/golden.h"
#include "tests/support/temp_folder.h"

namespace usage {
namespace {

using namespace testing;  // NOLINT: the tests' own, usage::testing
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// Far more than a router in order needs here, and all that one that stalls costs.
constexpr milliseconds kShort(2000);

const std::string kAnnaBegun = std::string("\x03!re\x0a=user=anna\x0f=bytes-in=1", 25);

std::string FaultOf(RouterSource* source) {
  try {
    source->Poll(PollDepth::kRows);
    return "no fault";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), Not(HasSubstr(kRouterPassword)));
    return error.what();
  }
}

// With what differs from run to run replaced.
std::string FaultOf(const RouterConfig& config) {
  const SystemClock clock;
  std::string fault = FaultOf(MakeRouterSource(config, clock).get());
  const std::string port = ":" + std::to_string(config.port);
  const size_t at = fault.find(port);
  if (at != fault.npos) fault.replace(at, port.size(), ":PORT");
  return fault;
}

struct FaultCase {
  std::string name;
  RouterScript script;
  milliseconds timeout = std::chrono::minutes(1);
};

// After a login, every command is answered so.
FaultCase ApiCase(const std::string& name, const std::vector<std::string>& answer) {
  return {name, [=](RouterPeer& peer) {
            Welcome(peer);
            for (int i = 0; i < 3; ++i) {
              const std::string tag = TagOf(peer.ReadSentence());
              auto sentence = answer;
              sentence.push_back(tag);
              peer.Say(sentence);
              peer.Say({"!done", tag});
            }
            peer.Hang();
          }};
}

FaultCase ApiBytes(const std::string& name, const std::string& bytes) {
  return {name, [=](RouterPeer& peer) {
            Welcome(peer);
            peer.ReadSentence();
            peer.Send(bytes);
          }};
}

FaultCase ApiStall(const std::string& name, const std::string& bytes) {
  return {name,
          [=](RouterPeer& peer) {
            Welcome(peer);
            peer.Send(bytes);
            peer.Hang();
          },
          kShort};
}

FaultCase Login(const std::string& name, const std::vector<std::string>& answer) {
  return {name, [=](RouterPeer& peer) {
            peer.ReadSentence();
            peer.Say(answer);
            peer.Hang();
          }};
}

std::vector<FaultCase> ApiFaults() {
  return {
      Login("wrong password", {"!trap", "=message=invalid user name or password (6)"}),
      Login("password echoed", {"!trap", std::string("=message=no Geheim-7 here, \xe4\n")}),
      Login("odd challenge", {"!done", "=ret=00"}),
      Login("no login", {"!fatal", "too many sessions"}),
      {"stall before login", [](RouterPeer& peer) { peer.Hang(); }, kShort},
      ApiCase("trap", {"!trap", "=category=0", "=message=no such command prefix"}),
      {"fatal",
       [](RouterPeer& peer) {
         Welcome(peer);
         peer.ReadSentence();
         peer.Say({"!fatal", "out of memory"});
       }},
      ApiBytes("reserved length byte", "\xf8"),
      ApiBytes("huge word", "\xef\xff\xff\xff"),
      ApiBytes("truncated word", kAnnaBegun),
      ApiBytes("closed", ""),
      ApiStall("stall in mid-sentence", kAnnaBegun),
      ApiStall("stall", ""),
      {"HTTP on its port",
       [](RouterPeer& peer) {
         peer.Send("HTTP/1.1 400 Bad Request\r\n\r\n");
         peer.Hang();
       },
       kShort},
  };
}

FaultCase RestCase(const std::string& name, const std::string& answer) {
  return {name, [=](RouterPeer& peer) {
            peer.ReadRequest();
            peer.Send(answer);
          }};
}

std::vector<FaultCase> RestFaults() {
  const std::string huge = "HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n[";
  return {
      RestCase("wrong password",
               HttpAnswer("401 Unauthorized", R"({"error":401,"message":"Unauthorized"})")),
      RestCase("no such table", HttpAnswer("404 Not Found",
                                           "{\"error\":404,\"message\":\"Not Found\","
                                           "\"detail\":\"no such command (hotspot)\"}")),
      RestCase("a page", HttpAnswer("200 OK", "<html>WebFig</html>")),
      RestCase("an error without words", HttpAnswer("500 Internal Server Error", "")),
      RestCase("not HTTP", "\x15\x03\x01\r\n\r\n"),
      RestCase("truncated", HttpAnswer("200 OK", "[]").substr(0, 30)),
      RestCase("truncated body", huge),
      RestCase("closed", ""),
      RestCase("endless head", "HTTP/1.1 200 OK\r\n" + std::string(200'000, 'x')),
      {"endless body",
       [](RouterPeer& peer) {
         peer.ReadRequest();
         peer.Send("HTTP/1.1 200 OK\r\n\r\n");
         for (int i = 0; i < 65; ++i) peer.Send(std::string(1 << 20, ' '));
         peer.Hang();
       }},
      {"stall in the head",
       [](RouterPeer& peer) {
         peer.Send("HTTP/1.1 200 OK\r\n");
         peer.Hang();
       },
       kShort},
      {"stall in the body",
       [huge](RouterPeer& peer) {
         peer.ReadRequest();
         peer.Send(huge);
         peer.Hang();
       },
       kShort},
  };
}

// All at once: those that stall need their time.
std::string FaultsOf(RouterProtocol protocol, const std::vector<FaultCase>& cases) {
  std::vector<std::future<std::string>> faults;
  for (const FaultCase& one : cases) {
    faults.push_back(std::async(std::launch::async, [&one, protocol] {
      const ScriptedRouter router({one.script});
      RouterConfig config = ConfigOf(protocol, router);
      config.timeout = one.timeout;
      return one.name + ":\n  " + FaultOf(config) + "\n";
    }));
  }
  std::string text;
  for (auto& fault : faults) text += fault.get();
  return text;
}

TEST(RouterOsFaults, NameRouterFaultAndRemedyAndNeverThePassword) {
  const std::string text = "# binary API\n" + FaultsOf(RouterProtocol::kApi, ApiFaults()) +
                           "\n# REST\n" + FaultsOf(RouterProtocol::kRest, RestFaults());
  ExpectGolden(USAGE_SOURCE_DIR "/tests/sources/routers/faults.golden", text);
}

TEST(RouterOsFaults, OfNobodyThereAndOfUnknownNames) {
  RouterConfig config;
  {
    const ScriptedRouter router({[](RouterPeer&) {}});
    config = ConfigOf(RouterProtocol::kApi, router);
  }
  EXPECT_THAT(FaultOf(config), HasSubstr("router edge-1 (127.0.0.1:PORT): can't connect: "
                                         "Connection refused; check its address"));
  config.host = "no-such-host.invalid";
  EXPECT_THAT(FaultOf(config), HasSubstr("router edge-1 (no-such-host.invalid:PORT): can't "));
}

TEST(RouterOsFaults, AreOverWhenTheRouterIsInOrderAgain) {
  const SystemClock clock;
  for (const auto protocol : {RouterProtocol::kApi, RouterProtocol::kRest}) {
    const bool is_api = protocol == RouterProtocol::kApi;
    const RouterScript bad = is_api ? ApiBytes("", kAnnaBegun).script : RestCase("", "HTTP").script;
    const RouterScript good = is_api ? ServeApi(SampleRouter()) : ServeRest(SampleRouter());
    const ScriptedRouter router({bad, bad, good});
    const auto source = MakeRouterSource(ConfigOf(protocol, router), clock);
    EXPECT_NE(FaultOf(source.get()), "no fault");
    EXPECT_NE(FaultOf(source.get()), "no fault");
    EXPECT_EQ(source->Poll(PollDepth::kRows).rows.size(), 9U);
  }
}

TEST(RouterOsFaults, ATrapThatEndsInGoodOrderKeepsTheConnection) {
  const SystemClock clock;
  const ScriptedRouter router({[](RouterPeer& peer) {
    Welcome(peer);
    for (int poll = 0; poll < 2; ++poll) {
      for (int i = 0; i < 3; ++i) {
        const auto command = peer.ReadSentence();
        if (poll == 0) peer.Say({"!trap", "=message=busy", TagOf(command)});
        peer.Say({"!done", TagOf(command)});
      }
    }
    peer.Hang();
  }});
  const auto source = MakeRouterSource(ConfigOf(RouterProtocol::kApi, router), clock);
  EXPECT_THAT(FaultOf(source.get()), HasSubstr("busy"));
  EXPECT_EQ(FaultOf(source.get()), "no fault");
  EXPECT_EQ(router.connections(), 1);
}

// Ends every command that it is asked to end, and says which it was.
void EndCancelled(RouterPeer& peer, size_t count, std::vector<std::string>* cancelled) {
  for (size_t i = 0; i < count; ++i) {
    const auto command = peer.ReadSentence();
    if (command.size() < 2) return;
    cancelled->push_back(command[0] + " " + command[1]);
    const std::string tag = "." + command[1].substr(1);
    peer.Say({"!re", tag, "=user=late"});
    peer.Say({"!trap", tag, "=category=2", "=message=interrupted"});
    peer.Say({"!done", tag});
    peer.Say({"!done", TagOf(command)});
  }
}

TEST(RouterOsCancel, TooManyRowsAreCutAndTheConnectionIsKept) {
  const SystemClock clock;
  std::vector<std::string> cancelled;
  const ScriptedRouter router({[&](RouterPeer& peer) {
    Welcome(peer);
    const std::string tag = TagOf(peer.ReadSentence());
    for (int i = 0; i < 2; ++i) AnswerPrint(peer, peer.ReadSentence(), SampleRouter());
    std::string rows;
    for (int i = 0; i <= 100'000; ++i) AppendApiSentence({"!re", tag, "=user=x"}, &rows);
    peer.Send(rows);
    EndCancelled(peer, 1, &cancelled);
    AnswerCommands(peer, SampleRouter());
  }});
  const auto source = MakeRouterSource(ConfigOf(RouterProtocol::kApi, router), clock);
  EXPECT_THAT(FaultOf(source.get()),
              HasSubstr("more than 100000 rows or 64 MiB from /ip/hotspot/active/print"));
  EXPECT_THAT(cancelled, ElementsAre("/cancel =tag=1"));
  EXPECT_EQ(source->Poll(PollDepth::kRows).rows.size(), 9U);
  EXPECT_EQ(router.connections(), 1);
}

TEST(RouterOsCancel, WhatADeadlineCutsIsEndedAtARouterThatIsAlive) {
  const SystemClock clock;
  std::vector<std::string> cancelled;
  const ScriptedRouter router({[&](RouterPeer& peer) {
                                 Welcome(peer);
                                 AnswerPrint(peer, peer.ReadSentence(), SampleRouter());
                                 for (int i = 0; i < 2; ++i) peer.ReadSentence();
                                 EndCancelled(peer, 2, &cancelled);
                                 AnswerCommands(peer, SampleRouter());
                               },
                               ServeApi(SampleRouter())});
  RouterConfig config = ConfigOf(RouterProtocol::kApi, router);
  config.timeout = kShort;
  const auto source = MakeRouterSource(config, clock);
  EXPECT_THAT(FaultOf(source.get()),
              HasSubstr("no whole answer to /interface/print, /ppp/active/print in time"));
  EXPECT_THAT(cancelled, ElementsAre("/cancel =tag=2", "/cancel =tag=3"));
  EXPECT_EQ(source->Poll(PollDepth::kRows).rows.size(), 9U);
}

// Certificates are the slow part: made once.
const TempFolder& Certificates() {
  static const TempFolder folder;
  static const bool is_made = [] {
    MakeCertificate(folder.path(), "router", "IP:127.0.0.1");
    MakeCertificate(folder.path(), "other", "IP:127.0.0.1");
    MakeCertificate(folder.path(), "elsewhere", "DNS:elsewhere.example");
    return true;
  }();
  EXPECT_TRUE(is_made);
  return folder;
}

// As the openssl program says it.
std::string FingerprintOf(const std::string& name) {
  Openssl(Certificates().path(), "x509 -in " + name + ".crt -noout -fingerprint -sha256");
  const std::string said = ReadFile(Certificates() / "openssl.log");
  std::string digits;
  for (const char c : said.substr(said.find('=') + 1)) {
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) {
      digits += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return digits;
}

class OverTls : public ::testing::TestWithParam<RouterProtocol> {
 protected:
  void Start(const std::string& certificate) {
    TlsConfig tls;
    tls.cert_file = Certificates() / (certificate + ".crt");
    tls.key_file = Certificates() / (certificate + ".key");
    const bool is_api = GetParam() == RouterProtocol::kApi;
    const RouterScript script = is_api ? ServeApi(SampleRouter()) : ServeRest(SampleRouter());
    router_ = std::make_unique<ScriptedRouter>(std::vector{script}, ValueOf(MakeSslContext(tls)));
    config_ = ConfigOf(GetParam(), *router_);
    config_.use_tls = true;
  }

  std::unique_ptr<ScriptedRouter> router_;
  RouterConfig config_;
};

TEST_P(OverTls, ACertificateIsTakenByItsAuthority) {
  Start("router");
  config_.tls.ca_file = Certificates() / "router.crt";
  EXPECT_EQ(FaultOf(config_), "no fault");
  config_.tls.ca_file = Certificates() / "other.crt";
  EXPECT_THAT(FaultOf(config_), HasSubstr("no TLS connection: self-signed certificate; check"));
  config_.tls.ca_file = "";
  EXPECT_THAT(FaultOf(config_), HasSubstr("no TLS connection: self-signed certificate; check"));
  config_.tls.ca_file = Certificates() / "router.key";
  EXPECT_THAT(FaultOf(config_), HasSubstr("router edge-1: tls.ca_file "));
}

TEST_P(OverTls, ACertificateOfAnotherNameIsRefused) {
  Start("elsewhere");
  config_.tls.ca_file = Certificates() / "elsewhere.crt";
  EXPECT_THAT(FaultOf(config_), HasSubstr("no TLS connection: IP address mismatch; check"));
}

TEST_P(OverTls, APinnedCertificateIsTakenWhateverItsNameAndNoOther) {
  Start("elsewhere");
  config_.tls.fingerprint = FingerprintOf("elsewhere");
  EXPECT_EQ(FaultOf(config_), "no fault");
  config_.tls.fingerprint = FingerprintOf("other");
  EXPECT_THAT(FaultOf(config_),
              HasSubstr("it shows another certificate than the pinned one, of SHA-256 " +
                        FingerprintOf("elsewhere") + "; if it was changed on purpose"));
}

TEST_P(OverTls, TheConnectionIsKeptFromPollToPoll) {
  Start("router");
  config_.tls.fingerprint = FingerprintOf("router");
  const SystemClock clock;
  const auto source = MakeRouterSource(config_, clock);
  EXPECT_EQ(FaultOf(source.get()), "no fault");
  EXPECT_EQ(FaultOf(source.get()), "no fault");
  EXPECT_EQ(router_->connections(), 1);
}

INSTANTIATE_TEST_SUITE_P(RouterOs, OverTls,
                         ::testing::Values(RouterProtocol::kApi, RouterProtocol::kRest),
                         [](const auto& protocol) {
                           return protocol.param == RouterProtocol::kApi ? "Api" : "Rest";
                         });

TEST(RouterOsFaults, OfAPlainPortWhereTlsIsExpected) {
  const ScriptedRouter router({[](RouterPeer& peer) { peer.Send("HTTP/1.1 400 Bad\r\n\r\n"); }});
  RouterConfig config = ConfigOf(RouterProtocol::kRest, router);
  config.use_tls = true;
  EXPECT_THAT(FaultOf(config), HasSubstr("no TLS connection: wrong version number; check that "
                                         "the port speaks TLS"));
}

}  // namespace
}  // namespace usage
