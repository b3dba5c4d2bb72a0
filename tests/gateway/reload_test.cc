// Tokens and configuration change under load, and no request notices.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/gateway/gateway_under_test.h"

namespace usage::gateway::testing {
namespace {

TEST(ReloadTest, ATokenThatIsTakenAwayOpensNothingAndANewOneDoes) {
  FakeUpstream upstream;
  GatewayUnderTest gateway(upstream);
  EXPECT_EQ(StatusOf(gateway.Get("/api/v1/query?query=up", "token-a2")), 401);
  WriteTokenFile(gateway.tokens_file(), {RecordOf("token-a", "A"), RecordOf("token-a2", "A")});
  gateway.gateway().Refresh();
  for (const char* token : {"token-a", "token-a2"}) {
    EXPECT_EQ(StatusOf(gateway.Get("/api/v1/query?query=up", token)), 200) << token;
  }
  WriteTokenFile(gateway.tokens_file(), {RecordOf("token-a2", "A")});
  // Without being told: the file is watched.
  EXPECT_TRUE(Eventually(
      [&] { return StatusOf(gateway.Get("/api/v1/query?query=up", "token-a")) == 401; }));
  EXPECT_EQ(StatusOf(gateway.Get("/api/v1/query?query=up", "token-a2")), 200);
}

TEST(ReloadTest, AnExpiredTokenOpensNothing) {
  FakeUpstream upstream;
  GatewayUnderTest gateway(upstream);
  TokenRecord record = RecordOf("token-a", "A");
  record.expires = ParseUtc("2020-01-01T00:00:00Z");
  WriteTokenFile(gateway.tokens_file(), {record});
  gateway.gateway().Refresh();
  EXPECT_EQ(StatusOf(gateway.Get("/api/v1/query?query=up")), 401);
}

std::string LinesWith(const std::string& name, const std::string& page) {
  std::istringstream lines(page);
  std::string found;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name)) found += line + "\n";
  }
  return found;
}

TEST(ReloadTest, TheMetricsTellWhenTokensExpire) {
  FakeUpstream upstream;
  GatewayUnderTest gateway(upstream);
  EXPECT_EQ(LinesWith("usage_gateway_token_expiry", gateway.metrics()), "") << "none does";
  TokenRecord gone = RecordOf("token-a", "A"), soon = RecordOf("token-op", "");
  gone.expires = ParseUtc("2020-01-01T00:00:00Z");
  soon.expires = ParseUtc("2100-01-01T00:00:00Z");
  WriteTokenFile(gateway.tokens_file(), {gone, RecordOf("token-b", "B"), soon});
  gateway.gateway().Refresh();
  const std::string name = "usage_gateway_token_expiry_timestamp_seconds";
  EXPECT_EQ(LinesWith(name, gateway.metrics()),
            name + R"({tenant_id="A",token=")" + gone.id() + "\"} 1577836800\n" +  //
                name + R"({tenant_id="",token=")" + soon.id() + "\"} 4102444800\n");
}

TEST(ReloadTest, ABadTokenFileKeepsTheOldTokens) {
  FakeUpstream upstream;
  GatewayUnderTest gateway(upstream);
  std::ofstream(gateway.tokens_file()) << "{\"tokens\": [{\"tenant\": \"\"}]}";
  gateway.gateway().Refresh();
  EXPECT_EQ(StatusOf(gateway.Get("/api/v1/query?query=up")), 200);
  GatewayGauges gauges;
  gateway.gateway().Describe(&gauges);
  EXPECT_FALSE(gauges.tokens_reload_ok);
}

TEST(ReloadTest, AnEmptyTokenFileIsNoTokens) {
  FakeUpstream upstream;
  GatewayUnderTest gateway(upstream);
  WriteTokenFile(gateway.tokens_file(), {});
  gateway.gateway().Refresh();
  EXPECT_EQ(StatusOf(gateway.Get("/api/v1/query?query=up")), 401);
}

TEST(ReloadTest, ReloadsUnderLoadLoseNoRequest) {
  FakeUpstream first, second;
  GatewayUnderTest gateway(first);
  std::atomic<bool> is_over{false};
  std::atomic<int> good{0}, bad{0};
  std::vector<std::jthread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      RawClient client = gateway.Connect();
      while (!is_over) {
        std::string answer = client.Ask(
            "GET /api/v1/query?query=up HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-a\r\n"
            "\r\n");
        ++(StatusOf(answer) == 200 && BodyOf(answer) == kEmptyVector ? good : bad);
      }
    });
  }
  std::vector<TokenRecord> tokens = {RecordOf("token-a", "A")};
  for (int i = 0; i < 60; ++i) {
    GatewayConfig config = gateway.config();
    config.upstream.port = (i % 2 == 0 ? second : first).port();
    config.limits.max_concurrent = 10 + i;
    config.cache.max_bytes = i % 3 == 0 ? 1'000'000 : 0;
    tokens.push_back(RecordOf("extra-" + std::to_string(i), "B"));
    WriteTokenFile(gateway.tokens_file(), tokens);
    gateway.gateway().Reload(config);
    gateway.gateway().Refresh();
    int before = good;
    ASSERT_TRUE(Eventually([&] { return good > before + 4 || bad > 0; }));
  }
  is_over = true;
  clients.clear();
  EXPECT_EQ(bad, 0);
  EXPECT_GT(second.seen().size(), 0u);
}

TEST(ReloadTest, StoppingLetsARequestThatIsUnderWayFinish) {
  Gate end;
  FakeUpstream upstream([&](const SeenRequest&, const Line& line) {
    end.Wait();
    return line.Send(JsonAnswer(kEmptyVector));
  });
  GatewayUnderTest gateway(upstream);
  RawClient idle = gateway.Connect(), busy = gateway.Connect();
  busy.Send(
      "GET /api/v1/query?query=up HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-a\r\n\r\n");
  ASSERT_TRUE(Eventually([&] { return upstream.seen().size() == 1; }));
  std::jthread stopping([&] { gateway.front().Stop(); });
  EXPECT_EQ(idle.ReadToEnd(), "");
  end.Open();
  EXPECT_EQ(StatusOf(busy.ReadToEnd()), 200);
}

}  // namespace
}  // namespace usage::gateway::testing
