// Connections of net/postgres.h on a real PostgreSQL.
#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "net/postgres.h"
#include "tests/support/postgres.h"

namespace usage::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

PgConnection::Deadline In(int milliseconds) {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
}

constexpr int kLong = 60'000;

PgSettings Settings() {
  PgSettings settings;
  settings.application_name = "it's a \\ test";
  settings.statement_timeout = std::chrono::milliseconds(1234);
  settings.read_only = true;
  settings.server_options = {"jit=off"};
  return settings;
}

constexpr char kShow[] =
    "SELECT current_setting('application_name'), current_setting('statement_timeout'),"
    " current_setting('default_transaction_read_only'), current_setting('jit'),"
    " current_setting('TimeZone'), current_setting('client_encoding'), current_setting('work_mem')";

std::string Shown(const std::string& dsn) {
  PgConnection connection(ConnectionString(dsn, "", Settings()), In(kLong));
  std::string text;
  const PgRows rows = connection.Query(kShow, In(kLong));
  for (const auto& field : rows.at(0)) text += *field + " | ";
  return text;
}

TEST(ConnectionStringTest, SettingsReachTheServerFromKeywordsAndFromUris) {
  TestDatabase db;
  EXPECT_EQ(Shown(db.dsn()), "it's a \\ test | 1234ms | on | off | UTC | UTF8 | 4MB | ");
  const std::string uri = "postgresql://postgres@" + db.server().host + ":" +
                          std::to_string(db.server().port) + "/" + db.name();
  EXPECT_EQ(Shown(uri + "?application_name=mine&options=-c%20work_mem%3D8MB"),
            "mine | 1234ms | on | off | UTC | UTF8 | 8MB | ");
}

TEST(ConnectionStringTest, PasswordOfItsOwnReplacesTheOneOfTheDsn) {
  const std::string text = ConnectionString("password=old host=x", "it's \\ new", {});
  EXPECT_THAT(text, HasSubstr("password='it\\'s \\\\ new'"));
  EXPECT_THAT(text, Not(HasSubstr("old")));
}

TEST(ConnectionStringTest, DsnThatCannotBeReadIsAnErrorWithoutAWordOfIt) {
  for (const char* dsn : {"host=x password=my secret", "postgresql://u:secret@[::1/db", "secret"}) {
    try {
      ConnectionString(dsn, "", {});
      ADD_FAILURE() << dsn;
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), Not(HasSubstr("secret"))) << dsn;
      EXPECT_THAT(error.what(), HasSubstr("host=")) << dsn;
    }
  }
}

TEST(DisplayNameTest, NamesHostPortDatabaseAndUserAndNoPassword) {
  std::string names;
  for (const char* dsn :
       {"host=db.example port=5433 dbname=billing user=reader password=secret",
        "postgresql://reader:secret@db.example/billing?sslpassword=secret",
        "postgresql://reader:secret@a:1,b:2/billing", "host=a,b port=7 user=u dbname=d",
        "postgresql://u:secret@[::1]:5432/d", "host=/run/postgresql user=u dbname=d"}) {
    names += DisplayName(dsn) + "\n";
  }
  EXPECT_EQ(names,
            "db.example:5433/billing as reader\n"
            "db.example:5432/billing as reader\n"
            "a:1,b:2/billing as reader\n"
            "a:7,b:7/d as u\n"
            "[::1]:5432/d as u\n"
            "/run/postgresql:5432/d as u\n");
}

class PgConnectionTest : public ::testing::Test {
 protected:
  TestDatabase db_;
  PgConnection connection_{ConnectionString(db_.dsn(), "", {}), In(kLong)};
};

TEST_F(PgConnectionTest, BinaryFieldsAreReadAsTheirTypes) {
  std::string text;
  connection_.CopyOut(
      "SELECT 'a82f5a3e-0000-4000-8000-00000000000a'::uuid, (-5)::int8, NULL::int8, 'é'::text, "
      "true,"
      " timestamptz '2000-01-01 00:00:01 UTC', 'infinity'::timestamp, ''::text, NULL::text",
      In(kLong), [&](PgFields fields) {
        text += *fields.Uuid();
        text += " " + std::to_string(*fields.Int8());
        text += fields.Int8() ? " ?" : " ∅";
        text += " " + std::string(*fields.Text());
        text += *fields.Bool() ? " true" : " false";
        text += " " + std::to_string(*fields.Timestamp());
        text += *fields.Timestamp() == INT64_MAX ? " ∞" : " ?";
        text += " [" + std::string(*fields.Text()) + "]";
        text += fields.Text() ? " ?" : " ∅";
        EXPECT_EQ(fields.rest(), "");
        EXPECT_THROW(fields.Text(), PgError);
      });
  EXPECT_EQ(text, "a82f5a3e-0000-4000-8000-00000000000a -5 ∅ é true 1000000 ∞ [] ∅");
}

TEST_F(PgConnectionTest, CopyGivesEveryRowAndTheConnectionGoesOn) {
  for (const int rows : {0, 1, 100'000}) {
    int64_t sum = 0;
    connection_.CopyOut("SELECT i::int8 FROM generate_series(1, " + std::to_string(rows) + ") i",
                        In(kLong), [&](PgFields fields) { sum += *fields.Int8(); });
    EXPECT_EQ(sum, int64_t{rows} * (rows + 1) / 2);
  }
  EXPECT_EQ(connection_.Query("SELECT 1", In(kLong)).at(0).at(0), "1");
}

TEST_F(PgConnectionTest, ErrorsHaveTheirStateAndTheConnectionGoesOn) {
  const auto state = [&](const auto& call) -> std::string {
    try {
      call();
      return "none";
    } catch (const PgError& error) {
      return error.sqlstate() + " " + error.what();
    }
  };
  const auto ignore = [](PgFields) {};
  EXPECT_EQ(state([&] { connection_.Query("SELEC", In(kLong)); }),
            "42601 syntax error at or near \"SELEC\"");
  EXPECT_EQ(state([&] { connection_.CopyOut("SELECT 1 / 0", In(kLong), ignore); }),
            "22012 division by zero");
  EXPECT_EQ(state([&] {
              connection_.CopyOut("SELECT 1 / (3000 - i) FROM generate_series(1, 3000) i",
                                  In(kLong), ignore);
            }),
            "22012 division by zero");
  EXPECT_FALSE(connection_.broken());
  EXPECT_EQ(
      connection_.Query("SELECT $1::int + 1", In(kLong), std::vector<std::string>{"41"})[0][0],
      "42");
}

TEST_F(PgConnectionTest, DeadlineEndsAStatement) {
  EXPECT_THROW(connection_.Query("SELECT pg_sleep(600)", In(100)), PgError);
  EXPECT_TRUE(connection_.broken());
}

TEST_F(PgConnectionTest, VisitThatThrowsBreaksTheConnection) {
  const auto fail = [](PgFields) { throw std::runtime_error("enough"); };
  EXPECT_THROW(connection_.CopyOut("SELECT i FROM generate_series(1, 100000) i", In(kLong), fail),
               std::runtime_error);
  EXPECT_TRUE(connection_.broken());
}

TEST_F(PgConnectionTest, StatementsOfMegabytesAreSent) {
  const std::string text(20'000'000, 'x');
  EXPECT_EQ(connection_.Query("SELECT length('" + text + "')", In(kLong))[0][0], "20000000");
}

TEST_F(PgConnectionTest, EndOfTheServersProcessIsAnErrorThatBreaksTheConnection) {
  db_.TerminateBackends();
  EXPECT_THROW(connection_.Query("SELECT 1", In(kLong)), PgError);
  EXPECT_TRUE(connection_.broken());
}

// The server echoes what it is asked: a password in it is not shown.
TEST(PgErrorTest, PasswordIsCutOutOfMessages) {
  TestDatabase db;
  PgConnection connection(ConnectionString(db.dsn(), "hunter2", {}), In(kLong));
  try {
    connection.Query("SELECT hunter2", In(kLong));
    ADD_FAILURE();
  } catch (const PgError& error) {
    EXPECT_STREQ(error.what(), "column \"***\" does not exist");
  }
}

}  // namespace
}  // namespace usage::testing
