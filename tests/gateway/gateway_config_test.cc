#include "gateway/gateway_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "gateway/upstream_url.h"

namespace usage::gateway {
namespace {

using ::testing::HasSubstr;

const std::string kLeast = "upstream: {url: 'http://127.0.0.1:9090'}\ntokens: {file: t.json}\n";

std::string Faults(const std::string& text) {
  auto read = ParseGatewayConfig("dir/gw.yaml", text);
  return read ? "" : read.error();
}

TEST(GatewayConfigTest, TheLeastIsAnUpstreamAndATokenFile) {
  auto config = ParseGatewayConfig("dir/gw.yaml", kLeast);
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->upstream.port, 9090);
  EXPECT_EQ(config->tokens_file, "dir/t.json");
  EXPECT_EQ(config->label, "tenant_id");
  EXPECT_EQ(config->LimitsOf("anybody"), TenantLimits{});
}

TEST(GatewayConfigTest, ATenantsLimitsAreThoseOfAllButForWhatItNames) {
  auto config = ParseGatewayConfig(
      "gw.yaml", kLeast +
                     "limits: {max_points: 7, burst: 3}\n"
                     "tenants: {acme: {burst: 9}}\noperator_limits: {max_points: 0}\n");
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->LimitsOf("acme").max_points, 7);
  EXPECT_EQ(config->LimitsOf("acme").burst, 9);
  EXPECT_EQ(config->LimitsOf("other").burst, 3);
  EXPECT_EQ(config->operators.max_points, 0);
}

TEST(GatewayConfigTest, EveryFaultIsNamed) {
  struct Row {
    const char* text;
    const char* fault;
  };
  for (const Row& row : {
           Row{"label: __name__\n", "label"},
           Row{"limits: {max_pionts: 1}\n", "did you mean 'max_points'"},
           Row{"limits: {max_points: -1}\n", "max_points"},
           Row{"limits: {max_query_bytes: 10MB}\n", "512KiB"},
           Row{"limits: {max_query_depth: 1000}\n", "max_query_depth"},
           Row{"tenants: {'': {}}\n", "empty"},
           Row{"api_version: latest\n", "api_version"},
           Row{"tls: {}\n", "tls"},
       }) {
    EXPECT_THAT(Faults(kLeast + row.text), HasSubstr(row.fault)) << row.text;
  }
  EXPECT_THAT(Faults("tokens: {file: x}\n"), HasSubstr("upstream"));
  EXPECT_THAT(Faults("upstream: {url: 'http://a'}\n"), HasSubstr("tokens"));
  for (const char* upstream :
       {"{url: 'ftp://x'}", "{url: 'http://u:p@x'}", "{url: 'http://x/../y'}", "{url: 'http://'}",
        "{url: 'http://x', headers: {Host: y}}", "{url: 'http://x', headers: {'a b': y}}",
        "{url: 'http://x', tls: {ca_file: x}}", "{url: 'https://x', tls: {ca_file: /nonexistent}}",
        "{url: 'http://x', basic_auth: {username: a, password_file: /nonexistent}}"}) {
    EXPECT_THAT(Faults("upstream: " + std::string(upstream) + "\ntokens: {file: x}\n"),
                HasSubstr("upstream"))
        << upstream;
  }
}

TEST(GatewayConfigTest, TheExampleIsGoodAndNamesEveryKey) {
  std::string path = std::string(USAGE_SOURCE_DIR) + "/config/usage_gateway.yaml";
  auto config = LoadGatewayConfig(path);
  EXPECT_TRUE(config) << config.error();
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const std::string& key : KnownGatewayConfigKeys()) {
    EXPECT_THAT(text, HasSubstr(key.substr(key.rfind('.') + 1) + ":")) << key;
  }
}

TEST(UpstreamUrlTest, IsTakenApart) {
  UpstreamConfig config;
  EXPECT_EQ(ReadUpstreamUrl("https://[::1]:8443/select/0:0/prometheus/", &config), "");
  EXPECT_EQ(config.host, "::1");
  EXPECT_EQ(config.port, 8443);
  EXPECT_EQ(config.prefix, "/select/0:0/prometheus");
  EXPECT_TRUE(config.tls);
  EXPECT_EQ(ReadUpstreamUrl("http://thanos", &config), "");
  EXPECT_EQ(config.port, 80);
  EXPECT_FALSE(config.tls);
}

}  // namespace
}  // namespace usage::gateway
