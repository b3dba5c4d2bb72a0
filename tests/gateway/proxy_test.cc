// What reaches the upstream, and what comes back, over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/gateway/gateway_under_test.h"

namespace usage::gateway::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ProxyTest, EnforcesTheTenantAndPassesTheAnswer) {
  FakeUpstream upstream;
  GatewayUnderTest gateway(upstream);
  std::string answer = gateway.Get("/api/v1/query?query=up&time=1");
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_EQ(BodyOf(answer), kEmptyVector);
  ASSERT_EQ(upstream.seen().size(), 1u);
  EXPECT_EQ(upstream.seen()[0].path, "/api/v1/query");
  EXPECT_THAT(upstream.seen()[0].Values("query"), ElementsAre(R"(up{tenant_id="A"})"));
  EXPECT_THAT(upstream.seen()[0].Values("time"), ElementsAre("1"));
}

TEST(ProxyTest, EnforcesAPostInItsBody) {
  FakeUpstream upstream;
  GatewayUnderTest gateway(upstream);
  EXPECT_EQ(StatusOf(gateway.Post("/api/v1/query_range", "query=sum(up)&start=0&end=60&step=15")),
            200);
  ASSERT_EQ(upstream.seen().size(), 1u);
  EXPECT_EQ(upstream.seen()[0].method, "POST");
  EXPECT_THAT(upstream.seen()[0].Values("query"), ElementsAre(R"(sum(up{tenant_id="A"}))"));
}

TEST(ProxyTest, AnOperatorSeesAllTenants) {
  FakeUpstream upstream;
  GatewayUnderTest gateway(upstream);
  EXPECT_EQ(StatusOf(gateway.Get("/api/v1/query?query=up", "token-op")), 200);
  EXPECT_THAT(upstream.seen()[0].Values("query"), ElementsAre("up"));
  EXPECT_EQ(StatusOf(gateway.Get("/api/v1/query?query=sum(", "token-op")), 400);
  EXPECT_EQ(StatusOf(gateway.Get("/api/v1/admin/tsdb/snapshot", "token-op")), 404);
}

TEST(ProxyTest, SendsNothingOfTheClientsHeaders) {
  FakeUpstream upstream;
  GatewayUnderTest gateway(upstream);
  gateway.Get(
      "/api/v1/query?query=up", "token-a",
      "X-Scope-OrgID: B\r\nCookie: a=b\r\nX-Forwarded-For: 1.2.3.4\r\nRange: bytes=0-1\r\n");
  const std::string head = upstream.seen().at(0).head;
  for (const char* name :
       {"X-Scope-OrgID", "Cookie", "X-Forwarded-For", "Authorization", "Range"}) {
    EXPECT_THAT(head, Not(HasSubstr(name)));
  }
}

TEST(ProxyTest, SendsTheConfiguredHeadersAndAuthorization) {
  FakeUpstream upstream;
  GatewayUnderTest gateway(upstream, [](GatewayConfig* config, auto*) {
    config->upstream.headers = {{"X-Scope-OrgID", "all"}};
    config->upstream.authorization = "Bearer upstream-secret";
    config->upstream.prefix = "/prometheus";
  });
  gateway.Get("/api/v1/query?query=up");
  EXPECT_EQ(upstream.seen().at(0).header("X-Scope-OrgID"), "all");
  EXPECT_EQ(upstream.seen().at(0).header("Authorization"), "Bearer upstream-secret");
  EXPECT_EQ(upstream.seen().at(0).path, "/prometheus/api/v1/query");
}

TEST(ProxyTest, KeepsBothConnectionsForTheNextRequest) {
  FakeUpstream upstream;
  GatewayUnderTest gateway(upstream);
  RawClient client = gateway.Connect();
  for (int i = 0; i < 20; ++i) {
    std::string answer = client.Ask(
        "GET /api/v1/query?query=up HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-a\r\n\r\n");
    ASSERT_EQ(StatusOf(answer), 200);
  }
  EXPECT_EQ(upstream.seen().size(), 20u);
  EXPECT_EQ(upstream.connections(), 1);
}

TEST(ProxyTest, AKeptConnectionThatTheUpstreamClosedIsNotAnError) {
  FakeUpstream upstream([](const SeenRequest&, const Line& line) {
    line.Send(JsonAnswer(kEmptyVector));
    return false;  // without having said so
  });
  GatewayUnderTest gateway(upstream);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(StatusOf(gateway.Get("/api/v1/query?query=up")), 200);
}

TEST(ProxyTest, PassesGzipThrough) {
  FakeUpstream upstream([](const SeenRequest& request, const Line& line) {
    bool gzip = request.header("Accept-Encoding") == "gzip";
    return line.Send(gzip ? JsonAnswer("\x1f\x8b bytes", 200, "Content-Encoding: gzip\r\n")
                          : JsonAnswer("plain"));
  });
  GatewayUnderTest gateway(upstream);
  std::string zipped =
      gateway.Get("/api/v1/query?query=up", "token-a", "Accept-Encoding: deflate, gzip;q=0.5\r\n");
  EXPECT_THAT(zipped, HasSubstr("Content-Encoding: gzip\r\n"));
  EXPECT_EQ(BodyOf(zipped), "\x1f\x8b bytes");
  for (const char* header : {"", "Accept-Encoding: gzip;q=0\r\n", "Accept-Encoding: br\r\n"}) {
    EXPECT_EQ(BodyOf(gateway.Get("/api/v1/query?query=up", "token-a", header)), "plain");
  }
}

TEST(ProxyTest, PassesErrorsOfTheUpstreamWithTheirCodeAndJson) {
  const std::string error = R"({"status":"error","errorType":"execution","error":"boom"})";
  FakeUpstream upstream(
      [&](const SeenRequest&, const Line& line) { return line.Send(JsonAnswer(error, 422)); });
  GatewayUnderTest gateway(upstream);
  std::string answer = gateway.Get("/api/v1/query?query=up");
  EXPECT_EQ(StatusOf(answer), 422);
  EXPECT_EQ(BodyOf(answer), error);
}

TEST(ProxyTest, AnErrorThatIsNoJsonBecomesOne) {
  FakeUpstream upstream([](const SeenRequest&, const Line& line) {
    return line.Send(
        "HTTP/1.1 503 X\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>");
  });
  GatewayUnderTest gateway(upstream);
  std::string answer = gateway.Get("/api/v1/query?query=up");
  EXPECT_EQ(StatusOf(answer), 503);
  EXPECT_THAT(BodyOf(answer), HasSubstr(R"("status":"error")"));
}

TEST(ProxyTest, NeverFollowsARedirect) {
  FakeUpstream upstream([](const SeenRequest&, const Line& line) {
    return line.Send("HTTP/1.1 302 X\r\nLocation: /admin\r\nContent-Length: 0\r\n\r\n");
  });
  GatewayUnderTest gateway(upstream);
  std::string answer = gateway.Get("/api/v1/query?query=up");
  EXPECT_EQ(StatusOf(answer), 502);
  EXPECT_THAT(answer, Not(HasSubstr("Location")));
  EXPECT_EQ(upstream.seen().size(), 1u);
}

struct BadAnswer {
  const char* name;
  std::string bytes;
};

TEST(ProxyTest, AnUpstreamThatBreaksOffGivesTheApisError) {
  const BadAnswer kAnswers[] = {
      {"nothing", ""},
      {"half a head", "HTTP/1.1 200 OK\r\nContent-"},
      {"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"},
      {"half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf"},
      {"not HTTP", "SSH-2.0-OpenSSH\r\n\r\n"},
      {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"},
      {"a chunk that is none", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"},
  };
  for (const BadAnswer& bad : kAnswers) {
    FakeUpstream upstream([&](const SeenRequest&, const Line& line) {
      line.Send(bad.bytes);
      return false;
    });
    GatewayUnderTest gateway(upstream);
    std::string answer = gateway.Get("/api/v1/query?query=up");
    EXPECT_EQ(StatusOf(answer), 502) << bad.name;
    EXPECT_THAT(BodyOf(answer), HasSubstr(R"("status":"error","errorType":"unavailable")"))
        << bad.name;
  }
}

TEST(ProxyTest, AnUpstreamThatIsNotThereGivesTheApisError) {
  int port = 0;
  {
    FakeUpstream gone;
    port = gone.port();
  }
  GatewayUnderTest gateway(port);
  std::string answer = gateway.Get("/api/v1/query?query=up");
  EXPECT_EQ(StatusOf(answer), 502);
  EXPECT_THAT(BodyOf(answer), HasSubstr("can't be reached"));
}

TEST(ProxyTest, ASilentUpstreamTimesOutWithTheApisError) {
  Gate end;
  FakeUpstream upstream([&](const SeenRequest&, const Line&) {
    end.Wait();
    return false;
  });
  GatewayUnderTest gateway(upstream, [](GatewayConfig* config, auto*) {
    config->upstream.timeout = std::chrono::milliseconds(300);
  });
  std::string answer = gateway.Get("/api/v1/query?query=up");
  end.Open();
  EXPECT_EQ(StatusOf(answer), 504);
  EXPECT_THAT(BodyOf(answer), HasSubstr(R"("errorType":"timeout")"));
}

TEST(ProxyTest, ALargeAnswerStreamsThroughWhole) {
  const std::string piece(64 * 1024, 'x');
  constexpr int kPieces = 400;
  FakeUpstream upstream([&](const SeenRequest&, const Line& line) {
    line.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < kPieces; ++i) line.Send("10000\r\n" + piece + "\r\n");
    return line.Send("0\r\n\r\n");
  });
  GatewayUnderTest gateway(upstream);
  RawClient client = gateway.Connect();
  client.Send(
      "GET /api/v1/query?query=up HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
      "Authorization: Bearer token-a\r\n\r\n");
  std::string answer = client.ReadToEnd();
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_EQ(static_cast<size_t>(std::count(answer.begin(), answer.end(), 'x')),
            kPieces * piece.size());
  EXPECT_TRUE(answer.ends_with("\r\n0\r\n\r\n"));
}

TEST(ProxyTest, AClientThatTakesNothingStopsTheUpstream) {
  std::atomic<size_t> sent{0};
  std::atomic<bool> ended{false};
  FakeUpstream upstream([&](const SeenRequest&, const Line& line) {
    line.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "10000\r\n" + std::string(65536, 'x') + "\r\n";
    for (int i = 0; i < 1600 && line.Send(chunk); ++i) sent += 65536;
    ended = true;
    return false;
  });
  GatewayUnderTest gateway(upstream);
  RawClient client = gateway.Connect();
  client.Send(
      "GET /api/v1/query?query=up HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-a\r\n\r\n");
  // What fits the buffers of four sockets and of the gateway is taken, and then no more.
  size_t before = 0;
  EXPECT_TRUE(Eventually([&] {
    size_t now = sent;
    bool is_still = now > 0 && now == before;
    before = now;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return is_still;
  }));
  EXPECT_FALSE(ended);
  EXPECT_LT(sent, 64u * 1024 * 1024);
  client.Close();
  EXPECT_TRUE(Eventually([&] { return ended.load(); }));
}

TEST(ProxyTest, TheClientsDisconnectCancelsTheUpstreamQuery) {
  std::atomic<bool> is_asked{false}, is_cancelled{false};
  FakeUpstream upstream([&](const SeenRequest&, const Line& line) {
    is_asked = true;
    is_cancelled = line.IsClosedSoon();
    return false;
  });
  GatewayUnderTest gateway(upstream);
  {
    RawClient client = gateway.Connect();
    client.Send(
        "GET /api/v1/query?query=up HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-a\r\n\r\n");
    ASSERT_TRUE(Eventually([&] { return is_asked.load(); }));
  }
  EXPECT_TRUE(Eventually([&] { return is_cancelled.load(); }));
  EXPECT_TRUE(Eventually(
      [&] { return gateway.audit().find(R"("reason":"client_gone")") != std::string::npos; }));
}

TEST(ProxyTest, AnAnswerThatBreaksOffInTheMiddleIsNotTakenForAWholeOne) {
  FakeUpstream upstream([](const SeenRequest&, const Line& line) {
    line.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "10000\r\n" + std::string(65536, 'x') + "\r\n";
    for (int i = 0; i < 64; ++i) line.Send(chunk);
    return false;
  });
  GatewayUnderTest gateway(upstream);
  RawClient client = gateway.Connect();
  client.Send(
      "GET /api/v1/query?query=up HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-a\r\n\r\n");
  std::string answer = client.ReadToEnd();
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_FALSE(answer.ends_with("0\r\n\r\n"));
}

TEST(ProxyTest, RulesAndAlertsAreCutDownToTheTenants) {
  FakeUpstream upstream([](const SeenRequest& request, const Line& line) {
    bool rules = request.path == "/api/v1/rules";
    return line.Send(JsonAnswer(rules ? R"({"status":"success","data":{"groups":[
                  {"name":"a","rules":[{"name":"r1","labels":{"tenant_id":"A"}},
                                       {"name":"r2","labels":{"tenant_id":"B"}}]},
                  {"name":"b","rules":[{"name":"r3","labels":{"tenant_id":"B"}},{"name":"r4"}]}]}})"
                                      : R"({"status":"success","data":{"alerts":[
                  {"labels":{"alertname":"x","tenant_id":"A"}},
                  {"labels":{"alertname":"y","tenant_id":"B"}},{"labels":{"alertname":"z"}}]}})"));
  });
  GatewayUnderTest gateway(upstream);
  std::string rules = BodyOf(gateway.Get("/api/v1/rules"));
  EXPECT_THAT(rules, HasSubstr("r1"));
  for (const char* other : {"r2", "r3", "r4", R"("b")"}) EXPECT_THAT(rules, Not(HasSubstr(other)));
  std::string alerts = BodyOf(gateway.Get("/api/v1/alerts"));
  EXPECT_THAT(alerts, HasSubstr(R"("x")"));
  EXPECT_THAT(alerts, Not(HasSubstr(R"("y")")));
  EXPECT_THAT(alerts, Not(HasSubstr(R"("z")")));
  EXPECT_THAT(BodyOf(gateway.Get("/api/v1/rules", "token-op")), HasSubstr("r4"));
}

TEST(ProxyTest, MetadataIsOfNamesThatTheTenantHas) {
  FakeUpstream upstream([](const SeenRequest& request, const Line& line) {
    bool names = request.path == "/api/v1/label/__name__/values";
    return line.Send(JsonAnswer(
        names
            ? R"({"status":"success","data":["mine","latency_bucket","latency_sum"]})"
            : R"({"status":"success","data":{"mine":[{"type":"gauge"}],"theirs":[{"type":"gauge"}],
                   "latency":[{"type":"histogram"}],"lat":[{"type":"gauge"}]}})"));
  });
  GatewayUnderTest gateway(upstream);
  std::string body = BodyOf(gateway.Get("/api/v1/metadata"));
  EXPECT_THAT(body, HasSubstr(R"("mine")"));
  EXPECT_THAT(body, HasSubstr(R"("latency")"));
  EXPECT_THAT(body, Not(HasSubstr("theirs")));
  EXPECT_THAT(body, Not(HasSubstr(R"("lat")")));
  ASSERT_EQ(upstream.seen().size(), 2u);
  EXPECT_THAT(upstream.seen()[1].Values("match[]"), ElementsAre(R"({tenant_id="A"})"));
  // The limit is for what is left, so it must not reach the upstream.
  body = BodyOf(gateway.Get("/api/v1/metadata?limit=1"));
  EXPECT_EQ(body, R"({"data":{"latency":[{"type":"histogram"}]},"status":"success"})");
  EXPECT_TRUE(upstream.seen()[2].form.empty());
}

TEST(ProxyTest, BuildInfoIsTheGatewaysOwnAndHasNoFeatures) {
  FakeUpstream upstream;
  GatewayUnderTest gateway(upstream);
  std::string answer = gateway.Get("/api/v1/status/buildinfo");
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_THAT(BodyOf(answer), HasSubstr(R"("version":"2.42.0")"));
  EXPECT_THAT(BodyOf(answer), Not(HasSubstr("features")));
  EXPECT_TRUE(upstream.seen().empty());
}

TEST(ProxyTest, TheAuditLogSaysWhoAskedWhatAndNotTheQuery) {
  FakeUpstream upstream;
  GatewayUnderTest gateway(upstream);
  gateway.Get("/api/v1/query?query=secret_metric", "token-a", "X-Grafana-User: ann\"\r\n");
  gateway.Get("/api/v1/query?query=up", "wrong");
  ASSERT_TRUE(Eventually([&] {
    std::string audit = gateway.audit();
    return std::count(audit.begin(), audit.end(), '\n') == 2;
  }));
  std::string audit = gateway.audit();
  EXPECT_THAT(audit, HasSubstr(R"("scope":"tenant","tenant":"A")"));
  EXPECT_THAT(audit, HasSubstr(R"("user":"ann\"")"));
  EXPECT_THAT(audit, HasSubstr(R"("endpoint":"query","method":"GET","status":200)"));
  EXPECT_THAT(audit, HasSubstr(R"("query_sha256":")" + Sha256Hex("secret_metric").substr(0, 16)));
  EXPECT_THAT(audit, Not(HasSubstr("secret_metric")));
  EXPECT_THAT(audit, HasSubstr(R"("scope":"none")"));
  for (const char* token : {"token-a", "wrong"}) EXPECT_THAT(audit, Not(HasSubstr(token)));
}

TEST(ProxyTest, CountsByTenant) {
  FakeUpstream upstream;
  GatewayUnderTest gateway(upstream);
  gateway.Get("/api/v1/query?query=up");
  gateway.Get("/api/v1/query?query=up(");
  gateway.Get("/api/v1/query?query=up", "wrong");
  for (const char* line :
       {R"(usage_gateway_requests_total{tenant_id="A",endpoint="query",code="200"} 1)",
        R"(usage_gateway_requests_total{tenant_id="A",endpoint="query",code="400"} 1)",
        R"(usage_gateway_refusals_total{tenant_id="A",reason="query"} 1)",
        R"(usage_gateway_refusals_total{tenant_id="",reason="token"} 1)",
        R"(usage_gateway_upstream_duration_seconds_count{tenant_id="A"} 1)"}) {
    EXPECT_TRUE(Eventually([&] { return gateway.metrics().find(line) != std::string::npos; }))
        << line << "\n"
        << gateway.metrics();
  }
}

TEST(ProxyTest, TheCacheAnswersTheSameQuestionOfTheSameTenantOnly) {
  std::atomic<int> count{0};
  FakeUpstream upstream([&](const SeenRequest&, const Line& line) {
    return line.Send(JsonAnswer("answer " + std::to_string(++count)));
  });
  GatewayUnderTest gateway(
      upstream, [](GatewayConfig* config, auto*) { config->cache.max_bytes = 1024 * 1024; });
  const std::string aligned = "/api/v1/query_range?query=up&start=60&end=120&step=60";
  const std::string askew = "/api/v1/query_range?query=up&start=61&end=121&step=60";
  EXPECT_EQ(BodyOf(gateway.Get(aligned)), "answer 1");
  EXPECT_EQ(BodyOf(gateway.Get(aligned)), "answer 1");
  EXPECT_EQ(BodyOf(gateway.Get(aligned, "token-b")), "answer 2");
  EXPECT_EQ(BodyOf(gateway.Get(aligned, "token-op")), "answer 3");
  EXPECT_EQ(BodyOf(gateway.Get(aligned)), "answer 1");
  EXPECT_EQ(BodyOf(gateway.Get(askew)), "answer 4");
  EXPECT_EQ(BodyOf(gateway.Get(askew)), "answer 5");
}

}  // namespace
}  // namespace usage::gateway::testing
