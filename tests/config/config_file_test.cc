#include "config/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/support/golden.h"
#include "tests/support/temp_folder.h"

namespace usage {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using std::filesystem::perms;

constexpr char kDatabase[] = "database: {dsn: \"host=db.example dbname=billing user=reader\"}\n";

class ConfigFile : public ::testing::Test {
 protected:
  // Loads that text from a file which only its owner may read.
  Config Load(const std::string& text) {
    std::string path = Write("config.yaml", text, perms::owner_read);
    Expected<Config> config = LoadConfig(path);
    EXPECT_TRUE(config) << config.error();
    return config ? *config : Config();
  }

  std::string Write(const std::string& name, const std::string& text, perms rights) {
    std::string path = folder_ / name;
    std::filesystem::remove(path);
    testing::WriteFile(path, text);
    std::filesystem::permissions(path, rights);
    return path;
  }

  testing::TempFolder folder_;
};

TEST_F(ConfigFile, OfThreeLinesIsEnough) {
  Config config = Load(std::string(kDatabase) + "sources:\n  - type: user_sessions\n");
  ASSERT_EQ(config.sources.size(), 1u);
  EXPECT_EQ(config.sources[0].name, "user_sessions");
  EXPECT_EQ(config.sources[0].database.display, "db.example:5432/billing as reader");
  EXPECT_EQ(config.sources[0].interval, seconds(5));
  EXPECT_EQ(config.sources[0].timeout, seconds(4));
  EXPECT_EQ(std::get<UserSessionsConfig>(config.sources[0].kind), UserSessionsConfig());
  EXPECT_EQ(config.ledger, LedgerConfig());
  EXPECT_EQ(config.tenants.table, "tenants");
  EXPECT_EQ(config.tenants.database, config.sources[0].database);
  EXPECT_EQ(config.storage.database, config.sources[0].database);
  EXPECT_EQ(config.storage.schema, "usage");
  EXPECT_THAT(config.warnings, IsEmpty());
}

TEST_F(ConfigFile, TakesEveryKeyOfUserSessions) {
  Config config = Load(std::string(kDatabase) + R"(
sources:
  - name: panel
    type: user_sessions
    database: {dsn: "postgresql://other@other.example/panel"}
    interval: 10s
    timeout: 2500ms
    table: billing.user_sessions
    time_zone: Africa/Nairobi
    access_sql: "CASE WHEN s.voucher = '(;' THEN 'hotspot' ELSE 'pppoe' END"
    subscriber_sql: lower(s.mac_address)
    open_statuses: [" Active ", trial]
    used_only: upload
)");
  const SourceConfig& source = config.sources.at(0);
  EXPECT_EQ(source.name, "panel");
  EXPECT_EQ(source.database.display, "other.example:5432/panel as other");
  EXPECT_EQ(source.interval, seconds(10));
  EXPECT_EQ(source.timeout, milliseconds(2500));
  const auto& kind = std::get<UserSessionsConfig>(source.kind);
  EXPECT_EQ(kind.table, "billing.user_sessions");
  EXPECT_EQ(kind.time_zone, "Africa/Nairobi");
  EXPECT_EQ(kind.access_sql, "CASE WHEN s.voucher = '(;' THEN 'hotspot' ELSE 'pppoe' END");
  EXPECT_EQ(kind.subscriber_sql, "lower(s.mac_address)");
  EXPECT_THAT(kind.open_statuses, ElementsAre("active", "trial"));
  EXPECT_EQ(kind.used_only, UsedOnly::kUpload);
}

TEST_F(ConfigFile, TakesEveryKeyOfRadacct) {
  Config config = Load(std::string(kDatabase) + R"(
sources:
  - type: radacct
    table: accounting
    schemas_sql: SELECT schema_name, id FROM customers
    access_sql: r.class
    subscriber_sql: lower(r.username)
  - type: radacct
    name: by_realm
    tenant_sql: r.class
)");
  const auto& by_schema = std::get<RadacctConfig>(config.sources.at(0).kind);
  EXPECT_EQ(by_schema.table, "accounting");
  EXPECT_EQ(by_schema.schemas_sql, "SELECT schema_name, id FROM customers");
  EXPECT_EQ(by_schema.access_sql, "r.class");
  EXPECT_EQ(by_schema.subscriber_sql, "lower(r.username)");
  const auto& by_realm = std::get<RadacctConfig>(config.sources.at(1).kind);
  EXPECT_EQ(by_realm.tenant_sql, "r.class");
  EXPECT_EQ(by_realm.schemas_sql, "");
}

TEST_F(ConfigFile, TakesEveryKeyOfGrafana) {
  Write("ca.pem", "", perms::owner_read);
  Config config = Load(std::string(kDatabase) + R"(
sources: [{type: radacct}]
grafana:
  url: https://grafana.example/live
  ca_file: ca.pem
  live: {interval: 200ms, timeout: 2s, concurrency: 8, top_subscribers: 0}
)");
  ASSERT_TRUE(config.grafana);
  EXPECT_EQ(config.grafana->url, (HttpUrl{"grafana.example", 443, "/live", true}));
  EXPECT_EQ(config.grafana->ca_file, folder_ / "ca.pem");
  EXPECT_EQ(config.grafana->live, (LiveConfig{milliseconds(200), seconds(2), 8, 0}));
}

TEST_F(ConfigFile, PushesNothingWithoutTheSectionLive) {
  const std::string sources = std::string(kDatabase) + "sources: [{type: radacct}]\n";
  EXPECT_FALSE(Load(sources).grafana);
  EXPECT_FALSE(Load(sources + "grafana: {url: http://127.0.0.1:3000}\n").grafana->live);
  EXPECT_EQ(Load(sources + "grafana: {url: http://127.0.0.1:3000, live: {}}\n").grafana->live,
            LiveConfig());
}

TEST_F(ConfigFile, TakesEveryKeyOfRouters) {
  for (const char* name : {"ca.pem", "password", "community"}) {
    Write(name, "hunter2hunter2\n", perms::owner_read);
  }
  Config config = Load(std::string(kDatabase) + R"(
sources: [{type: radacct}]
routers:
  sql: SELECT name, address FROM devices
  refresh: 5m
  interval: 10s
  details_interval: 1m
  timeout: 3s
  concurrency: 32
  default_protocol: routeros_api
  default_tls: {ca_file: ca.pem}
  authority: {hotspot: router, pppoe: max}
  carry_max: 1h
  credentials:
    default: {user: usage, password_file: password}
    snmp: {community_file: community}
    v3:
      user: m
      auth_password_file: password
      privacy_password_file: password
      privacy_protocol: DES
)");
  ASSERT_TRUE(config.routers);
  const RoutersConfig& routers = *config.routers;
  EXPECT_EQ(routers.sql, "SELECT name, address FROM devices");
  EXPECT_EQ(routers.table, "");
  EXPECT_EQ(routers.database, config.storage.database);
  EXPECT_EQ(routers.refresh, minutes(5));
  EXPECT_EQ(routers.interval, seconds(10));
  EXPECT_EQ(routers.details, minutes(1));
  EXPECT_EQ(routers.timeout, seconds(3));
  EXPECT_EQ(routers.concurrency, 32);
  EXPECT_EQ(routers.default_protocol, RouterProtocol::kApi);
  EXPECT_EQ(routers.default_tls.ca_file, folder_ / "ca.pem");
  EXPECT_EQ(routers.authority[0], Authority::kRouter);
  EXPECT_EQ(routers.authority[1], Authority::kMax);
  EXPECT_EQ(routers.carry_max, hours(1));
  EXPECT_EQ(routers.credentials.at("default").password.file, folder_ / "password");
  EXPECT_EQ(routers.credentials.at("snmp").community.file, folder_ / "community");
  EXPECT_EQ(routers.credentials.at("v3").auth_protocol, "SHA");
  EXPECT_EQ(routers.credentials.at("v3").privacy_protocol, "DES");
}

TEST_F(ConfigFile, AsksNoRouterWithoutTheSection) {
  const std::string sources = std::string(kDatabase) + "sources: [{type: radacct}]\n";
  EXPECT_FALSE(Load(sources).routers);
  const Config config = Load(sources + "routers: {}\n");
  RoutersConfig expected;
  expected.database = config.storage.database;
  EXPECT_EQ(config.routers, expected);
  EXPECT_EQ(expected.table, "routers");
}

TEST_F(ConfigFile, TakesEveryKeyOfTheOtherSections) {
  Config config = Load(std::string(kDatabase) + R"(
sources: [{type: radacct}]
tenants:
  sql: SELECT id, name FROM customers
  database: {dsn: "host=crm.example user=reader dbname=crm"}
  refresh: 5m
  keep_for: 7d
  default_time_zone: Asia/Kathmandu
  default_billing_day: 31
alerts:
  quota_notice: off
  quota_warning: 75%
  traffic_spike: 1000%
  no_sessions: 12
ledger:
  line_rate: 10Gbit/s
  day_closes_after: 1h30m
  stale_after: 45m
  top_subscribers: 25
storage:
  database: {dsn: "host=own.example user=writer dbname=usage"}
  schema: usage_2
  fold_interval: 30s
  timeout: 10s
)");
  EXPECT_EQ(config.tenants.table, "");
  EXPECT_EQ(config.tenants.sql, "SELECT id, name FROM customers");
  EXPECT_EQ(config.tenants.database.display, "crm.example:5432/crm as reader");
  EXPECT_EQ(config.tenants.refresh, minutes(5));
  EXPECT_EQ(config.tenants.keep_for, hours(7 * 24));
  EXPECT_EQ(config.tenants.default_time_zone, "Asia/Kathmandu");
  EXPECT_EQ(config.tenants.default_billing_day, 31);
  EXPECT_EQ(config.tenants.default_alerts,
            (AlertThresholds{std::nullopt, 0.75, 0.9, 1, 1, 10, 0.2, 12, 0.5}));
  EXPECT_EQ(config.ledger.line_bits_per_second, 10'000'000'000u);
  EXPECT_EQ(config.ledger.day_closes_after, minutes(90));
  EXPECT_EQ(config.ledger.stale_after, minutes(45));
  EXPECT_EQ(config.ledger.top_subscribers, 25);
  EXPECT_EQ(config.storage.database.display, "own.example:5432/usage as writer");
  EXPECT_EQ(config.storage.schema, "usage_2");
  EXPECT_EQ(config.storage.fold_interval, seconds(30));
  EXPECT_EQ(config.storage.timeout, seconds(10));
}

TEST_F(ConfigFile, NeedsNoDefaultDatabaseWhereEverySectionHasItsOwn) {
  Config config = Load(R"(
sources: [{type: radacct, database: {dsn: "host=a.example user=u dbname=d"}}]
tenants: {table: t, database: {dsn: "host=b.example user=u dbname=d"}}
storage: {database: {dsn: "host=c.example user=u dbname=d"}}
)");
  EXPECT_EQ(config.sources.at(0).database.display, "a.example:5432/d as u");
  EXPECT_EQ(config.tenants.database.display, "b.example:5432/d as u");
  EXPECT_EQ(config.storage.database.display, "c.example:5432/d as u");
}

TEST_F(ConfigFile, TakesTheTenantsFileFromItsOwnFolder) {
  std::string tenants = Write("tenants.yaml", "tenants: []\n", perms::owner_read);
  Config config =
      Load(std::string(kDatabase) + "sources: [{type: radacct}]\ntenants: {file: tenants.yaml}\n");
  EXPECT_EQ(config.tenants.file, tenants);
  EXPECT_EQ(config.tenants.table, "");
}

TEST_F(ConfigFile, TakesAVariableIntoTheDsn) {
  ::setenv("USAGE_TEST_HOST", "env.example", 1);
  ::setenv("USAGE_TEST_SECRET", "hunter2", 1);
  Config config = Load(
      "database: {dsn: \"host=${USAGE_TEST_HOST} password=${USAGE_TEST_SECRET} user=u dbname=d\"}\n"
      "sources: [{type: radacct}]\n");
  EXPECT_EQ(config.storage.database.dsn, "host=env.example password=hunter2 user=u dbname=d");
  EXPECT_EQ(config.storage.database.display, "env.example:5432/d as u");
}

TEST_F(ConfigFile, TakesThePasswordFromAFileOrAVariable) {
  Write("secret", "hunter2\r\n", perms::owner_read);
  ::setenv("USAGE_TEST_SECRET", "hunter3", 1);
  Config config = Load(
      "database: {dsn: host=a.example, password_file: secret}\n"
      "storage: {database: {dsn: host=b.example, password_env: USAGE_TEST_SECRET}}\n"
      "sources: [{type: radacct}]\n");
  EXPECT_EQ(config.tenants.database.password, "hunter2");
  EXPECT_EQ(config.storage.database.password, "hunter3");
  EXPECT_EQ(config.storage.database.dsn, "host=b.example");
}

class ConfigWarning : public ConfigFile {
 protected:
  std::string Only(const Config& config) {
    EXPECT_EQ(config.warnings.size(), 1u);
    return config.warnings.empty() ? "" : config.warnings[0];
  }
};

TEST_F(ConfigWarning, ForAPasswordThatEverybodyCanRead) {
  constexpr perms kAll = perms::owner_read | perms::group_read | perms::others_read;
  std::string path = Write("open.yaml",
                           "database: {dsn: \"postgresql://u:hunter2@h/d\"}\n"
                           "sources: [{type: radacct}]\n",
                           kAll);
  Expected<Config> config = LoadConfig(path);
  ASSERT_TRUE(config) << config.error();
  std::string warning = Only(*config);
  EXPECT_THAT(warning, HasSubstr("open.yaml:1:17: database.dsn: "));
  EXPECT_THAT(warning, HasSubstr("chmod o-r"));
  EXPECT_THAT(warning, Not(HasSubstr("hunter2")));
}

TEST_F(ConfigWarning, NotForAPasswordOfTheEnvironment) {
  ::setenv("USAGE_TEST_SECRET", "hunter2", 1);
  std::string path = Write("open.yaml",
                           "database: {dsn: \"postgresql://u:${USAGE_TEST_SECRET}@h/d\"}\n"
                           "sources: [{type: radacct}]\n",
                           perms::owner_read | perms::others_read);
  Expected<Config> config = LoadConfig(path);
  ASSERT_TRUE(config) << config.error();
  EXPECT_THAT(config->warnings, IsEmpty());
}

TEST_F(ConfigWarning, ForAPasswordFileThatEverybodyCanRead) {
  Write("secret", "hunter2\n", perms::owner_read | perms::others_read);
  std::string warning =
      Only(Load("database: {dsn: host=h, password_file: secret}\nsources: [{type: radacct}]\n"));
  EXPECT_THAT(warning, HasSubstr("database.password_file: "));
  EXPECT_THAT(warning, Not(HasSubstr("hunter2")));
}

TEST_F(ConfigWarning, ForATimeoutNotBelowTheInterval) {
  EXPECT_THAT(Only(Load(std::string(kDatabase) +
                        "sources: [{type: radacct, interval: 5s, timeout: 5s}]\n")),
              HasSubstr("sources[0].timeout: is not below the interval of 5s"));
}

TEST_F(ConfigWarning, ForATableThatIsReadTwice) {
  EXPECT_THAT(Only(Load(std::string(kDatabase) +
                        "sources: [{type: radacct}, {type: radacct, name: again}]\n")),
              HasSubstr("reads the same table as the source 'radacct'"));
}

TEST_F(ConfigWarning, NotForTheSameTableOfAnotherDatabase) {
  Config config = Load(std::string(kDatabase) +
                       "sources: [{type: radacct}, {type: radacct, name: other, "
                       "database: {dsn: host=other.example}}]\n");
  EXPECT_THAT(config.warnings, IsEmpty());
}

TEST_F(ConfigWarning, ForRadiusSessionsThatAreStaleBetweenTwoInterims) {
  EXPECT_THAT(Only(Load(std::string(kDatabase) +
                        "sources: [{type: radacct}]\nledger: {stale_after: 5m}\n")),
              HasSubstr("ledger.stale_after: is short for RADIUS"));
}

TEST_F(ConfigWarning, ForASchemaThatOthersUse) {
  EXPECT_THAT(Only(Load(std::string(kDatabase) +
                        "sources: [{type: radacct}]\nstorage: {schema: public}\n")),
              HasSubstr("storage.schema: is shared with other programs"));
}

TEST_F(ConfigFile, ThatIsNotThereIsNamed) {
  Expected<Config> config = LoadConfig(folder_ / "missing.yaml");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error(), (folder_ / "missing.yaml") +
                                ": can't be read (No such file or directory); check the path");
}

TEST_F(ConfigFile, ThatIsAFolderIsNamed) {
  Expected<Config> config = LoadConfig(folder_.path().string());
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error(), folder_.path().string() + ": is a folder; name a file in it");
}

TEST_F(ConfigFile, WritesBackOnlyWhenItIsToldTo) {
  const std::string routers = std::string(kDatabase) +
                              "sources: [{type: radacct}]\n"
                              "routers:\n  table: routers\n";
  EXPECT_FALSE(Load(routers).routers->write_back);
  const std::string database =
      "    database: {dsn: \"host=db.example dbname=billing user=writer\"}\n";
  const Config few = Load(routers + "  write_back:\n" + database);
  EXPECT_EQ(few.routers->write_back->rows.table, "user_sessions");
  EXPECT_EQ(few.routers->write_back->interval, seconds(30));
  const Config all = Load(routers + "  write_back:\n" + database +
                          R"(    table: panel.user_sessions
    time_zone: Africa/Nairobi
    access_sql: "'pppoe'"
    open_statuses: [Active, trial]
    interval: 2m
    rows_per_batch: 50
    pause: 250ms
    timeout: 3s
)");
  const WriteBackConfig& write_back = *all.routers->write_back;
  EXPECT_EQ(write_back.database.display, "db.example:5432/billing as writer");
  EXPECT_EQ(write_back.rows.table, "panel.user_sessions");
  EXPECT_EQ(write_back.rows.time_zone, "Africa/Nairobi");
  EXPECT_EQ(write_back.rows.access_sql, "'pppoe'");
  EXPECT_THAT(write_back.rows.open_statuses, ElementsAre("active", "trial"));
  EXPECT_EQ(write_back.interval, minutes(2));
  EXPECT_EQ(write_back.rows_per_batch, 50);
  EXPECT_EQ(write_back.pause, milliseconds(250));
  EXPECT_EQ(write_back.timeout, seconds(3));
}

// Neither the user nor the way of writing an address makes it another database.
TEST_F(ConfigFile, WritesBackToATableThatNoSourceReads) {
  const auto load = [&](const std::string& table, const std::string& dsn) {
    const std::string text = std::string(kDatabase) +
                             "sources: [{type: user_sessions}]\nrouters:\n  table: routers\n"
                             "  write_back:\n    table: " +
                             table + "\n    database: {dsn: \"" + dsn + "\"}\n";
    return LoadConfig(Write("config.yaml", text, perms::owner_read));
  };
  for (const char* dsn : {"host=db.example dbname=billing user=writer",
                          "postgresql://writer:hunter2@db.example:5432/billing",
                          "host=other.example,db.example dbname=billing"}) {
    const auto refused = load("public.user_sessions", dsn);
    ASSERT_FALSE(refused) << dsn;
    EXPECT_THAT(refused.error(), HasSubstr("the source 'user_sessions' in line 2 reads the table"));
  }
  EXPECT_TRUE(load("sessions", "host=db.example dbname=billing"));
  EXPECT_TRUE(load("user_sessions", "host=db.example dbname=panel user=writer"));
  EXPECT_TRUE(load("user_sessions", "host=db.example port=5433 dbname=billing user=writer"));
  EXPECT_TRUE(load("user_sessions", "host=other.example dbname=billing user=writer"));
}

}  // namespace
}  // namespace usage
