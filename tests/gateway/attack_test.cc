// What a hostile client may send over a raw socket, attack by attack: facts of PromQL gateways and
// of HTTP readers that disagree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/gateway/gateway_under_test.h"

namespace usage::gateway::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kAuthorized = "Host: x\r\nAuthorization: Bearer token-a\r\n";

class AttackTest : public ::testing::Test {
 protected:
  // The status of the answer to these bytes; the connection must be closed after a refusal of HTTP.
  int Send(const std::string& bytes) const { return StatusOf(gateway_.Connect().Ask(bytes)); }

  FakeUpstream upstream_;
  GatewayUnderTest gateway_{upstream_};
};

TEST_F(AttackTest, NoPathButTheAllowedOnesReachesTheUpstream) {
  for (const char* path : {
           "/",
           "//",
           "/api",
           "/api/v1",
           "/api/v1/",
           "/api/v1/query/",
           "//api/v1/query",
           "/api/v1//query",
           "/api/v1/./query",
           "/api/v1/x/../query",
           "/api/v1/../v1/query",
           "/api/v1/%71uery",
           "/api/v1%2fquery",
           "/api/v1/query%00",
           "/api/v1/query;x=1",
           "/api/v1/%2e%2e/v1/query",
           "/api/v1/..%2fadmin",
           "/api/v1/%252e%252e/admin",
           "/api/v1/label/../query",
           "/api/v1/label/%2e%2e/values",
           "/api/v1/label/a%2f..%2f/values",
           "/api/v1/label//values",
           "/api/v1/label/a/b/values",
           "/api/v1/label/0a/values",
           "/api/v1/label/a.b/values",
           "/api/v1/label/..%2f..%2fadmin/values",
           "/api/v1/label/a/values/",
           "/API/v1/query",
           "/api/v1/targets",
           "/api/v1/status/config",
           "/api/v1/status/flags",
           "/api/v1/status/tsdb",
           "/api/v1/status/runtimeinfo",
           "/api/v1/alertmanagers",
           "/api/v1/targets/metadata",
           "/api/v1/admin/tsdb/delete_series",
           "/api/v1/read",
           "/api/v1/write",
           "/api/v1/otlp/v1/metrics",
           "/-/quit",
           "/-/reload",
           "/-/healthy",
           "/-/ready",
           "/metrics",
           "/graph",
           "/debug/pprof/heap",
           "/federate/",
           "/api/v1/notifications",
           "/api/v1/scrape_pools",
           "/api/v1/status/buildinfo/",
           "/api/v1/query\\",
           "/api/v1/..;/query",
           "/api/v1/query/..",
       }) {
    EXPECT_EQ(Send("GET " + std::string(path) + "?query=up HTTP/1.1\r\n" + kAuthorized + "\r\n"),
              404)
        << path;
  }
  EXPECT_THAT(upstream_.seen(), IsEmpty());
}

TEST_F(AttackTest, NoOtherMethodIsTaken) {
  for (const char* method :
       {"HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "PROPFIND"}) {
    EXPECT_EQ(
        Send(std::string(method) + " /api/v1/query?query=up HTTP/1.1\r\n" + kAuthorized + "\r\n"),
        405)
        << method;
  }
  for (const char* path : {"/federate", "/api/v1/rules", "/api/v1/alerts", "/api/v1/metadata",
                           "/api/v1/label/job/values", "/api/v1/status/buildinfo"}) {
    EXPECT_EQ(Send("POST " + std::string(path) + " HTTP/1.1\r\n" + kAuthorized +
                   "Content-Length: 0\r\n\r\n"),
              405)
        << path;
  }
  EXPECT_THAT(upstream_.seen(), IsEmpty());
}

TEST_F(AttackTest, WithoutAGoodTokenNothingIsSaidNotEvenWhichPathsThereAre) {
  for (const char* header :
       {"", "Authorization: Bearer\r\n", "Authorization: Bearer \r\n",
        "Authorization: Bearer x\r\n", "Authorization: Bearer token-a x\r\n",
        "Authorization: token-a\r\n", "Authorization: Basic dG9rZW4tYQ==\r\n",
        "Authorization: Digest token-a\r\n", "X-Usage-Token: \r\n",
        "X-Usage-Token: tenant_id=A\r\n", "X-Scope-OrgID: A\r\n", "Cookie: token=token-a\r\n",
        "Proxy-Authorization: Bearer token-a\r\n"}) {
    for (const char* path : {"/api/v1/query?query=up", "/nothing"}) {
      EXPECT_EQ(Send("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + header + "\r\n"),
                401)
          << header << path;
    }
  }
  EXPECT_EQ(Send("GET /api/v1/query?query=up&token=token-a HTTP/1.1\r\nHost: x\r\n\r\n"), 401);
  EXPECT_THAT(upstream_.seen(), IsEmpty());
}

TEST_F(AttackTest, EveryFormOfATokenIsTaken) {
  for (const char* header :
       {"Authorization: Bearer token-a\r\n", "authorization: bearer token-a\r\n",
        "Authorization: Basic YW55Ym9keTp0b2tlbi1h\r\n", "X-Usage-Token: token-a\r\n",
        "x-usage-token: Bearer token-a\r\n"}) {
    EXPECT_EQ(
        Send("GET /api/v1/query?query=up HTTP/1.1\r\nHost: x\r\n" + std::string(header) + "\r\n"),
        200)
        << header;
  }
}

TEST_F(AttackTest, TwoTokensAreNone) {
  for (const char* second :
       {"Authorization: Bearer token-b\r\n", "Authorization: Bearer token-a\r\n",
        "authorization: Basic eDp0b2tlbi1i\r\n", "X-Usage-Token: token-b\r\n"}) {
    EXPECT_EQ(Send("GET /api/v1/query?query=up HTTP/1.1\r\n" + kAuthorized + second + "\r\n"), 400)
        << second;
  }
  EXPECT_EQ(Send("GET /api/v1/query?query=up HTTP/1.1\r\nHost: x\r\nX-Usage-Token: token-a\r\n"
                 "X-Usage-Token: token-b\r\n\r\n"),
            400);
  EXPECT_THAT(upstream_.seen(), IsEmpty());
}

TEST_F(AttackTest, AParameterComesOnceInTheUrlAndTheBodyTogether) {
  auto post = [&](const std::string& target, const std::string& body) {
    return StatusOf(gateway_.Post(target, body));
  };
  EXPECT_EQ(StatusOf(gateway_.Get("/api/v1/query?query=up&query=down")), 400);
  EXPECT_EQ(StatusOf(gateway_.Get("/api/v1/query?query=up&%71uery=down")), 400);
  EXPECT_EQ(post("/api/v1/query?query=up", "query=down"), 400);
  EXPECT_EQ(post("/api/v1/query", "query=up&query=down"), 400);
  EXPECT_EQ(post("/api/v1/query?time=1", "query=up&time=2"), 400);
  EXPECT_THAT(upstream_.seen(), IsEmpty());
}

TEST_F(AttackTest, SelectorsOfTheUrlAndOfTheBodyAreBothEnforced) {
  EXPECT_EQ(StatusOf(gateway_.Post("/api/v1/series?match[]=up", "match%5B%5D=down&match[]=up2")),
            200);
  EXPECT_THAT(
      upstream_.seen().at(0).Values("match[]"),
      ElementsAre(R"(up{tenant_id="A"})", R"(down{tenant_id="A"})", R"(up2{tenant_id="A"})"));
}

TEST_F(AttackTest, ParametersThatAreNotKnownAreRefused) {
  for (const char* field : {"tenant_id=B", "extra_label=tenant_id=B", "extra_filters[]={a=\"b\"}",
                            "Query=up", "query%00=up", "match[]=up", "dedup=true", "storeMatch[]=x",
                            "query", "=up", "query=%zz", "query=%4", "a;b=c"}) {
    EXPECT_EQ(StatusOf(gateway_.Get("/api/v1/query?query=up&" + std::string(field))), 400) << field;
    EXPECT_EQ(StatusOf(gateway_.Post("/api/v1/query", "query=up&" + std::string(field))), 400)
        << field;
  }
  EXPECT_THAT(upstream_.seen(), IsEmpty());
}

TEST_F(AttackTest, AnExpressionThatReachesForAnotherTenantGetsTheMatcherAllTheSame) {
  struct Row {
    const char* asked;
    const char* sent;
  };
  for (const Row& row : {
           Row{"up{tenant_id=\"B\"}", "up{tenant_id=\"B\",tenant_id=\"A\"}"},
           Row{"up{tenant_id!=\"A\"}", "up{tenant_id!=\"A\",tenant_id=\"A\"}"},
           Row{"up # {\n or down", "up{tenant_id=\"A\"} or down{tenant_id=\"A\"}"},
           Row{"{__name__=~\".+\"}", "{__name__=~\".+\",tenant_id=\"A\"}"},
       }) {
    gateway_.Get("/api/v1/query?" + EncodeForm({{"query", row.asked}}));
    EXPECT_THAT(upstream_.seen().back().Values("query"), ElementsAre(row.sent));
  }
}

struct Smuggled {
  const char* name;
  std::string bytes;
  int status;
};

TEST_F(AttackTest, ARequestThatTwoReadersCouldEndInTwoPlacesIsRefusedAndTheConnectionClosed) {
  const std::string post = "POST /api/v1/query HTTP/1.1\r\n" + kAuthorized +
                           "Content-Type: application/x-www-form-urlencoded\r\n";
  const std::string get = "GET /api/v1/query?query=up HTTP/1.1\r\n" + kAuthorized;
  const std::string inner = "GET /api/v1/query?query=smuggled HTTP/1.1\r\n" + kAuthorized + "\r\n";
  const Smuggled kAttacks[] = {
      {"CL.TE", post + "Content-Length: 8\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
       400},
      {"two Content-Lengths",
       post + "Content-Length: 8\r\nContent-Length: 0\r\n\r\nquery=up" + inner, 400},
      {"equal Content-Lengths", post + "Content-Length: 8\r\nContent-Length: 8\r\n\r\nquery=up",
       400},
      {"a list of lengths", post + "Content-Length: 8, 8\r\n\r\nquery=up", 400},
      {"a signed length", post + "Content-Length: +8\r\n\r\nquery=up", 400},
      {"a hex length", post + "Content-Length: 0x8\r\n\r\nquery=up", 400},
      {"a length beyond 64 bits", post + "Content-Length: 99999999999999999999\r\n\r\n", 400},
      {"TE.TE", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
       400},
      {"an unknown coding", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
      {"two codings", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {"a space before the colon", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400},
      {"a folded header", get + "X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n", 400},
      {"a bare LF between headers", get + "X-A: b\nX-B: c\r\n\r\n", 400},
      {"a bare CR in a header", get + "X-A: b\rX-B: c\r\n\r\n", 400},
      {"a NUL in a header", get + std::string("X-A: b\0c\r\n\r\n", 12), 400},
      {"a header without a name", get + ": b\r\n\r\n", 400},
      {"a header without a colon", get + "X-A\r\n\r\n", 400},
      {"a GET with a body", get + "Content-Length: 8\r\n\r\nquery=up", 400},
      {"a GET with chunks", get + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"a chunk with an extension",
       post + "Transfer-Encoding: chunked\r\n\r\n8;a=b\r\nquery=up\r\n0\r\n\r\n", 400},
      {"a chunk with a sign",
       post + "Transfer-Encoding: chunked\r\n\r\n+8\r\nquery=up\r\n0\r\n\r\n", 400},
      {"a chunk ended by LF", post + "Transfer-Encoding: chunked\r\n\r\n8\nquery=up\r\n0\r\n\r\n",
       400},
      {"a chunk of 2^64", post + "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n", 400},
      {"a trailer", post + "Transfer-Encoding: chunked\r\n\r\n8\r\nquery=up\r\n0\r\nX: y\r\n\r\n",
       400},
      {"two hosts", get + "Host: y\r\n\r\n", 400},
      {"no host", "GET /api/v1/query?query=up HTTP/1.1\r\nAuthorization: Bearer token-a\r\n\r\n",
       400},
      {"an absolute target",
       "GET http://x/api/v1/query?query=up HTTP/1.1\r\n" + kAuthorized + "\r\n", 400},
      {"a target with a space", "GET /api/v1/query?query=a b HTTP/1.1\r\n" + kAuthorized + "\r\n",
       400},
      {"a target with a fragment",
       "GET /api/v1/query?query=up#x HTTP/1.1\r\n" + kAuthorized + "\r\n", 400},
      {"a target with an 8-bit byte",
       "GET /api/v1/query?query=\xff HTTP/1.1\r\n" + kAuthorized + "\r\n", 400},
      {"a tab in the request line",
       "GET\t/api/v1/query?query=up HTTP/1.1\r\n" + kAuthorized + "\r\n", 400},
      {"HTTP/0.9", "GET /api/v1/query?query=up\r\n\r\n", 400},
      {"HTTP/2.0", "GET /api/v1/query?query=up HTTP/2.0\r\n" + kAuthorized + "\r\n", 505},
      {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"chunks in HTTP/1.0",
       "POST /api/v1/query HTTP/1.0\r\n" + kAuthorized +
           "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"an expectation", get + "Expect: 200-ok\r\n\r\n", 417},
  };
  for (const Smuggled& attack : kAttacks) {
    RawClient client = gateway_.Connect();
    client.Send(attack.bytes);
    std::string answer = client.ReadToEnd();
    EXPECT_EQ(StatusOf(answer), attack.status) << attack.name << ": " << answer;
    EXPECT_EQ(answer.find("HTTP/1.1 ", 1), answer.find("HTTP/1.1 and"))
        << attack.name << ": " << answer;
    EXPECT_THAT(BodyOf(answer), HasSubstr(R"("status":"error")")) << attack.name;
  }
  EXPECT_THAT(upstream_.seen(), IsEmpty());
}

TEST_F(AttackTest, ChunksAndBytesAtATimeAreReadAsOneBody) {
  RawClient client = gateway_.Connect();
  const std::string request =
      "POST /api/v1/query HTTP/1.1\r\n" + kAuthorized +
      "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
      "Transfer-Encoding: chunked\r\n\r\n3\r\nque\r\n5\r\nry=up\r\n0\r\n\r\n";
  for (char c : request) client.Send(std::string(1, c));
  EXPECT_EQ(StatusOf(client.ReadResponse()), 200);
  EXPECT_THAT(upstream_.seen().at(0).Values("query"), ElementsAre(R"(up{tenant_id="A"})"));
}

TEST_F(AttackTest, PipelinedRequestsAreAnsweredInOrderEachWithItsOwnToken) {
  std::string requests;
  for (const char* query : {"one", "two", "three"}) {
    for (const char* token : {"token-a", "token-b", "wrong"}) {
      requests += "GET /api/v1/query?query=" + std::string(query) +
                  " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\n\r\n";
    }
  }
  requests +=
      "GET /api/v1/query?query=last HTTP/1.1\r\nConnection: close\r\n" + kAuthorized + "\r\n";
  RawClient client = gateway_.Connect();
  client.Send(requests);
  std::string answers = client.ReadToEnd();
  std::vector<int> statuses;
  for (size_t at = answers.find("HTTP/1.1 "); at != std::string::npos;
       at = answers.find("HTTP/1.1 ", at + 1)) {
    statuses.push_back(StatusOf(answers.substr(at)));
  }
  EXPECT_THAT(statuses, ElementsAre(200, 200, 401, 200, 200, 401, 200, 200, 401, 200));
  std::vector<std::string> sent;
  for (const auto& seen : upstream_.seen()) sent.push_back(seen.Values("query").at(0));
  EXPECT_THAT(sent,
              ElementsAre(R"(one{tenant_id="A"})", R"(one{tenant_id="B"})", R"(two{tenant_id="A"})",
                          R"(two{tenant_id="B"})", R"(three{tenant_id="A"})",
                          R"(three{tenant_id="B"})", R"(last{tenant_id="A"})"));
}

TEST_F(AttackTest, OversizeHeadsAndBodiesAreRefused) {
  std::string filler(kMostHeadBytes, 'a');
  EXPECT_EQ(Send("GET /api/v1/query?query=" + filler + " HTTP/1.1\r\n" + kAuthorized + "\r\n"),
            431);
  std::string many;
  for (size_t i = 0; i <= kMostFields; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  EXPECT_EQ(Send("GET /api/v1/query?query=up HTTP/1.1\r\n" + kAuthorized + many + "\r\n"), 431);
  EXPECT_EQ(
      Send("POST /api/v1/query HTTP/1.1\r\n" + kAuthorized + "Content-Length: 9999999\r\n\r\n"),
      413);
  std::string chunk =
      "POST /api/v1/query HTTP/1.1\r\n" + kAuthorized + "Transfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 40; ++i) chunk += "10000\r\n" + std::string(65536, 'a') + "\r\n";
  EXPECT_EQ(Send(chunk), 413);
  EXPECT_THAT(upstream_.seen(), IsEmpty());
}

TEST_F(AttackTest, ABodyOfAnotherTypeIsRefused) {
  for (const char* type :
       {"Content-Type: application/json\r\n", "",
        "Content-Type: multipart/form-data; boundary=x\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Encoding: gzip\r\n"}) {
    EXPECT_EQ(Send("POST /api/v1/query HTTP/1.1\r\n" + kAuthorized + type +
                   "Content-Length: 8\r\n\r\nquery=up"),
              415)
        << type;
  }
}

TEST_F(AttackTest, Http10IsAnsweredAndClosed) {
  RawClient client = gateway_.Connect();
  client.Send("GET /api/v1/query?query=up HTTP/1.0\r\nAuthorization: Bearer token-a\r\n\r\n");
  std::string answer = client.ReadToEnd();
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_EQ(BodyOf(answer), kEmptyVector);
}

TEST_F(AttackTest, AClientThatAsksFirstMaySendItsBody) {
  RawClient client = gateway_.Connect();
  client.Send("POST /api/v1/query HTTP/1.1\r\n" + kAuthorized +
              "Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n"
              "Content-Length: 8\r\n\r\n");
  EXPECT_EQ(StatusLine(client.ReadUntil("\r\n\r\n")), "HTTP/1.1 100 Continue");
  client.Send("query=up");
  EXPECT_EQ(StatusOf(client.ReadResponse()), 200);
}

TEST(SlowClientTest, AHeadOrABodyThatDoesNotComeEndsTheConnection) {
  FakeUpstream upstream;
  GatewayUnderTest gateway(upstream, [](auto*, FrontServer::Options* options) {
    options->limits.head = options->limits.body = std::chrono::milliseconds(200);
  });
  for (const std::string& part :
       {std::string("GET /api/v1/query?query=up HTTP/1.1\r\nHost: x\r\n"),
        "POST /api/v1/query HTTP/1.1\r\n" + kAuthorized + "Content-Length: 8\r\n\r\nquer",
        "POST /api/v1/query HTTP/1.1\r\n" + kAuthorized +
            "Transfer-Encoding: chunked\r\n\r\n8\r\nq"}) {
    RawClient client = gateway.Connect();
    client.Send(part);
    EXPECT_EQ(StatusOf(client.ReadToEnd()), 408) << part;
  }
  EXPECT_TRUE(Eventually([&] { return gateway.front().connections() == 0; }));
}

TEST(SlowClientTest, AnIdleConnectionIsClosedWithoutAWord) {
  FakeUpstream upstream;
  GatewayUnderTest gateway(upstream, [](auto*, FrontServer::Options* options) {
    options->limits.idle = std::chrono::milliseconds(100);
  });
  EXPECT_EQ(gateway.Connect().ReadToEnd(), "");
}

TEST(SlowClientTest, ANewConnectionTakesThePlaceOfTheIdlestOne) {
  FakeUpstream upstream;
  GatewayUnderTest gateway(
      upstream, [](auto*, FrontServer::Options* options) { options->limits.connections = 2; });
  RawClient first = gateway.Connect();
  EXPECT_TRUE(Eventually([&] { return gateway.front().connections() == 1; }));
  RawClient second = gateway.Connect();
  EXPECT_TRUE(Eventually([&] { return gateway.front().connections() == 2; }));
  EXPECT_TRUE(Eventually([&] { return StatusOf(gateway.Get("/api/v1/query?query=up")) == 200; }));
  EXPECT_EQ(first.ReadToEnd(), "");
}

TEST(SlowClientTest, WhereAllConnectionsAreBusyANewOneIsTurnedAway) {
  Gate end;
  FakeUpstream upstream([&](const SeenRequest&, const Line& line) {
    end.Wait();
    return line.Send(JsonAnswer(kEmptyVector));
  });
  GatewayUnderTest gateway(
      upstream, [](auto*, FrontServer::Options* options) { options->limits.connections = 1; });
  RawClient busy = gateway.Connect();
  busy.Send("GET /api/v1/query?query=up HTTP/1.1\r\n" + kAuthorized + "\r\n");
  ASSERT_TRUE(Eventually([&] { return upstream.seen().size() == 1; }));
  EXPECT_EQ(StatusOf(gateway.Connect().ReadToEnd()), 503);
  end.Open();
  EXPECT_EQ(StatusOf(busy.ReadResponse()), 200);
}

}  // namespace
}  // namespace usage::gateway::testing
