// The panel's table on a real PostgreSQL, read by a role that has what docs/grants.md gives it.
#include "sources/postgres/user_sessions.h"

#include <gmock/gmock.h>

#include <cctype>
#include <thread>

#include "tests/sources/grants.h"
#include "tests/sources/postgres_reader.h"

namespace usage::testing {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr char kA[] = "aaaaaaaa-0000-0000-0000-000000000001";
constexpr char kB[] = "bbbbbbbb-0000-0000-0000-000000000002";
constexpr char kC[] = "cccccccc-0000-0000-0000-000000000003";
constexpr char kT[] = "11111111-0000-0000-0000-000000000001";

class UserSessionsTest : public ::testing::Test {
 protected:
  UserSessionsTest() : UserSessionsTest("UTF8") {}
  explicit UserSessionsTest(const std::string& encoding)
      : db_(TestDatabase::Options{encoding}), role_(db_.CreateRole()), reader_(db_) {
    db_.ExecFile(PanelSchemaPath());
    GrantAsDocumented(db_, "user_sessions", role_);
    reader_.config().database.dsn = db_.dsn(role_);
    reader_.config().kind = UserSessionsConfig();
  }

  UserSessionsConfig& config() { return std::get<UserSessionsConfig>(reader_.config().kind); }

  // A row of the panel: `set` overrides columns, as "status = 'expired', data_upload = 5".
  void Insert(const std::string& id, const std::string& set = "") {
    db_.Exec("INSERT INTO user_sessions VALUES ('" + id + "', '" + kT +
             "', NULL, 'V7', '00:11:22:33:44:55', '2024-11-23 11:00', '2024-11-23 23:00', 'active',"
             " 30, 10, 20, '2024-11-23 11:00', '2024-11-23 11:59:55')");
    if (!set.empty()) Update(id, set);
  }

  void Update(const std::string& id, const std::string& set) {
    db_.Exec("UPDATE user_sessions SET " + set + " WHERE id = '" + id + "'");
  }

  TestDatabase db_;
  std::string role_;
  PostgresReader reader_;
};

// "A open 10/20 …": the ids of the tests by their letter, without tenant and subscriber.
std::string Short(std::string text) {
  for (const std::string& id : {std::string(kA), std::string(kB), std::string(kC)}) {
    const std::string letter(1, static_cast<char>(std::toupper(id[0])));
    for (size_t at; (at = text.find(id)) != std::string::npos;) text.replace(at, 36, letter);
  }
  const std::string names = std::string(" ") + kT + " V7 hotspot";
  for (size_t at; (at = text.find(names)) != std::string::npos;) text.erase(at, names.size());
  return text;
}

TEST_F(UserSessionsTest, OpenRowIsReadWithItsTenantSubscriberAndAccess) {
  Insert(kA);
  Insert(kB, "voucher = ' '");
  EXPECT_EQ(reader_.Read(),
            "aaaaaaaa-0000-0000-0000-000000000001 11111111-0000-0000-0000-000000000001 V7 hotspot "
            "open 10/20 11-23 11:00:00 .. 11-23 11:59:55\n"
            "bbbbbbbb-0000-0000-0000-000000000002 11111111-0000-0000-0000-000000000001 "
            "00:11:22:33:44:55 pppoe open 10/20 11-23 11:00:00 .. 11-23 11:59:55\n");
  EXPECT_EQ(reader_.Read(), "");
}

TEST_F(UserSessionsTest, SaysWhereASessionIsToWhomAsks) {
  Insert(kA);
  const auto where = [this] {
    reader_.Restart({});
    return ToText(reader_.ReadBatch().observations.at(0).where);
  };
  EXPECT_EQ(where(), "nothing");
  reader_.AskForWhereabouts();
  EXPECT_EQ(where(), "V7 00:11:22:33:44:55 - - -");
  Update(kA, "voucher = NULL");
  EXPECT_EQ(where(), "- 00:11:22:33:44:55 - - -");
  db_.Exec("ALTER TABLE user_sessions DROP COLUMN voucher");
  config().access_sql = "'pppoe'";
  config().subscriber_sql = "'bob'";
  EXPECT_EQ(where(), "bob 00:11:22:33:44:55 - - -");
  config().subscriber_sql = "s.mac_address";
  EXPECT_EQ(where(), "- 00:11:22:33:44:55 - - -");
}

TEST_F(UserSessionsTest, OnlyRowsThatChangedAreDelivered) {
  Insert(kA);
  Insert(kB);
  reader_.Read();
  reader_.Read();
  for (int i = 11; i < 14; ++i) {
    Update(kA, "data_upload = " + std::to_string(i));
    EXPECT_THAT(Short(reader_.Read()),
                ::testing::StartsWith("A open " + std::to_string(i) + "/20 "));
  }
}

// While it is open, end_time is a plan. Later it is the end, unless the row was updated before it.
TEST_F(UserSessionsTest, EndIsTheEndTimeOrTheUpdateThatCameBeforeIt) {
  Insert(kA);
  Insert(kB);
  Insert(kC);
  reader_.Read();
  Update(kA, "status = 'expired', end_time = '2024-11-23 11:30'");
  Update(kB, "status = 'ended'");
  Update(kC, "status = 'expired', end_time = '2024-11-23 11:30', updated_at = NULL");
  EXPECT_EQ(Short(reader_.Read()),
            "A closed 10/20 11-23 11:00:00 .. 11-23 11:59:55 end 11-23 11:30:00\n"
            "B closed 10/20 11-23 11:00:00 .. 11-23 11:59:55 end 11-23 11:59:55\n"
            "C closed 10/20 11-23 11:00:00 .. ∅ end 11-23 11:30:00\n");
}

TEST_F(UserSessionsTest, SessionThatLivedBetweenTwoReadingsIsFound) {
  Insert(kA);
  reader_.Read();
  Insert(kB, "status = 'expired', created_at = '2024-11-23 11:00:03'");
  EXPECT_EQ(Short(reader_.Read()),
            "B closed 10/20 11-23 11:00:00 .. 11-23 11:59:55 end 11-23 11:59:55\n");
  EXPECT_EQ(reader_.Read(), "");
}

TEST_F(UserSessionsTest, HistoryIsNotReadAtTheFirstReading) {
  Insert(kA, "status = 'expired'");
  EXPECT_EQ(reader_.Read(), "");
  EXPECT_EQ(reader_.cursor(), "created_at 2024-11-23T11:00:00.000000 2024-11-23T11:00:00.000000");
}

TEST_F(UserSessionsTest, WhatComesIntoAnEmptyTableIsNew) {
  reader_.Read();
  EXPECT_EQ(reader_.cursor(), "created_at -infinity -infinity");
  Insert(kA, "status = 'expired', created_at = '2020-01-01'");
  EXPECT_THAT(Short(reader_.Read()), ::testing::StartsWith("A closed"));
}

TEST_F(UserSessionsTest, AfterARestartTheSearchGoesOnFromTheCursor) {
  Insert(kA);
  reader_.Read();
  Insert(kB, "status = 'expired', created_at = '2024-11-23 11:00:03'");
  Update(kA, "status = 'expired'");
  reader_.Restart({reader_.cursor(), {kA}, {}});
  EXPECT_THAT(Short(reader_.Read()),
              ::testing::AllOf(::testing::HasSubstr("A closed"), ::testing::HasSubstr("B closed")));
}

TEST_F(UserSessionsTest, RowFromTheFutureDoesNotHideTheOnesBeforeIt) {
  Insert(kA, "created_at = '2199-01-01'");
  reader_.Read();
  Insert(kB, "status = 'expired', created_at = localtimestamp");
  EXPECT_THAT(Short(reader_.Read()), ::testing::StartsWith("B closed"));
}

// A transaction that began before the reading shows its rows after it.
TEST_F(UserSessionsTest, RowsOfALongTransactionAreFoundWhenItCommits) {
  Insert(kA);
  reader_.Read();
  PgConnection writer(db_.dsn(), std::chrono::steady_clock::now() + minutes(1));
  const auto run = [&](const std::string& sql) {
    writer.Query(sql, std::chrono::steady_clock::now() + minutes(1));
  };
  run("BEGIN; UPDATE user_sessions SET data_upload = 11;"
      "INSERT INTO user_sessions (id, status, created_at) VALUES ('" +
      std::string(kB) + "', 'expired', '2024-11-23 11:00:01')");
  Insert(kC, "created_at = '2024-11-23 11:00:02'");
  EXPECT_THAT(Short(reader_.Read()), ::testing::StartsWith("C open"));
  EXPECT_EQ(reader_.Read(), "");
  run("COMMIT");
  EXPECT_THAT(Short(reader_.Read()),
              ::testing::AllOf(::testing::StartsWith("A open 11/20"), ::testing::HasSubstr("B ")));
}

TEST_F(UserSessionsTest, PurgedOpenRowIsGone) {
  Insert(kA);
  reader_.Read();
  db_.Exec("DELETE FROM user_sessions");
  EXPECT_EQ(Short(reader_.Read()), "A gone\n");
}

TEST_F(UserSessionsTest, StatusIsComparedTrimmedAndInAnyCase) {
  Insert(kA, "status = ' ACTIVE '");
  Insert(kB, "status = 'Active'");
  Insert(kC, "status = 'activex'");
  EXPECT_EQ(Short(reader_.Read()),
            "A open 10/20 11-23 11:00:00 .. 11-23 11:59:55\n"
            "B open 10/20 11-23 11:00:00 .. 11-23 11:59:55\n");
}

TEST_F(UserSessionsTest, StatusIsComparedTrimmedAndInAnyCaseWithoutAnIndex) {
  db_.Exec("DROP INDEX user_sessions_status_idx");
  Insert(kA, "status = ' ACTIVE '");
  EXPECT_THAT(Short(reader_.Read()), ::testing::StartsWith("A open"));
}

TEST_F(UserSessionsTest, SpellingThatIsNewIsFoundByArrivalAndFollowedByKey) {
  Insert(kA);
  reader_.Read();
  Insert(kB, "status = 'ACTIVE', created_at = '2024-11-23 11:00:01'");
  EXPECT_THAT(Short(reader_.Read()), ::testing::StartsWith("B open 10/20"));
  Update(kB, "data_upload = 12");
  EXPECT_THAT(Short(reader_.Read()), ::testing::StartsWith("B open 12/20"));
}

TEST_F(UserSessionsTest, OddStatusIsCountedAndItsBytesAreDelivered) {
  Insert(kA);
  reader_.Read();
  Insert(kB, "status = 'hm', created_at = '2024-11-23 11:00:03'");
  Insert(kC, "status = NULL, created_at = '2024-11-23 11:00:03'");
  EXPECT_EQ(Short(reader_.Read()),
            "B closed 10/20 11-23 11:00:00 .. 11-23 11:59:55 end 11-23 11:59:55\n"
            "C closed 10/20 11-23 11:00:00 .. 11-23 11:59:55 end 11-23 11:59:55\n"
            "case odd_status 2\n");
}

TEST_F(UserSessionsTest, UsedAloneIsDownloadUnlessConfigured) {
  Insert(kA, "data_upload = 0, data_download = 0");
  Insert(kB, "data_upload = NULL, data_download = NULL");
  EXPECT_EQ(Short(reader_.Read()),
            "A open 0/30 11-23 11:00:00 .. 11-23 11:59:55\n"
            "B open ∅/30 11-23 11:00:00 .. 11-23 11:59:55\n"
            "case used_only 2\n");
  config().used_only = UsedOnly::kUpload;
  reader_.Restart({});
  EXPECT_THAT(Short(reader_.Read()), ::testing::StartsWith("A open 30/0 "));
  config().used_only = UsedOnly::kIgnore;
  reader_.Restart({});
  EXPECT_THAT(Short(reader_.Read()), ::testing::StartsWith("A open 0/0 "));
}

TEST_F(UserSessionsTest, WhereUsedDisagreesUploadAndDownloadWin) {
  Insert(kA, "data_used = 37");
  EXPECT_EQ(Short(reader_.Read()),
            "A open 10/20 11-23 11:00:00 .. 11-23 11:59:55\n"
            "case used_disagrees 1\n"
            "differing bytes 7\n");
}

TEST_F(UserSessionsTest, WhatCannotBeSaysNothing) {
  Insert(kA, "data_upload = -1, start_time = 'infinity', created_at = '-infinity'");
  Insert(kB,
         "data_upload = 9223372036854775807, data_download = NULL, data_used = NULL,"
         " start_time = NULL, updated_at = '1970-01-01 00:00:10'");
  EXPECT_EQ(Short(reader_.Read()),
            "A open ∅/20 ∅ .. 11-23 11:59:55\n"
            "B open 9223372036854775807/∅ 11-23 11:00:00 .. ∅\n"
            "case negative_counter 1\n"
            "case used_disagrees 1\n"
            "case impossible_time 2\n"
            "differing bytes 10\n");
}

TEST_F(UserSessionsTest, AccessThatIsNeitherIsHotspotAndCounted) {
  config().access_sql = "CASE s.id WHEN '" + std::string(kA) + "' THEN ' PPPoE' ELSE 'wifi' END";
  Insert(kA);
  Insert(kB);
  const std::string text = reader_.Read();
  EXPECT_THAT(text, ::testing::HasSubstr("V7 pppoe open"));
  EXPECT_THAT(text, ::testing::HasSubstr("V7 hotspot open"));
  EXPECT_THAT(text, ::testing::HasSubstr("case unknown_access 1\n"));
}

TEST_F(UserSessionsTest, TimesAreOfTheConfiguredZone) {
  config().time_zone = "Asia/Kathmandu";  // UTC+05:45
  Insert(kA);
  EXPECT_EQ(Short(reader_.Read()), "A open 10/20 11-23 05:15:00 .. 11-23 06:14:55\n");
}

TEST_F(UserSessionsTest, ColumnsWithAZoneAreReadToo) {
  config().time_zone = "Asia/Kathmandu";
  db_.Exec(
      "ALTER TABLE user_sessions ALTER start_time TYPE timestamptz USING start_time AT TIME"
      " ZONE 'UTC', ALTER created_at TYPE timestamptz USING created_at AT TIME ZONE 'UTC'");
  Insert(kA);
  EXPECT_EQ(Short(reader_.Read()), "A open 10/20 11-23 11:00:00 .. 11-23 06:14:55\n");
  Insert(kB, "status = 'expired', created_at = '2024-11-23 11:00:03'");
  EXPECT_THAT(Short(reader_.Read()), ::testing::StartsWith("B closed"));
}

TEST_F(UserSessionsTest, ViewCanStandInForTheTable) {
  db_.Exec("CREATE VIEW v AS SELECT * FROM user_sessions; GRANT SELECT ON v TO " + role_);
  config().table = "v";
  Insert(kA);
  EXPECT_THAT(Short(reader_.Read()), ::testing::StartsWith("A open"));
  Update(kA, "data_upload = 11");
  EXPECT_THAT(Short(reader_.Read()), ::testing::StartsWith("A open 11/20"));
  EXPECT_THAT(reader_.ReadBatch().advice, ::testing::IsEmpty());
}

TEST_F(UserSessionsTest, TenantThatComesFromAnotherTableIsComparedEveryMinute) {
  db_.Exec("CREATE TABLE vouchers (voucher text, owner text); GRANT SELECT ON vouchers TO " +
           role_ + "; INSERT INTO vouchers VALUES ('V7', 'ann')");
  config().subscriber_sql = "(SELECT owner FROM vouchers v WHERE v.voucher = s.voucher)";
  Insert(kA);
  EXPECT_THAT(reader_.Read(), ::testing::HasSubstr(" ann hotspot"));
  reader_.Read();
  db_.Exec("UPDATE vouchers SET owner = 'bob'");
  reader_.clock().Advance(minutes(1));
  EXPECT_THAT(reader_.Read(), ::testing::HasSubstr(" bob hotspot"));
}

class UserSessionsInSqlAsciiTest : public UserSessionsTest {
 protected:
  UserSessionsInSqlAsciiTest() : UserSessionsTest("SQL_ASCII") {}
};

TEST_F(UserSessionsInSqlAsciiTest, BrokenTextPassesAsBytesAndIsCounted) {
  Insert(kA);
  db_.Exec("SET client_encoding = SQL_ASCII; UPDATE user_sessions SET voucher = E'caf\\xe9'");
  const std::string text = reader_.Read();
  EXPECT_THAT(text, ::testing::HasSubstr(" caf\xe9 hotspot"));
  EXPECT_THAT(text, ::testing::HasSubstr("case broken_text 1\n"));
}

// What is wrong with a database, and what a person is told.
TEST_F(UserSessionsTest, FaultsAreNamedWithTheirRemedy) {
  const auto error = [&](const std::string& sql) {
    db_.Exec(sql);
    reader_.Restart({});
    return reader_.ReadError().substr(std::string("source test at ").size()) + "\n";
  };
  std::string text = error("REVOKE SELECT ON user_sessions FROM " + role_);
  text += error("GRANT SELECT ON user_sessions TO " + role_ +
                "; ALTER TABLE user_sessions RENAME data_upload TO data_uploaded");
  text += error(
      "ALTER TABLE user_sessions RENAME data_uploaded TO data_upload;"
      "ALTER TABLE user_sessions ALTER data_upload TYPE text");
  text += error(
      "ALTER TABLE user_sessions ALTER data_upload TYPE bigint USING data_upload::bigint;"
      "ALTER TABLE user_sessions RENAME TO user_session");
  text += error(
      "CREATE SCHEMA panel; ALTER TABLE user_session SET SCHEMA panel;"
      "ALTER TABLE panel.user_session RENAME TO user_sessions");
  config().table = "panel.user_sessions";
  text += error("SELECT 1");
  text += error("GRANT USAGE ON SCHEMA panel TO " + role_ +
                "; ALTER TABLE panel.user_sessions DROP COLUMN created_at");
  config().access_sql = "s.kind";
  text += error("ALTER TABLE panel.user_sessions ADD COLUMN created_at timestamp");
  EXPECT_EQ("\n" + text, R"(
HOST:PORT/DATABASE as ROLE: the role ROLE may not read public.user_sessions: GRANT SELECT ON public.user_sessions TO ROLE;
HOST:PORT/DATABASE as ROLE: public.user_sessions has no column data_upload; the nearest is data_uploaded; a view with the names that are expected can stand in for the table
HOST:PORT/DATABASE as ROLE: public.user_sessions.data_upload is of type text, expected bigint
HOST:PORT/DATABASE as ROLE: there is no table user_sessions; the nearest is user_session; set table, with a schema if need be, or the dbname of the DSN
HOST:PORT/DATABASE as ROLE: there is no table user_sessions in the search path: set table: panel.user_sessions
HOST:PORT/DATABASE as ROLE: the role ROLE may not use the schema panel: GRANT USAGE ON SCHEMA panel TO ROLE;
HOST:PORT/DATABASE as ROLE: panel.user_sessions has no column created_at; a view with the names that are expected can stand in for the table
HOST:PORT/DATABASE as ROLE: column s.kind does not exist (Perhaps you meant to reference the column "s.id".) (42703); correct access_sql: s.kind
)");
}

TEST_F(UserSessionsTest, RowsThatAPolicyHidesAreAnErrorAndNotGone) {
  Insert(kA);
  reader_.Read();
  db_.Exec("ALTER TABLE user_sessions ENABLE ROW LEVEL SECURITY");
  EXPECT_THAT(reader_.ReadError(), ::testing::HasSubstr("row-level security"));
  EXPECT_THAT(reader_.ReadError(), ::testing::HasSubstr("ALTER ROLE ROLE BYPASSRLS;"));
  db_.Exec("ALTER TABLE user_sessions DISABLE ROW LEVEL SECURITY");
  Update(kA, "data_upload = 11");
  EXPECT_THAT(Short(reader_.Read()), ::testing::StartsWith("A open 11/20"));
}

// As the panel creates it, with more rows than are scanned at each reading.
TEST_F(UserSessionsTest, LargeTableWithoutAnIndexOnCreatedAtIsScannedEveryFiveMinutes) {
  db_.Exec(
      "INSERT INTO user_sessions (id, status, created_at) SELECT gen_random_uuid(), 'expired',"
      " '2024-11-23 10:00' FROM generate_series(1, 110000); ANALYZE user_sessions");
  Insert(kA);
  EXPECT_THAT(Short(reader_.Read()), ::testing::StartsWith("A open"));
  Insert(kB, "status = 'expired', created_at = localtimestamp");
  EXPECT_EQ(reader_.Read(), "");
  reader_.clock().Advance(minutes(5));
  EXPECT_THAT(Short(reader_.Read()), ::testing::StartsWith("B closed"));
  EXPECT_THAT(reader_.ReadBatch().advice,
              ::testing::ElementsAre("sessions that begin and end between two readings are found "
                                     "by a scan every 5 minutes: CREATE INDEX CONCURRENTLY ON "
                                     "public.user_sessions (created_at);"));
}

TEST_F(UserSessionsTest, ScanThatTakesTooLongIsCutShortAndTheOpenSessionsAreReadAllTheSame) {
  db_.Exec(
      "INSERT INTO user_sessions (id, status, created_at) SELECT gen_random_uuid(), 'expired',"
      " '2024-11-23 10:00' FROM generate_series(1, 110000); ANALYZE user_sessions");
  Insert(kA);
  config().subscriber_sql = "CASE s.status WHEN 'expired' THEN pg_sleep(600)::text ELSE 'V7' END";
  reader_.config().timeout = seconds(6);
  reader_.Read();
  Insert(kB, "status = 'expired', created_at = localtimestamp");
  Update(kA, "data_upload = 11");
  reader_.clock().Advance(minutes(5));
  const SourceBatch batch = reader_.ReadBatch();
  EXPECT_THAT(Short(ToText(batch)), ::testing::StartsWith("A open 11/20"));
  EXPECT_THAT(batch.advice, ::testing::ElementsAre(::testing::HasSubstr("was cut short")));
}

TEST_F(UserSessionsTest, MissingIndexesAreAdvisedUntilTheyAreThere) {
  db_.Exec("DROP INDEX user_sessions_status_idx");
  EXPECT_THAT(reader_.ReadBatch().advice,
              ::testing::ElementsAre(
                  "sessions that begin and end between two readings are found by a scan: CREATE "
                  "INDEX CONCURRENTLY ON public.user_sessions (created_at);",
                  "open sessions are found by a scan: CREATE INDEX CONCURRENTLY ON "
                  "public.user_sessions (status);"));
  db_.Exec("CREATE INDEX ON user_sessions (created_at); CREATE INDEX ON user_sessions (status)");
  reader_.Restart({});
  EXPECT_THAT(reader_.ReadBatch().advice, ::testing::IsEmpty());
}

TEST_F(UserSessionsTest, ConnectionThatWasEndedCostsNoReading) {
  Insert(kA);
  reader_.Read();
  db_.TerminateBackends();
  Update(kA, "data_upload = 11");
  EXPECT_THAT(Short(reader_.Read()), ::testing::StartsWith("A open 11/20"));
}

TEST_F(UserSessionsTest, LockedTableIsATimeoutAndTheNextReadingGoesOn) {
  reader_.config().timeout = std::chrono::milliseconds(2000);
  Insert(kA);
  reader_.Read();
  db_.Exec("BEGIN");
  db_.Exec("LOCK TABLE user_sessions");
  EXPECT_THAT(reader_.ReadError(), ::testing::ContainsRegex("statement timeout|no answer in time"));
  db_.Exec("UPDATE user_sessions SET data_upload = 11");
  db_.Exec("COMMIT");
  reader_.config().timeout = seconds(60);
  EXPECT_THAT(Short(reader_.Read()), ::testing::StartsWith("A open 11/20"));
}

TEST_F(UserSessionsTest, BackendThatStandsStillIsGivenUp) {
  reader_.config().timeout = std::chrono::milliseconds(2000);
  Insert(kA);
  reader_.Read();
  db_.FreezeBackends();
  EXPECT_THAT(reader_.ReadError(), ::testing::HasSubstr("no answer in time"));
  Update(kA, "data_upload = 11");
  EXPECT_THAT(Short(reader_.Read()), ::testing::StartsWith("A open 11/20"));
}

TEST_F(UserSessionsTest, ConnectionsAreNamedReadOnlyAndInUtc) {
  reader_.Read();
  EXPECT_EQ(
      db_.Value("SELECT application_name FROM pg_stat_activity WHERE usename = '" + role_ + "'"),
      "usage_exporter/test");
  config().access_sql =
      "current_setting('transaction_read_only') || ' ' ||"
      " current_setting('statement_timeout') || ' ' ||"
      " current_setting('TimeZone') || ' ' || (1 / 0)::text";
  reader_.config().timeout = seconds(60);
  Insert(kA);
  reader_.Restart({});
  EXPECT_THAT(reader_.ReadError(), ::testing::HasSubstr("division by zero"));
  config().access_sql = "'x'";
  config().subscriber_sql =
      "current_setting('transaction_read_only') || ' ' ||"
      " current_setting('transaction_isolation') || ' ' ||"
      " current_setting('statement_timeout') || ' ' ||"
      " current_setting('TimeZone')";
  reader_.Restart({});
  EXPECT_THAT(reader_.Read(), ::testing::HasSubstr(" on repeatable read 1min UTC hotspot"));
}

// 200,000 rows, of them 200 open: no question of a cycle scans the table.
TEST_F(UserSessionsTest, NoQueryOfACycleScansTheTable) {
  db_.Exec(
      "INSERT INTO user_sessions (id, voucher, start_time, status, data_upload, created_at)"
      " SELECT gen_random_uuid(), 'V' || i, t, CASE WHEN i % 1000 = 0 THEN 'active' ELSE"
      " 'expired' END, i, t FROM (SELECT i, timestamp '2024-11-23 11:00' -"
      " (200000 - i) * interval '1 second' AS t FROM generate_series(1, 200000) i) rows");
  db_.Exec("CREATE INDEX ON user_sessions (created_at); ANALYZE user_sessions");
  db_.Exec("SET enable_seqscan = off");  // of the test's own statements
  const std::string scans = ScansOf(db_, "user_sessions");
  reader_.Read();
  for (int i = 0; i < 20; ++i) {
    db_.Exec(
        "UPDATE user_sessions SET status = 'expired' WHERE id IN (SELECT id FROM"
        " user_sessions WHERE status = 'active' LIMIT 3)");
    reader_.clock().Advance(seconds(5));
    EXPECT_EQ(reader_.ReadBatch().observations.size(), 3u);
    reader_.source().Acknowledge();
  }
  reader_.Restart({});  // ends the connection
  EXPECT_EQ(ScansOf(db_, "user_sessions"), scans);
}

class UserSessionsClusterTest : public ::testing::Test {
 protected:
  Cluster cluster_;
  TestDatabase db_{cluster_};
  PostgresReader reader_{db_};
};

TEST_F(UserSessionsClusterTest, DatabaseThatWentAwayIsTriedAgainAfterAWhile) {
  db_.ExecFile(PanelSchemaPath());
  reader_.config().kind = UserSessionsConfig();
  reader_.Read();
  cluster_.Stop();
  EXPECT_THAT(reader_.ReadError(), ::testing::HasSubstr("HOST:PORT/DATABASE as ROLE: cannot "
                                                        "connect: "));
  EXPECT_THAT(reader_.ReadError(), ::testing::ContainsRegex("refused.*next try in 1 s"));
  cluster_.Start();
  db_.Exec("INSERT INTO user_sessions (id, status) VALUES ('" + std::string(kA) + "', 'active')");
  std::string text;
  const auto deadline = std::chrono::steady_clock::now() + minutes(1);
  while (text.empty() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    try {
      text = reader_.Read();
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr("next try in"));
    }
  }
  EXPECT_THAT(text, ::testing::StartsWith(kA));
}

TEST_F(UserSessionsClusterTest, ServerThatStandsStillEndsTheConnecting) {
  reader_.config().timeout = std::chrono::milliseconds(1000);
  reader_.config().kind = UserSessionsConfig();
  cluster_.Freeze();
  EXPECT_THAT(reader_.ReadError(), ::testing::HasSubstr("no answer in time while connecting"));
  cluster_.Thaw();
}

}  // namespace
}  // namespace usage::testing
