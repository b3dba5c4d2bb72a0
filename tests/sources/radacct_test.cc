// FreeRADIUS's table as Debian ships it, written as its own queries write it, read by a role that
// has what docs/grants.md gives it.
#include "sources/postgres/radacct.h"

#include <gmock/gmock.h>

#include "tests/sources/grants.h"
#include "tests/sources/postgres_reader.h"

namespace usage::testing {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// What FreeRADIUS does with packets, after its queries.conf. Times are "10:05" of 2024-11-23 UTC.
class FakeRadius {
 public:
  explicit FakeRadius(TestDatabase& database, const std::string& table = "radacct")
      : database_(database), table_(table) {}

  void Start(const std::string& id, const std::string& at) {
    if (Changed("acctstarttime = " + Time(at) + ", acctupdatetime = " + Time(at), id)) return;
    Insert(id, Time(at), Time(at), "NULL", "0", 0, 0);
  }

  void Interim(const std::string& id, const std::string& at, int time, int64_t in, int64_t out) {
    const bool is_known = Changed("acctinterval = extract(epoch FROM " + Time(at) +
                                      " - coalesce(acctupdatetime, acctstarttime)),"
                                      " acctupdatetime = " +
                                      Time(at) + Counters(time, in, out),
                                  id, "acctstoptime IS NULL");
    if (is_known) return;
    Insert(id, Time(at), Time(at), "NULL", std::to_string(time), in, out);
  }

  void Stop(const std::string& id, const std::string& at, int time, int64_t in, int64_t out) {
    const std::string set =
        "acctstoptime = " + Time(at) + ", acctupdatetime = " + Time(at) + Counters(time, in, out);
    if (Changed(set, id, "acctstoptime IS NULL") || Changed(set, id)) return;
    Insert(id, Time(at) + " - interval '" + std::to_string(time) + " s'", Time(at), Time(at),
           std::to_string(time), in, out);
  }

  void AccountingOn(const std::string& at) {
    database_.Exec("UPDATE " + table_ + " SET acctstoptime = " + Time(at) +
                   ", acctupdatetime = " + Time(at) + ", acctsessiontime = extract(epoch FROM " +
                   Time(at) + " - acctstarttime) WHERE acctstoptime IS NULL");
  }

 private:
  static std::string Time(const std::string& at) {
    return "timestamptz '2024-11-23 " + at + " UTC'";
  }

  static std::string Counters(int time, int64_t in, int64_t out) {
    return ", acctsessiontime = " + std::to_string(time) +
           ", acctinputoctets = " + std::to_string(in) +
           ", acctoutputoctets = " + std::to_string(out);
  }

  bool Changed(const std::string& set, const std::string& id, const std::string& also = "true") {
    return !database_
                .Query("UPDATE " + table_ + " SET " + set + " WHERE acctuniqueid = '" + id +
                       "' AND " + also + " RETURNING 1")
                .empty();
  }

  void Insert(const std::string& id, const std::string& start, const std::string& update,
              const std::string& stop, const std::string& length, int64_t in, int64_t out) {
    database_.Exec("INSERT INTO " + table_ +
                   " (acctsessionid, acctuniqueid, username, realm, nasipaddress, acctstarttime,"
                   " acctupdatetime, acctstoptime, acctsessiontime, acctinputoctets,"
                   " acctoutputoctets, servicetype, framedprotocol) VALUES ('1', '" +
                   id + "', 'ann', 'north', '10.0.0.1', " + start + ", " + update + ", " + stop +
                   ", " + length + ", " + std::to_string(in) + ", " + std::to_string(out) +
                   ", 'Framed-User', 'PPP')");
  }

  TestDatabase& database_;
  const std::string table_;
};

// Without what is the same in all lines.
std::string Short(std::string text) {
  for (const std::string& word : {std::string(" north ann pppoe"), std::string("11-23 ")}) {
    for (size_t at; (at = text.find(word)) != std::string::npos;) text.erase(at, word.size());
  }
  return text;
}

class RadacctTest : public ::testing::Test {
 protected:
  RadacctTest() {
    db_.ExecFile(FreeradiusSchemaPath());
    GrantAsDocumented(db_, "radacct", role_);
    reader_.config().database.dsn = db_.dsn(role_);
    reader_.config().kind = RadacctConfig();
  }

  RadacctConfig& config() { return std::get<RadacctConfig>(reader_.config().kind); }
  std::string Read() { return Short(reader_.Read()); }

  TestDatabase db_;
  std::string role_ = db_.CreateRole();
  FakeRadius radius_{db_};
  PostgresReader reader_{db_};
};

TEST_F(RadacctTest, SessionIsFollowedFromStartToStop) {
  radius_.Start("a", "10:00");
  EXPECT_EQ(reader_.Read(), "a north ann pppoe open 0/0 11-23 10:00:00 .. 11-23 10:00:00\n");
  radius_.Interim("a", "10:05", 300, 1000, 5000);
  EXPECT_EQ(Read(), "a open 1000/5000 10:00:00 .. 10:05:00\n");
  EXPECT_EQ(Read(), "");
  radius_.Stop("a", "10:07", 420, 1500, 7000);
  EXPECT_EQ(Read(), "a closed 1500/7000 10:00:00 .. 10:07:00 end 10:07:00\n");
  EXPECT_EQ(Read(), "");
}

TEST_F(RadacctTest, SaysWhereASessionIsToWhomAsks) {
  radius_.Start("a", "10:00");
  db_.Exec(
      "UPDATE radacct SET username = 'ann@acme', callingstationid = '02-00-00-00-00-0a',"
      " framedipaddress = '10.0.0.7', acctsessionid = '81a00001', nasipaddress = '10.9.0.1'");
  EXPECT_EQ(ToText(reader_.ReadBatch().observations.at(0).where), "nothing");
  reader_.AskForWhereabouts();
  reader_.Restart({});
  EXPECT_EQ(ToText(reader_.ReadBatch().observations.at(0).where),
            "ann@acme 02:00:00:00:00:0A 10.0.0.7 81a00001 10.9.0.1");
  db_.Exec("ALTER TABLE radacct DROP COLUMN framedipaddress, DROP COLUMN callingstationid");
  reader_.Restart({});
  EXPECT_EQ(ToText(reader_.ReadBatch().observations.at(0).where), "ann@acme - - 81a00001 10.9.0.1");
}

TEST_F(RadacctTest, SessionThatLivedBetweenTwoReadingsIsFound) {
  radius_.Start("old", "09:00");
  radius_.Stop("history", "09:30", 60, 1, 1);
  Read();
  radius_.Start("a", "10:00");
  radius_.Stop("a", "10:01", 60, 10, 20);
  EXPECT_EQ(Read(), "a closed 10/20 10:00:00 .. 10:01:00 end 10:01:00\n");
  EXPECT_EQ(reader_.cursor(), "radacctid =2");
}

TEST_F(RadacctTest, StopWithoutAnythingBeforeBeginsAtItsSessionTime) {
  Read();
  EXPECT_EQ(reader_.cursor(), "radacctid =0");
  radius_.Stop("a", "10:10", 600, 10, 20);
  EXPECT_EQ(Read(), "a closed 10/20 10:00:00 .. 10:10:00 end 10:10:00\n");
}

TEST_F(RadacctTest, LostStartIsTheFirstInterimLessItsSessionTime) {
  Read();
  radius_.Interim("a", "10:05", 300, 10, 20);
  EXPECT_EQ(Read(), "a open 10/20 10:00:00 .. 10:05:00\ncase lost_start 1\n");
  radius_.Interim("a", "10:10", 600, 20, 40);
  EXPECT_EQ(Read(), "a open 20/40 10:00:00 .. 10:10:00\n");
  radius_.Stop("a", "10:12", 720, 30, 60);
  EXPECT_EQ(Read(), "a closed 30/60 10:00:00 .. 10:12:00 end 10:12:00\n");
}

TEST_F(RadacctTest, FirstInterimThatComesTwiceIsALostStartAllTheSame) {
  Read();
  radius_.Interim("a", "10:05", 300, 10, 20);
  radius_.Interim("a", "10:05", 300, 10, 20);
  EXPECT_EQ(Read(), "a open 10/20 10:00:00 .. 10:05:00\ncase lost_start 1\n");
}

TEST_F(RadacctTest, LateStopWithoutEventTimestampEndsAtStartPlusSessionTime) {
  radius_.Start("a", "10:00");
  Read();
  radius_.Stop("a", "11:30", 600, 10, 20);
  EXPECT_EQ(Read(),
            "a closed 10/20 10:00:00 .. 10:10:00 end 10:10:00\ncase stop_without_stamp 1\n");
}

TEST_F(RadacctTest, ZeroedStopEndsWhenItSays) {
  radius_.Start("a", "10:00");
  radius_.Interim("a", "10:05", 300, 10, 20);
  Read();
  radius_.Stop("a", "10:20", 0, 0, 0);
  EXPECT_EQ(Read(), "a closed 0/0 10:00:00 .. 10:20:00 end 10:20:00\n");
}

TEST_F(RadacctTest, RebootOfTheNasClosesItsSessions) {
  radius_.Start("a", "10:00");
  radius_.Start("b", "10:02");
  radius_.Interim("b", "10:07", 300, 10, 20);
  Read();
  radius_.AccountingOn("10:30");
  EXPECT_EQ(Read(),
            "a closed 0/0 10:00:00 .. 10:30:00 end 10:30:00\n"
            "b closed 10/20 10:02:00 .. 10:30:00 end 10:30:00\n");
}

// The Start leaves the counters of the session before in the row: they are not the new one's.
TEST_F(RadacctTest, IdThatComesAgainWhileOpenShowsItsStartWithItsFirstCounters) {
  radius_.Start("a", "10:00");
  radius_.Interim("a", "10:05", 300, 10, 20);
  Read();
  radius_.Start("a", "10:30");
  EXPECT_EQ(Read(), "a open 10/20 ∅ .. 10:29:59\n");
  radius_.Interim("a", "10:35", 300, 15, 25);
  EXPECT_EQ(Read(), "a open 15/25 10:30:00 .. 10:35:00\n");
}

// Its interims change no row, for the row is closed; its Stop does, days later.
TEST_F(RadacctTest, IdThatComesAgainAfterItsStopIsOpenUntilItsOwnStop) {
  radius_.Start("a", "10:00");
  Read();
  radius_.Stop("a", "10:05", 300, 10, 20);
  Read();
  radius_.Start("a", "10:30");
  reader_.clock().Advance(minutes(1));
  EXPECT_EQ(Read(), "a open 10/20 ∅ .. 10:05:00\n");
  reader_.clock().Advance(std::chrono::hours(72));
  EXPECT_EQ(Read(), "");
  radius_.Stop("a", "11:30", 3600, 15, 25);
  EXPECT_EQ(Read(), "a closed 15/25 10:30:00 .. 11:30:00 end 11:30:00\n");
}

TEST_F(RadacctTest, StartThatIsRepeatedAfterTheStopChangesNothing) {
  Read();
  radius_.Start("a", "10:00");
  radius_.Stop("a", "10:00:20", 20, 10, 20);
  radius_.Start("a", "10:00:25");
  EXPECT_EQ(Read(), "a closed 10/20 10:00:00 .. 10:00:20 end 10:00:20\n");
}

TEST_F(RadacctTest, RowThatWasPurgedAndRestoredWithAnotherNumberIsTheSameSession) {
  radius_.Start("a", "10:00");
  radius_.Interim("a", "10:05", 300, 10, 20);
  Read();
  db_.Exec("CREATE TABLE saved AS SELECT * FROM radacct; DELETE FROM radacct");
  EXPECT_EQ(Read(), "a gone\n");
  db_.Exec("INSERT INTO radacct SELECT * FROM saved; UPDATE radacct SET radacctid = 77");
  EXPECT_EQ(Read(), "a open 10/20 10:00:00 .. 10:05:00\n");
}

TEST_F(RadacctTest, RowThatCommitsMinutesLateIsFound) {
  radius_.Start("a", "10:00");
  Read();
  db_.Exec("SELECT nextval('radacct_radacctid_seq')");  // taken by a slow transaction: 2
  for (int i = 0; i < 8; ++i) {
    radius_.Start("s" + std::to_string(i), "10:01");
    reader_.clock().Advance(minutes(1));
    Read();
  }
  radius_.Stop("late", "10:02", 60, 10, 20);
  db_.Exec("UPDATE radacct SET radacctid = 2 WHERE acctuniqueid = 'late'");
  EXPECT_EQ(Read(), "late closed 10/20 10:01:00 .. 10:02:00 end 10:02:00\n");
}

TEST_F(RadacctTest, SearchMovesOnTenMinutesBehind) {
  radius_.Start("a", "10:00");
  Read();
  for (int i = 0; i < 12; ++i) {
    radius_.Start("s" + std::to_string(i), "10:01");
    reader_.clock().Advance(minutes(1));
    Read();
  }
  EXPECT_EQ(reader_.cursor(), "radacctid =3");
}

TEST_F(RadacctTest, TableThatWasEmptiedAndNumberedAnewIsFollowed) {
  for (int i = 0; i < 20; ++i) radius_.Start("s" + std::to_string(i), "10:00");
  Read();
  db_.Exec("TRUNCATE radacct RESTART IDENTITY");
  reader_.clock().Advance(minutes(1));
  Read();
  radius_.Stop("a", "10:10", 600, 10, 20);
  EXPECT_THAT(Read(), StartsWith("a closed 10/20"));
}

TEST_F(RadacctTest, AfterARestartTheSearchGoesOnFromTheCursor) {
  radius_.Start("a", "10:00");
  Read();
  radius_.Stop("b", "10:10", 600, 10, 20);
  radius_.Stop("a", "10:10", 600, 11, 21);
  reader_.Restart({reader_.cursor(), {"a"}, {}});
  EXPECT_EQ(Read(),
            "a closed 11/21 10:00:00 .. 10:10:00 end 10:10:00\n"
            "b closed 10/20 10:00:00 .. 10:10:00 end 10:10:00\n");
}

TEST_F(RadacctTest, CountersAboveFourGigabytesAndNullsAreReadAsTheyAre) {
  radius_.Start("a", "10:00");
  db_.Exec("UPDATE radacct SET acctinputoctets = 9007199254740993, acctoutputoctets = NULL");
  EXPECT_EQ(Read(), "a open 9007199254740993/∅ 10:00:00 .. 10:00:00\n");
}

TEST_F(RadacctTest, AccessComesFromServiceAndProtocol) {
  radius_.Start("a", "10:00");
  radius_.Start("b", "10:00");
  db_.Exec(
      "UPDATE radacct SET framedprotocol = NULL, nasporttype = 'Ethernet'"
      " WHERE acctuniqueid = 'b'");
  const std::string text = reader_.Read();
  EXPECT_THAT(text, HasSubstr("a north ann pppoe open"));
  EXPECT_THAT(text, HasSubstr("b north ann hotspot open"));
}

TEST_F(RadacctTest, TenantMayComeFromATableOfRouters) {
  db_.Exec("CREATE TABLE nas_tenants (address inet, tenant text); GRANT SELECT ON nas_tenants TO " +
           role_ + "; INSERT INTO nas_tenants VALUES ('10.0.0.1', 'south')");
  config().tenant_sql = "(SELECT n.tenant FROM nas_tenants n WHERE n.address = r.nasipaddress)";
  radius_.Start("a", "10:00");
  EXPECT_THAT(reader_.Read(), StartsWith("a south ann pppoe"));
}

TEST_F(RadacctTest, TableWithoutTheIntervalColumnIsReadToo) {
  db_.Exec("ALTER TABLE radacct DROP COLUMN acctinterval");
  radius_.Start("a", "10:00");
  EXPECT_EQ(Read(), "a open 0/0 10:00:00 .. 10:00:00\n");
}

TEST_F(RadacctTest, KeysOfAnyTextAreReadByKey) {
  const std::string key = "it's {\"odd\"},\\ yes";
  radius_.Start("x", "10:00");
  db_.Exec("UPDATE radacct SET acctuniqueid = 'it''s {\"odd\"},\\ yes'");
  Read();
  db_.Exec("UPDATE radacct SET acctstoptime = acctstarttime");
  EXPECT_THAT(Read(), StartsWith(key + " closed"));
}

TEST_F(RadacctTest, FaultsAreNamedWithTheirRemedy) {
  const auto error = [&](const std::string& sql) {
    db_.Exec(sql);
    reader_.Restart({});
    return reader_.ReadError().substr(std::string("source test at ").size()) + "\n";
  };
  std::string text = error("REVOKE SELECT ON radacct FROM " + role_);
  text += error("GRANT SELECT ON radacct TO " + role_ + "; ALTER TABLE radacct DROP acctuniqueid");
  text += error("DROP TABLE radacct");
  config().schemas_sql = "SELECT 'x', 'y' FROM tenants";
  text += error("SELECT 1");
  config().schemas_sql = "SELECT 'nowhere', 'y'";
  text += error("SELECT 1");
  EXPECT_EQ("\n" + text, R"(
HOST:PORT/DATABASE as ROLE: the role ROLE may not read public.radacct: GRANT SELECT ON public.radacct TO ROLE;
HOST:PORT/DATABASE as ROLE: public.radacct has no column acctuniqueid; a view with the names that are expected can stand in for the table
HOST:PORT/DATABASE as ROLE: there is no table radacct; set table, with a schema if need be, or the dbname of the DSN
HOST:PORT/DATABASE as ROLE: relation "tenants" does not exist (42P01); correct schemas_sql: SELECT 'x', 'y' FROM tenants
HOST:PORT/DATABASE as ROLE: no schema can be read: schema nowhere is not read: there is no table "nowhere"."radacct"
)");
}

TEST_F(RadacctTest, MissingIndexIsAdvised) {
  EXPECT_THAT(reader_.ReadBatch().advice, ::testing::IsEmpty());
  db_.Exec("DROP INDEX radacct_active_session_idx, radacct_bulk_close");
  reader_.Restart({});
  EXPECT_THAT(reader_.ReadBatch().advice,
              ::testing::ElementsAre("open sessions are found by a scan: CREATE INDEX CONCURRENTLY "
                                     "ON public.radacct (acctuniqueid) WHERE acctstoptime IS "
                                     "NULL;"));
}

TEST_F(RadacctTest, NoQueryOfACycleScansTheTable) {
  db_.Exec(
      "INSERT INTO radacct (acctsessionid, acctuniqueid, nasipaddress, acctstarttime,"
      " acctupdatetime, acctstoptime, acctsessiontime, acctinputoctets)"
      " SELECT i, md5(i::text), '10.0.0.1', t, t, CASE WHEN i % 1000 > 0 THEN t END, 0, i"
      " FROM (SELECT i, timestamptz '2024-11-23 10:00 UTC' - (200000 - i) * interval '1 s' t"
      " FROM generate_series(1, 200000) i) rows; ANALYZE radacct");
  db_.Exec("SET enable_seqscan = off");  // of the test's own statements
  const std::string scans = ScansOf(db_, "radacct");
  Read();
  for (int i = 1; i <= 20; ++i) {
    db_.Exec("UPDATE radacct SET acctstoptime = acctstarttime WHERE acctuniqueid = md5('" +
             std::to_string(i * 1000) + "')");
    reader_.clock().Advance(seconds(5));
    EXPECT_THAT(Read(), HasSubstr(" closed "));
  }
  reader_.Restart({});  // ends the connection
  EXPECT_EQ(ScansOf(db_, "radacct"), scans);
}

// One schema per tenant.
class RadacctSchemasTest : public RadacctTest {
 protected:
  RadacctSchemasTest() {
    db_.Exec(
        "CREATE TABLE customers (schema_name text, tenant text); GRANT SELECT ON customers TO " +
        role_);
    config().schemas_sql = "SELECT schema_name, tenant FROM customers";
  }

  void AddSchema(const std::string& schema, bool with_grants = true) {
    db_.Exec("CREATE SCHEMA \"" + schema + "\"; SET search_path = \"" + schema + "\"");
    db_.ExecFile(FreeradiusSchemaPath());
    db_.Exec("RESET search_path; INSERT INTO customers VALUES ('" + schema + "', 'of " + schema +
             "')");
    if (with_grants) Grant(schema);
  }

  void Grant(const std::string& schema) {
    GrantAsDocumented(db_, "radacct, one schema per tenant", role_, schema);
  }

  FakeRadius Radius(const std::string& schema) {
    return FakeRadius(db_, "\"" + schema + "\".radacct");
  }
};

TEST_F(RadacctSchemasTest, RowsBelongToTheTenantOfTheirSchema) {
  AddSchema("one");
  AddSchema("Two");
  Radius("one").Start("a", "10:00");
  Radius("Two").Start("a", "10:00");
  EXPECT_EQ(reader_.Read(),
            "Two/a of Two ann pppoe open 0/0 11-23 10:00:00 .. 11-23 10:00:00\n"
            "one/a of one ann pppoe open 0/0 11-23 10:00:00 .. 11-23 10:00:00\n");
  Radius("Two").Stop("a", "10:05", 300, 10, 20);
  Radius("one").Stop("b", "10:05", 300, 30, 40);
  EXPECT_EQ(reader_.Read(),
            "Two/a of Two ann pppoe closed 10/20 11-23 10:00:00 .. 11-23 10:05:00 end 11-23 "
            "10:05:00\n"
            "one/b of one ann pppoe closed 30/40 11-23 10:00:00 .. 11-23 10:05:00 end 11-23 "
            "10:05:00\n");
  EXPECT_EQ(reader_.cursor(), "radacctid Two=1 one=1");
}

TEST_F(RadacctSchemasTest, SchemaThatMayNotBeReadIsNamedAndDoesNotStopTheOthers) {
  AddSchema("one");
  AddSchema("forbidden", /*with_grants=*/false);
  db_.Exec("INSERT INTO customers VALUES ('missing', 'm')");
  Radius("one").Start("a", "10:00");
  const SourceBatch batch = reader_.ReadBatch();
  EXPECT_EQ(batch.observations.size(), 1u);
  EXPECT_THAT(batch.advice,
              ::testing::ElementsAre(
                  "schema forbidden is not read: the role " + role_ +
                      " may not use the schema forbidden: GRANT USAGE ON SCHEMA forbidden TO " +
                      role_ + ";",
                  "schema missing is not read: there is no table \"missing\".\"radacct\""));
}

TEST_F(RadacctSchemasTest, SchemaThatIsDroppedKeepsItsSessionsAndTheOthersGoOn) {
  AddSchema("one");
  AddSchema("two");
  Radius("one").Start("a", "10:00");
  Radius("two").Start("b", "10:00");
  reader_.Read();
  db_.Exec("DROP SCHEMA two CASCADE");
  Radius("one").Interim("a", "10:05", 300, 10, 20);
  EXPECT_EQ(reader_.Read(), "one/a of one ann pppoe open 10/20 11-23 10:00:00 .. 11-23 10:05:00\n");
  EXPECT_EQ(reader_.Read(), "");
}

TEST_F(RadacctSchemasTest, SchemaThatComesBackWithinReachGoesOnWhereItWas) {
  AddSchema("one");
  AddSchema("two");
  Radius("two").Start("b", "10:00");
  reader_.Read();
  const std::string cursor = reader_.cursor();
  db_.Exec("REVOKE SELECT ON two.radacct FROM " + role_);
  Radius("two").Stop("b", "10:05", 300, 10, 20);
  Radius("two").Stop("c", "10:05", 300, 30, 40);
  reader_.Restart({cursor, {"two/b"}, {}});
  EXPECT_EQ(reader_.Read(), "");
  EXPECT_EQ(reader_.cursor(), cursor);
  Grant("two");
  reader_.Restart({reader_.cursor(), {"two/b"}, {}});
  EXPECT_THAT(reader_.Read(), ::testing::AllOf(HasSubstr("two/b of two ann pppoe closed 10/20"),
                                               HasSubstr("two/c of two ann pppoe closed 30/40")));
}

TEST_F(RadacctSchemasTest, HundredsOfSchemasAreReadWithFewLocks) {
  db_.Exec(
      "DO $$ BEGIN FOR i IN 1..200 LOOP EXECUTE format('CREATE SCHEMA t%s; CREATE TABLE"
      " t%s.radacct (LIKE public.radacct INCLUDING ALL); GRANT USAGE ON SCHEMA t%s TO " +
      role_ + "; GRANT SELECT ON t%s.radacct TO " + role_ + "', i, i, i, i); END LOOP; END $$");
  db_.Exec("INSERT INTO customers SELECT 't' || i, 'tenant ' || i FROM generate_series(1, 200) i");
  for (const char* schema : {"t1", "t77", "t200"}) Radius(schema).Start("a", "10:00");
  EXPECT_EQ(reader_.ReadBatch().observations.size(), 3u);
  reader_.source().Acknowledge();
  Radius("t77").Stop("a", "10:05", 300, 10, 20);
  EXPECT_THAT(reader_.Read(), StartsWith("t77/a tenant 77"));
}

}  // namespace
}  // namespace usage::testing
