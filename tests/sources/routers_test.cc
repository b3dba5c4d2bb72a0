// The list of routers from a table, a query and a file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/router_fields.h"
#include "sources/postgres/source_factory.h"
#include "tests/sources/grants.h"
#include "tests/support/golden.h"
#include "tests/support/postgres.h"
#include "tests/support/temp_folder.h"

namespace usage::testing {
namespace {

using ::testing::HasSubstr;

std::string ToText(const RouterConfig& router) {
  std::string text = router.name + " | " + router.tenant + " | " +
                     RouterProtocolName(router.protocol) + " | " + router.host + " " +
                     std::to_string(router.port) + " | ";
  text += router.use_tls ? "tls " + router.tls.fingerprint.substr(0, 4) : "off";
  text += " | " + router.user + router.snmp.user + router.snmp.community + " | ";
  for (const RouterTable table : router.tables) text.append(RouterTableName(table)).append(" ");
  for (const std::string& uplink : router.uplinks) text.append("| ").append(uplink);
  return text + "\n";
}

// The routers and what is wrong with the others, or the message of the exception.
std::string Read(const RoutersConfig& config) {
  try {
    const RouterList list = MakeRouterListSource(config)->Read();
    std::string text;
    for (const RouterConfig& router : list.routers) text += ToText(router);
    for (const BadRouter& bad : list.bad) text += "bad '" + bad.name + "': " + bad.fault + "\n";
    EXPECT_THAT(text, ::testing::Not(HasSubstr("hunter2")));
    return text;
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

class RouterLists : public ::testing::Test {
 protected:
  RouterLists() {
    WriteFile(folder_ / "password", "hunter2hunter2\n");
    WriteFile(folder_ / "community", "public\n");
    config_.credentials["default"] = {"usage", {folder_ / "password", ""}, {}, "", {}, "", {}};
    config_.credentials["snmp"].community = {folder_ / "community", ""};
  }

  TempFolder folder_;
  RoutersConfig config_;
};

class RoutersFileTest : public RouterLists {
 protected:
  std::string ReadText(const std::string& yaml) {
    config_.file = folder_ / "routers.yaml";
    WriteFile(config_.file, yaml);
    std::string text = Read(config_);
    ReplaceAll(text, folder_.path().string() + "/", "");
    return text;
  }
};

TEST_F(RoutersFileTest, ExampleOfTheRepositoryIsRead) {
  config_.file = USAGE_SOURCE_DIR "/config/routers.yaml";
  EXPECT_EQ("\n" + Read(config_), R"(
harbour-1 | 8d5c1c0e-6a52-4a2c-9d3e-0b6f7c1a2b3c | routeros_rest | 10.20.0.1 443 | tls 9f86 | usage | hotspot_active pppoe_interface | ether1
northside-1 | northside.example | routeros_api | 10.20.0.2 8729 | tls  | usage | pppoe_interface 
core |  | snmp | 10.20.0.3 161 | tls  | public | hotspot_active pppoe_interface 
)");
}

TEST_F(RoutersFileTest, SaysItOfItsOwnWhereTheSectionSaysItOfAll) {
  config_.default_protocol = RouterProtocol::kApi;
  config_.default_use_tls = false;
  EXPECT_EQ("\n" + ReadText(R"(routers:
  - {name: a, address: 10.0.0.1}
  - {name: b, address: "[::1]:99", tls: {}, tables: [queue]}
  - {name: c, address: c, protocol: routeros_rest, credentials: {user: me, password_file: password}}
  - {name: d, address: d, protocol: snmp, credentials: {user: v3, auth_password_file: password}}
)"),
            R"(
a |  | routeros_api | 10.0.0.1 8728 | off | usage | hotspot_active pppoe_interface 
b |  | routeros_api | ::1 99 | tls  | usage | queue 
c |  | routeros_rest | c 80 | off | me | hotspot_active pppoe_interface 
d |  | snmp | d 161 | off | v3 | hotspot_active pppoe_interface 
)");
}

TEST_F(RoutersFileTest, AFaultCostsThatRouterOnly) {
  ExpectGolden(USAGE_SOURCE_DIR "/tests/sources/bad_routers.golden", ReadText(R"(routers:
  - {name: good, address: 10.0.0.1}
  - name: bad
    adress: 10.0.0.2
    protocol: telnet
  - {name: good, address: 10.0.0.3}
  - {address: "https://10.0.0.4"}
  - {name: e, address: e, credentials: snmp}
  - {name: f, address: f, credentials: {user: me, password_file: nowhere}}
  - {name: g, address: g, protocol: snmp, credentials: snmp, tls: off, tables: [arp]}
  - also
  - {name: last, address: 10.0.0.5, timeout: 2s}
)"));
}

TEST_F(RoutersFileTest, AFaultOfTheFileIsOfAll) {
  EXPECT_EQ(ReadText("router: []\n"),
            "routers.yaml:1:1: routers: is missing; write a list of routers\n"
            "routers.yaml:1:1: unknown key 'router': did you mean 'routers'?");
  EXPECT_THAT(ReadText("routers: [{name: a, address: b]"), HasSubstr("is not YAML here"));
}

class SqlRoutersTest : public RouterLists {
 protected:
  SqlRoutersTest() { config_.database.dsn = db_.dsn(role_); }

  std::string ReadSql(const std::string& sql) {
    config_.sql = sql;
    return Read(config_);
  }

  TestDatabase db_;
  const std::string role_ = db_.CreateRole();
};

TEST_F(SqlRoutersTest, TableOfAPanelIsReadAsFarAsItMayBe) {
  db_.Exec(
      "CREATE TABLE routers (id int PRIMARY KEY, tenant_id uuid, name text, ip_address inet,"
      " username text, password text, port int, protocol text);"
      "INSERT INTO routers VALUES"
      " (1, '11111111-0000-0000-0000-000000000001', 'harbour', '10.0.0.1/24', 'admin', 'hunter2',"
      "  8728, 'api'), (2, NULL, ' ', '2001:db8::1', 'admin', 'hunter2', NULL, NULL);"
      "GRANT SELECT (id, tenant_id, name, ip_address) ON routers TO " +
      role_);
  EXPECT_EQ(Read(config_),
            "harbour | 11111111-0000-0000-0000-000000000001 | routeros_rest | 10.0.0.1 443 | tls  |"
            " usage | hotspot_active pppoe_interface \n"
            "2 |  | routeros_rest | 2001:db8::1 443 | tls  | usage | hotspot_active"
            " pppoe_interface \n");
  db_.Exec("GRANT SELECT (port, protocol) ON routers TO " + role_);
  EXPECT_THAT(Read(config_), HasSubstr("| routeros_api | 10.0.0.1 8728 | tls"));
}

TEST_F(SqlRoutersTest, QueryGivesEveryColumn) {
  EXPECT_EQ(ReadSql("SELECT 'a' AS name, 7 AS tenant_id, 'r1:99' AS host, 'snmp' AS protocol,"
                    " 'snmp' AS credentials, '{queue,hotspot_active}'::text[] AS tables,"
                    " 'ether1, ether2' AS uplinks, false AS tls;"),
            "a | 7 | snmp | r1 99 | off | public | queue hotspot_active | ether1| ether2\n");
}

TEST_F(SqlRoutersTest, ARowWithAFaultCostsThatRouterOnly) {
  EXPECT_EQ("\n" + ReadSql(R"(
    SELECT * FROM (VALUES ('a', '10.0.0.1', NULL, NULL, NULL), ('a', '10.0.0.2', NULL, NULL, NULL),
      (NULL, '10.0.0.3', NULL, NULL, NULL), ('d', NULL, NULL, NULL, NULL),
      ('e', 'http://10.0.0.4', NULL, NULL, NULL), ('f', 'f', 'winbox', NULL, NULL),
      ('g', 'g', NULL, 70000, NULL), ('h', 'h', NULL, NULL, 'snpm'), ('i', 'i', NULL, 99, NULL)
    ) v (name, address, protocol, port, credentials))"),
            R"(
a |  | routeros_rest | 10.0.0.1 443 | tls  | usage | hotspot_active pppoe_interface 
i |  | routeros_rest | i 99 | tls  | usage | hotspot_active pppoe_interface 
bad 'a': routers: the router a: its name is another router's too; give one of them another
bad '': routers: row 3: its name is missing; write the router's name, one for each router
bad 'd': routers: the router d: its address is missing; write host or host:port
bad 'e': routers: the router e: its address 'http://10.0.0.4' is a URL; write host or host:port
bad 'f': routers: the router f: protocol is 'winbox' and must be routeros_rest, routeros_api or snmp
bad 'g': routers: the router g: port is '70000' and must be a port, from 1 to 65535
bad 'h': routers: the router h: there are no credentials 'snpm' in routers.credentials: did you mean 'snmp'?
)");
}

TEST_F(SqlRoutersTest, WhatIsWrongWithTheWholeListIsSaid) {
  EXPECT_THAT(Read(config_), HasSubstr("there is no table routers; set routers.table"));
  EXPECT_THAT(ReadSql("SELECT 'a' AS name, 'b' AS adress"), HasSubstr("did you mean 'address'?"));
  config_.sql.clear();
  db_.Exec("CREATE TABLE routers (id int, title text)");
  EXPECT_THAT(Read(config_), HasSubstr("GRANT SELECT ON public.routers TO " + role_));
  db_.Exec("GRANT SELECT ON routers TO " + role_);
  EXPECT_THAT(Read(config_), HasSubstr("public.routers has no column address"));
}

}  // namespace
}  // namespace usage::testing
