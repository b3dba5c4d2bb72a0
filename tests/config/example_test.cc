// The examples in config/ and the keys in docs/configuration.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "config/config_file.h"
#include "net/web_config.h"
#include "tests/support/golden.h"
#include "tests/support/temp_folder.h"

namespace usage {
namespace {

using ::testing::IsEmpty;

const std::filesystem::path kRoot = USAGE_SOURCE_DIR;

// In the examples "#key: …" and "#  key: …" are settings, "# Words …" are words.
std::string Uncommented(const std::string& text) {
  std::istringstream lines(text);
  std::string result;
  for (std::string line; std::getline(lines, line);) {
    result += std::regex_replace(line, std::regex("^( *)#((  +)?[^ ])"), "$1$2") + "\n";
  }
  return result;
}

int LinesOfSettings(const std::string& text) {
  std::istringstream lines(text);
  int count = 0;
  for (std::string line; std::getline(lines, line);) {
    size_t first = line.find_first_not_of(' ');
    if (first != std::string::npos && line[first] != '#') ++count;
  }
  return count;
}

class Example : public ::testing::TestWithParam<const char*> {
 protected:
  std::filesystem::path path() const { return kRoot / "config" / GetParam(); }
};

TEST_P(Example, LoadsWithoutAWarning) {
  Expected<Config> config = LoadConfig(path().string());
  ASSERT_TRUE(config) << config.error();
  EXPECT_THAT(config->warnings, IsEmpty());
}

TEST_P(Example, NeedsAtMostFifteenLines) {
  EXPECT_LE(LinesOfSettings(testing::ReadFile(path())), 15);
}

TEST_P(Example, ShowsTheDefaultsInItsComments) {
  testing::TempFolder folder;
  testing::WriteFile(folder / "usage_exporter.password", "secret\n");
  testing::WriteFile(folder / "tenants.yaml", "tenants: []\n");
  testing::WriteFile(folder / "routers.yaml", "routers: []\n");
  testing::WriteFile(folder / "routers.password", "secret\n");
  testing::WriteFile(folder / "example.yaml", Uncommented(testing::ReadFile(path())));
  Expected<Config> all = LoadConfig(folder / "example.yaml");
  ASSERT_TRUE(all) << all.error();
  Expected<Config> plain = LoadConfig(path().string());
  ASSERT_TRUE(plain) << plain.error();
  EXPECT_EQ(all->ledger, plain->ledger);
  EXPECT_EQ(all->storage.schema, plain->storage.schema);
  EXPECT_EQ(all->storage.fold_interval, plain->storage.fold_interval);
  EXPECT_EQ(all->storage.timeout, plain->storage.timeout);
  EXPECT_EQ(all->sources[0].kind, plain->sources[0].kind);
  EXPECT_EQ(all->sources[0].interval, plain->sources[0].interval);
  EXPECT_EQ(all->sources[0].timeout, plain->sources[0].timeout);
  EXPECT_EQ(all->sources[0].name, plain->sources[0].name);
  EXPECT_EQ(all->tenants.table, plain->tenants.table);
  EXPECT_EQ(all->tenants.refresh, plain->tenants.refresh);
  EXPECT_EQ(all->tenants.keep_for, plain->tenants.keep_for);
  EXPECT_EQ(all->tenants.default_time_zone, plain->tenants.default_time_zone);
  EXPECT_EQ(all->tenants.default_billing_day, plain->tenants.default_billing_day);
  EXPECT_EQ(all->tenants.default_alerts, plain->tenants.default_alerts);
  EXPECT_FALSE(plain->routers);
  RoutersConfig routers;
  routers.table.clear();
  routers.file = folder / "routers.yaml";
  routers.credentials["default"] = {"usage", {folder / "routers.password", ""}, {}, "", {}, "", {}};
  EXPECT_EQ(all->routers, routers);
  EXPECT_FALSE(plain->grafana);
  EXPECT_EQ(all->grafana.value_or(GrafanaConfig()).live, LiveConfig());
  EXPECT_FALSE(plain->alerting);
  const AlertingConfig alerting = all->alerting.value_or(AlertingConfig());
  EXPECT_EQ(alerting.orphans_to_operator, AlertingConfig().orphans_to_operator);
  EXPECT_EQ(alerting.operator_times, AlertingConfig().operator_times);
  EXPECT_EQ(alerting.tenant_times, AlertingConfig().tenant_times);
  EXPECT_EQ(alerting.contacts.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Configs, Example,
                         ::testing::Values("usage_exporter.user_sessions.yaml",
                                           "usage_exporter.radacct.yaml"),
                         [](const auto& test) {
                           return std::regex_replace(std::string(test.param), std::regex("[^a-z]"),
                                                     "_");
                         });

TEST(WebExample, Loads) {
  Expected<WebConfig> config = LoadWebConfig((kRoot / "config/web.yaml").string());
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->headers.size(), 2u);
}

// The first column of the tables: "| `sources[].interval` | …". Keys of the tenants file
// and the routers file have parsers of their own.
std::set<std::string> DocumentedKeys() {
  std::istringstream lines(testing::ReadFile(kRoot / "docs/configuration.md"));
  std::set<std::string> keys;
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (!std::regex_search(line, match, std::regex("^\\| `([^`]+)` \\|"))) continue;
    const std::string key = match[1];
    if (!key.starts_with("tenants[]") && !key.starts_with("routers[]")) keys.insert(key);
  }
  return keys;
}

TEST(ConfigurationPage, HasEveryKeyOfTheParsersAndNoOther) {
  std::set<std::string> known = KnownConfigKeys();
  known.merge(KnownWebConfigKeys());
  EXPECT_EQ(DocumentedKeys(), known);
}

}  // namespace
}  // namespace usage
