#include "net/web_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/net/certificates.h"
#include "tests/support/bad_corpus.h"
#include "tests/support/temp_folder.h"

namespace usage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::filesystem::path kCorpus = std::filesystem::path(USAGE_SOURCE_DIR) / "tests/net/bad_web";

class BadWebConfig : public ::testing::TestWithParam<std::string> {};

TEST_P(BadWebConfig, IsRefusedWithFileLineAndRemedy) {
  testing::ExpectRefused(kCorpus, GetParam(), LoadWebConfig);
}

INSTANTIATE_TEST_SUITE_P(Corpus, BadWebConfig, ::testing::ValuesIn(testing::CorpusNames(kCorpus)),
                         [](const auto& test) { return test.param; });

TEST(WebConfigFile, MayBeEmptyAsForOtherExporters) {
  testing::TempFolder folder;
  testing::WriteFile(folder / "web.yaml", "");
  Expected<WebConfig> config = LoadWebConfig(folder / "web.yaml");
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(*config, WebConfig());
}

TEST(WebConfigFile, TakesEveryKeyThatIsSupported) {
  testing::TempFolder folder;
  testing::MakeCertificate(folder.path(), "server", "DNS:localhost");
  testing::WriteFile(folder / "web.yaml", R"(
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: server.crt
  client_allowed_sans: [prometheus.example, 10.0.0.1]
  min_version: TLS12
  max_version: TLS12
  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [X25519, CurveP256]
http_server_config:
  http2: false
  headers:
    Content-Security-Policy: default-src 'none'
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: "0"
    Strict-Transport-Security: max-age=1
basic_auth_users:
  prometheus: $2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG
rate_limit: {interval: 1s, burst: 20}
)");
  Expected<WebConfig> config = LoadWebConfig(folder / "web.yaml");
  ASSERT_TRUE(config) << config.error();
  ASSERT_TRUE(config->tls);
  EXPECT_EQ(config->tls->cert_file, folder / "server.crt");
  EXPECT_EQ(config->tls->key_file, folder / "server.key");
  EXPECT_EQ(config->tls->client_auth, ClientAuth::kRequireAndVerify);
  EXPECT_EQ(config->tls->client_ca_file, folder / "server.crt");
  EXPECT_THAT(config->tls->client_allowed_sans, ElementsAre("prometheus.example", "10.0.0.1"));
  EXPECT_EQ(config->tls->max_version, TlsVersion::kTls12);
  EXPECT_THAT(config->tls->cipher_suites, ElementsAre("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"));
  EXPECT_FALSE(config->tls->prefer_server_cipher_suites);
  EXPECT_THAT(config->tls->curve_preferences, ElementsAre("X25519", "P-256"));
  EXPECT_EQ(config->headers.size(), 5u);
  EXPECT_EQ(config->headers.at("X-XSS-Protection"), "0");
  EXPECT_TRUE(config->basic_auth_users.contains("prometheus"));
  EXPECT_EQ(config->rate_limit.interval, std::chrono::seconds(1));
  EXPECT_EQ(config->rate_limit.burst, 20);
}

TEST(WebConfigFile, IsRefusedWhenTheKeyIsOfAnotherCertificate) {
  testing::TempFolder folder;
  testing::MakeCertificate(folder.path(), "server", "DNS:localhost");
  testing::MakeCertificate(folder.path(), "other", "DNS:localhost");
  testing::WriteFile(folder / "web.yaml",
                     "tls_server_config: {cert_file: server.crt, key_file: other.key}\n");
  Expected<WebConfig> config = LoadWebConfig(folder / "web.yaml");
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error(), HasSubstr("key_file " + (folder / "other.key") + ": no private key"));
  EXPECT_THAT(config.error(), HasSubstr("key values mismatch"));
}

}  // namespace
}  // namespace usage
