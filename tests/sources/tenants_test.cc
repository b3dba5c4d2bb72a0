// Tenants from a table, a query and a file.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "sources/postgres/source_factory.h"
#include "tests/sources/grants.h"
#include "tests/support/golden.h"
#include "tests/support/postgres.h"

namespace usage::testing {
namespace {

using ::testing::HasSubstr;

std::string ToText(const TenantInfo& tenant) {
  return tenant.id + " | " + tenant.name + " | " + tenant.time_zone + " | " +
         std::to_string(tenant.billing_day) + " | " +
         (tenant.quota_bytes ? std::to_string(*tenant.quota_bytes) : "∅") + " | " + tenant.plan +
         (tenant.week_start.empty() ? "" : " | " + tenant.week_start) + "\n";
}

// The tenants, or the message of the exception.
std::string Read(TenantSource& source) {
  try {
    std::string text;
    for (const TenantInfo& tenant : source.Read()) text += ToText(tenant);
    return text;
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

class SqlTenantsTest : public ::testing::Test {
 protected:
  SqlTenantsTest() { config_.database.dsn = db_.dsn(role_); }

  std::string ReadSql(const std::string& sql) {
    config_.sql = sql;
    config_.table.clear();
    std::string text = Read(*MakeTenantSource(config_));
    return text.substr(text.rfind(": tenants: ") == std::string::npos ? 0 : text.rfind(": ") + 2);
  }

  TestDatabase db_;
  const std::string role_ = db_.CreateRole();
  TenantsConfig config_;
};

TEST_F(SqlTenantsTest, TableOfThePanelHasNamesOnly) {
  db_.ExecFile(PanelSchemaPath());
  GrantAsDocumented(db_, "tenants", role_);
  db_.Exec(
      "INSERT INTO tenants VALUES ('11111111-0000-0000-0000-000000000001', 'Harbour'),"
      " ('11111111-0000-0000-0000-000000000002', NULL)");
  config_.default_time_zone = "Africa/Nairobi";
  config_.default_billing_day = 5;
  EXPECT_EQ(Read(*MakeTenantSource(config_)),
            "11111111-0000-0000-0000-000000000001 | Harbour | Africa/Nairobi | 5 | ∅ | \n"
            "11111111-0000-0000-0000-000000000002 | 11111111-0000-0000-0000-000000000002 | "
            "Africa/Nairobi | 5 | ∅ | \n");
}

TEST_F(SqlTenantsTest, OptionalColumnsAreReadWhereTheyAre) {
  db_.Exec(
      "CREATE TABLE tenants (id int PRIMARY KEY, name text, secret text, time_zone text,"
      " billing_day smallint, quota_bytes bigint, plan text); GRANT SELECT (id, name,"
      " time_zone, billing_day, quota_bytes, plan) ON tenants TO " +
      role_);
  db_.Exec(
      "INSERT INTO tenants VALUES (7, 'Harbour', 'x', 'Asia/Kathmandu', 31, 500, 'gold'),"
      " (8, 'North', 'x', ' ', NULL, NULL, NULL)");
  EXPECT_EQ(Read(*MakeTenantSource(config_)),
            "7 | Harbour | Asia/Kathmandu | 31 | 500 | gold\n8 | North | UTC | 1 | ∅ | \n");
}

TEST_F(SqlTenantsTest, QueryGivesColumnsByName) {
  EXPECT_EQ(ReadSql("SELECT 'gold' AS plan, 'North' AS name, 8 AS id, 9000000000 AS quota_bytes;"),
            "8 | North | UTC | 1 | 9000000000 | gold\n");
}

TEST_F(SqlTenantsTest, WeekStartThatNobodyKnowsStopsNothing) {
  EXPECT_EQ(ReadSql("SELECT 1 AS id, 'a' AS name, 'sunday' AS week_start"),
            "1 | a | UTC | 1 | ∅ |  | sunday\n");
  EXPECT_EQ(ReadSql("SELECT 1 AS id, 'a' AS name, 0 AS week_start"), "1 | a | UTC | 1 | ∅ | \n");
}

// What differs from the configuration's, "name=value" each, and what is wrong.
std::string AlertsOf(const TenantInfo& tenant, const TenantsConfig& config) {
  std::string text;
  for (size_t i = 0; i < kAlertKinds.size(); ++i) {
    if (tenant.alerts[i] == config.default_alerts[i]) continue;
    std::ostringstream value;
    if (tenant.alerts[i]) value << *tenant.alerts[i];
    text.append(kAlertKinds[i].name).append("=").append(value.str()).append(" ");
  }
  return text + tenant.alerts_fault;
}

std::string AlertsOfAll(const TenantsConfig& config) {
  std::string text;
  for (const TenantInfo& tenant : MakeTenantSource(config)->Read()) {
    text += tenant.id + ": " + AlertsOf(tenant, config) + "\n";
  }
  return text;
}

constexpr char kRowsOfAlerts[] =
    " (VALUES (1, 'a', '{\"quota_warning\": \"75%\", \"no_sessions\": 3}'), (2, 'b', NULL), (3, "
    "'c', ''),"
    " (4, 'd', '{\"quota_warning\": \"off\"}')) v (id, name, alerts)";

TEST_F(SqlTenantsTest, AlertsAreJsonOrTextOverTheDefaults) {
  config_.table.clear();
  config_.default_alerts[1] = 0.85;
  const std::string expected =
      "1: quota_warning=0.75 no_sessions=3 \n2: \n3: \n4: quota_warning= \n";
  for (const std::string type : {"text", "json", "jsonb"}) {
    config_.sql =
        "SELECT id, name, nullif(alerts, '')::" + type + " AS alerts FROM" + kRowsOfAlerts;
    EXPECT_EQ(AlertsOfAll(config_), expected) << type;
  }
  config_.sql = std::string("SELECT id, name, alerts FROM") + kRowsOfAlerts;
  EXPECT_EQ(AlertsOfAll(config_), expected) << "an empty text is none";
  config_.sql = "SELECT 1 AS id, 'a' AS name, 'quota_notice: 60%' AS alerts";
  EXPECT_EQ(AlertsOfAll(config_), "1: quota_notice=0.6 \n");
}

TEST_F(SqlTenantsTest, ATenantsBadAlertsCostItTheFaultyKeysOnly) {
  config_.table.clear();
  config_.sql =
      "SELECT v.*, 'x' AS name FROM (VALUES"
      " (1, '{\"quota_warning\": \"75%\", \"no_sessions\": \"few\", \"quota_notices\": 1}'), (2, "
      "'true'),"
      " (3, '{\"quota_warning'), (4, '{\"quota_warning\": \"60%\"}'), (5, repeat('[', 5000)), (6, "
      "repeat('[', 4000))) v (id, alerts)";
  testing::ExpectGolden(USAGE_SOURCE_DIR "/tests/sources/bad_alerts.golden", AlertsOfAll(config_));
}

TEST_F(SqlTenantsTest, FaultsNameColumnAndTenant) {
  EXPECT_EQ(ReadSql("SELECT 1 AS id, 'a' AS name, 'x' AS timezone"), "did you mean 'time_zone'?");
  EXPECT_EQ(ReadSql("SELECT 1 AS id"), "the query gives no column name");
  EXPECT_EQ(ReadSql("SELECT NULL AS id, 'a' AS name"), "a row has no id");
  EXPECT_EQ(ReadSql("SELECT 1 AS id, 'a' AS name UNION ALL SELECT 1, 'b'"), "the id 1 comes twice");
  EXPECT_EQ(ReadSql("SELECT 1 AS id, 'a' AS name, 32 AS billing_day"),
            "billing_day of the tenant 1 is 32, expected a day from 1 to 31");
  EXPECT_EQ(ReadSql("SELECT 1 AS id, 'a' AS name, -5 AS quota_bytes"),
            "quota_bytes of the tenant 1 is -5, expected a whole number of bytes");
}

TEST_F(SqlTenantsTest, MissingTableAndRightAreNamed) {
  EXPECT_THAT(Read(*MakeTenantSource(config_)), HasSubstr("there is no table tenants; set "
                                                          "tenants.table"));
  db_.ExecFile(PanelSchemaPath());
  EXPECT_THAT(Read(*MakeTenantSource(config_)),
              HasSubstr("GRANT SELECT ON public.tenants TO " + role_ + ";"));
}

class TenantsFileTest : public ::testing::Test {
 protected:
  ~TenantsFileTest() override { std::filesystem::remove(path_); }

  std::string ReadText(const std::string& yaml) {
    std::ofstream(path_) << yaml;
    config_.file = path_;
    std::string text = Read(*MakeTenantSource(config_));
    ReplaceAll(text, path_, "FILE");
    return text;
  }

  const std::string path_ = ::testing::TempDir() + "usage_tenants_" + std::to_string(getpid());
  TenantsConfig config_;
};

TEST_F(TenantsFileTest, ExampleOfTheRepositoryIsRead) {
  config_.file = USAGE_SOURCE_DIR "/config/tenants.yaml";
  EXPECT_EQ(
      Read(*MakeTenantSource(config_)),
      "8d5c1c0e-6a52-4a2c-9d3e-0b6f7c1a2b3c | Harbour Hotel | Africa/Nairobi | 1 | "
      "500000000000 | gold | monday\nnorthside.example | Northside Estate | UTC | 1 | ∅ | \n");
}

TEST_F(TenantsFileTest, AlertsAreReadOverTheDefaults) {
  std::ofstream(path_) << "tenants: [{id: a, alerts: {traffic_spike: off, quota_used_up: 120%}}]";
  config_.file = path_;
  EXPECT_EQ(AlertsOfAll(config_), "a: quota_used_up=1.2 traffic_spike= \n");
}

TEST_F(TenantsFileTest, EveryFaultIsNamedWithItsLine) {
  EXPECT_EQ("\n" + ReadText(R"(tenants:
  - id: a
    nmae: A
  - id: a
    time_zone: Africa/Nowhere
    billing_day: 32
    quota: 5 apples
  - name: B
    alerts: {quota_warning: 0.8}
)"),
            R"(
FILE:3:5: tenants[0]: unknown key 'nmae': did you mean 'name'?
FILE:4:5: tenants[1]: the id 'a' is that of the tenant in line 2 already; an id names one tenant
FILE:5:16: tenants[1].time_zone: the time zone database has no zone 'Africa/Nowhere'; write a name such as Africa/Nairobi
FILE:6:18: tenants[1].billing_day: must be from 1 to 31, not '32'
FILE:7:12: tenants[1].quota: must be a size such as 500GB, 2TiB or 1048576, not '5 apples'
FILE:8:5: tenants[2].id: is missing; write the id as the sessions' rows have it
FILE:9:29: tenants[2].alerts.quota_warning: must be a whole number such as 1%, or off, not '0.8')");
}

TEST_F(TenantsFileTest, MissingFileIsNamed) {
  config_.file = "/nowhere/tenants.yaml";
  EXPECT_THAT(Read(*MakeTenantSource(config_)), HasSubstr("/nowhere/tenants.yaml"));
}

}  // namespace
}  // namespace usage::testing
