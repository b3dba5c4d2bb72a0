// The panel's table, filled by a role that has what docs/grants.md gives it, beside a panel that
// writes the same rows.
#include "app/write_back.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <thread>

#include "core/mac.h"
#include "tests/sources/grants.h"
#include "tests/support/postgres.h"

namespace usage::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr char kTenant[] = "11111111-0000-0000-0000-000000000001";

std::string Id(int n) {
  std::string digits = std::to_string(n);
  return "aaaaaaaa-0000-0000-0000-" + std::string(12 - digits.size(), '0') + digits;
}

// Says what the test has put there.
class SetReadings : public LatestReadings {
 public:
  std::vector<LatestReading> Take() override {
    std::lock_guard lock(mutex_);
    return readings_;
  }
  void Set(std::vector<LatestReading> readings) {
    std::lock_guard lock(mutex_);
    readings_ = std::move(readings);
  }

 private:
  std::mutex mutex_;
  std::vector<LatestReading> readings_;  // guarded by mutex_
};

class WriteBackTest : public ::testing::Test {
 protected:
  WriteBackTest() : role_(db_.CreateRole("panel_writer")) {
    db_.ExecFile(PanelSchemaPath());
    std::string grants = GrantsOf("The write-back");
    grants.erase(0, grants.find('\n') + 1);  // the role is there
    ReplaceAll(grants, "usage_panel_writer", role_);
    ReplaceAll(grants, "DATABASE billing", "DATABASE \"" + db_.name() + "\"");
    db_.Exec(grants);
    config_.routers.emplace();
    WriteBackConfig& write_back = config_.routers->write_back.emplace();
    write_back.database = {db_.dsn(role_), "", "the panel"};
    write_back.rows.used_only = UsedOnly::kIgnore;
    write_back.rows_per_batch = 2;
  }

  // A guest's row, or with "" for the voucher a line's; `set` overrides columns.
  void Insert(int n, const std::string& voucher, const std::string& set = "") {
    db_.Exec(
        "INSERT INTO user_sessions (id, tenant_id, voucher, mac_address, start_time, status)"
        " VALUES ('" +
        Id(n) + "', '" + kTenant + "', nullif('" + voucher + "', ''), '" + MacOf(n) +
        "', '2026-11-23 08:00', 'active')");
    if (!set.empty()) Update(n, set);
  }
  void Update(int n, const std::string& set) {
    db_.Exec("UPDATE user_sessions SET " + set + " WHERE id = '" + Id(n) + "'");
  }
  static std::string MacOf(int n) { return FormatMac(0x020000000000u + static_cast<uint64_t>(n)); }

  static RouterRow Guest(int n, const std::string& voucher, uint64_t upload, uint64_t download) {
    RouterRow row;
    row.user = voucher;
    row.mac = *ParseMac(MacOf(n));
    row.upload = upload;
    row.download = download;
    return row;
  }
  static RouterRow Line(int n, uint64_t upload, uint64_t download) {
    RouterRow row = Guest(n, "line" + std::to_string(n), upload, download);
    row.table = RouterTable::kPppoeInterface;
    row.access = Access::kPppoe;
    return row;
  }

  // Of one router, now.
  void Say(std::vector<RouterRow> rows) {
    auto reading = std::make_shared<RouterReading>();
    reading->at = clock_.Now();
    reading->rows = std::move(rows);
    latest_.Set({{"gate", kTenant, reading}});
  }

  WriteBack& write_back() {
    if (!write_back_) write_back_ = std::make_unique<WriteBack>(config_, clock_, latest_);
    return *write_back_;
  }
  // An interval passes: a look, and as many batches as it needs. "" or what went wrong.
  std::string Pass(WriteBack& write_back) try {
    clock_.Advance(seconds(30));
    for (int i = 0; i < 6; ++i) write_back.Step();
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
  std::string Pass() { return Pass(write_back()); }

  // "used = upload + download" of each row.
  std::string Counters() {
    return ToText(
        db_.Query("SELECT data_used, data_upload, data_download FROM user_sessions "
                  "ORDER BY id"));
  }
  std::string Versions() {
    return db_.Value("SELECT string_agg(xmin::text, ' ' ORDER BY id) FROM user_sessions");
  }

  std::string Refusal(const std::string& sql) try {
    PgConnection(ConnectionString(db_.dsn(role_), "", {}), In(seconds(60)))
        .Query(sql, In(seconds(60)));
    return "";
  } catch (const PgError& error) {
    return error.what();
  }
  static PgConnection::Deadline In(seconds time) { return std::chrono::steady_clock::now() + time; }

  TestDatabase db_;
  std::string role_;
  Config config_;
  VirtualClock clock_{FromUnixMicros(1'795'420'800'000'000)};  // 2026-11-23 08:00
  SetReadings latest_;
  std::unique_ptr<WriteBack> write_back_;
};

TEST_F(WriteBackTest, OpenRowsShowWhatRoutersCountAndNothingElseChanges) {
  Insert(1, "V1");
  Insert(2, "");
  Insert(3, "V3");
  Insert(4, "V4", "status = 'expired', data_used = 7");
  const auto others = [this] {
    return ToText(
        db_.Query("SELECT id, tenant_id, payment_id, voucher, mac_address, start_time, "
                  "end_time, status, created_at, updated_at FROM user_sessions "
                  "ORDER BY id"));
  };
  const std::string before = others();
  clock_.Advance(seconds(30));
  Say({Guest(1, "V1", 100, 1000), Line(2, 20, 200), Guest(4, "V4", 4, 40)});
  EXPECT_EQ(Pass(), "");
  EXPECT_EQ(Counters(), "1100 | 100 | 1000\n220 | 20 | 200\n∅ | ∅ | ∅\n7 | ∅ | ∅\n");
  EXPECT_EQ(others(), before);
  EXPECT_EQ(write_back().status().rows, 2u);
  EXPECT_EQ(write_back().status().unmatched_rows, 1u);
  EXPECT_EQ(write_back().status().last_success, clock_.Now());
  EXPECT_TRUE(write_back().status().is_writer);
}

TEST_F(WriteBackTest, OnlyRowsThatGrewAreWritten) {
  for (int n = 1; n <= 5; ++n) Insert(n, "V" + std::to_string(n));
  std::vector<RouterRow> rows;
  for (int n = 1; n <= 5; ++n) rows.push_back(Guest(n, "V" + std::to_string(n), 10, 20));
  Say(rows);
  Pass();
  const std::string all = Versions();
  Pass();
  EXPECT_EQ(Versions(), all);
  rows[2].upload = 11;
  Say(rows);
  Pass();
  EXPECT_EQ(write_back().status().rows, 6u);
  EXPECT_EQ(
      db_.Value("SELECT count(DISTINCT xmin::text) FROM user_sessions WHERE id <> '" + Id(3) + "'"),
      "3");  // batches of two
  EXPECT_EQ(db_.Value("SELECT data_upload FROM user_sessions WHERE id = '" + Id(3) + "'"), "11");
}

TEST_F(WriteBackTest, NoCounterIsLoweredWhoeverWroteIt) {
  Insert(1, "V1", "data_upload = 500, data_used = 9000");
  Insert(2, "V2", "data_upload = -5, data_download = 70, data_used = 70");
  Say({Guest(1, "V1", 100, 1000), Guest(2, "V2", 3, 4)});
  EXPECT_EQ(Pass(), "");
  EXPECT_EQ(Counters(), "9000 | 500 | 1000\n73 | 3 | 70\n");
  Say({Guest(1, "V1", 90, 10), Guest(2, "V2", 0, 0)});
  EXPECT_EQ(Pass(), "");
  Say({});
  EXPECT_EQ(Pass(), "");
  EXPECT_EQ(Counters(), "9000 | 590 | 1010\n73 | 3 | 70\n") << "new sessions begin at zero";
}

TEST_F(WriteBackTest, RowWhoseNumbersAreBeyondEveryMeasureHoldsUpNoOther) {
  Insert(1, "V1", "data_upload = 9223372036854775807");
  Insert(2, "V2");
  Say({Guest(1, "V1", 1, 1), Guest(2, "V2", 3, 4)});
  EXPECT_EQ(Pass(), "");
  EXPECT_EQ(Counters(), "∅ | 9223372036854775807 | ∅\n7 | 3 | 4\n");
}

TEST_F(WriteBackTest, RouterOfAnotherTenantAndAnOldWordFillNothing) {
  Insert(1, "V1");
  auto reading = std::make_shared<RouterReading>();
  reading->at = clock_.Now();
  reading->rows = {Guest(1, "V1", 1, 2)};
  latest_.Set({{"gate", "another tenant", reading}});
  EXPECT_EQ(Pass(), "");
  latest_.Set({{"gate", kTenant, reading}});
  clock_.Advance(seconds(120));
  EXPECT_EQ(Pass(), "");
  EXPECT_EQ(Counters(), "∅ | ∅ | ∅\n");
  EXPECT_EQ(write_back().status().unmatched_rows, 1u);
}

TEST_F(WriteBackTest, RoleOfTheDocumentsCanDoNothingElse) {
  Insert(1, "V1");
  for (const char* sql :
       {"DELETE FROM user_sessions", "TRUNCATE user_sessions",
        "INSERT INTO user_sessions (id) VALUES (gen_random_uuid())",
        "UPDATE user_sessions SET status = 'active'", "UPDATE user_sessions SET updated_at = now()",
        "SELECT payment_id FROM user_sessions", "SELECT 1 FROM tenants",
        "BEGIN; LOCK TABLE user_sessions IN ROW EXCLUSIVE MODE", "CREATE TABLE mine (x int)",
        "ALTER TABLE user_sessions ADD COLUMN x int"}) {
    EXPECT_THAT(Refusal(sql),
                ::testing::AnyOf(HasSubstr("permission denied"), HasSubstr("must be owner")))
        << sql;
  }
  EXPECT_EQ(Refusal("UPDATE user_sessions SET data_used = 1, data_upload = 1, data_download = 0"),
            "");
}

TEST_F(WriteBackTest, RoleThatMayDoMoreOrLessIsRefused) {
  db_.Exec("GRANT DELETE, UPDATE (status) ON user_sessions TO \"" + role_ + "\"");
  EXPECT_EQ(Pass(), "the panel: the role " + role_ +
                        " may do more than fill the counters of user_sessions: DELETE, UPDATE of "
                        "status; take one of its own (docs/grants.md)");
  db_.Exec("REVOKE DELETE, UPDATE (status), UPDATE (data_used) ON user_sessions FROM \"" + role_ +
           "\"");
  EXPECT_THAT(Pass(), HasSubstr("may not write the counters: GRANT UPDATE (data_used, "));
  EXPECT_EQ(write_back().status().errors, 2u);
  db_.Exec("GRANT UPDATE (data_used) ON user_sessions TO \"" + role_ + "\"");
  EXPECT_EQ(Pass(), "");
}

TEST_F(WriteBackTest, OfTwoExportersOneWritesAndTheOtherSaysWhoItWaitsFor) {
  Insert(1, "V1");
  Say({Guest(1, "V1", 1, 2)});
  EXPECT_EQ(Pass(), "");
  auto second = std::make_unique<WriteBack>(config_, clock_, latest_);
  EXPECT_THAT(Pass(*second),
              ::testing::MatchesRegex("the panel: the exporter connected from .* since .* fills "
                                      "this table already; this one waits"));
  EXPECT_FALSE(second->status().is_writer);
  EXPECT_EQ(second->status().errors, 0u);
  write_back_.reset();
  Say({Guest(1, "V1", 10, 20)});
  // The server may take a moment to see that the first has gone.
  for (int tries = 0; tries < 600 && !Pass(*second).empty(); ++tries) {
    std::this_thread::sleep_for(milliseconds(50));
    Say({Guest(1, "V1", 10, 20)});
  }
  EXPECT_EQ(Counters(), "30 | 10 | 20\n");
}

TEST_F(WriteBackTest, WriterWhoseLineWasCutIsTheWriterAgain) {
  Insert(1, "V1");
  Say({Guest(1, "V1", 1, 2)});
  EXPECT_EQ(Pass(), "");
  db_.TerminateBackends();
  for (int tries = 0; tries < 600 && !Pass().empty(); ++tries) {
    std::this_thread::sleep_for(milliseconds(50));
  }
  Say({Guest(1, "V1", 10, 20)});
  EXPECT_EQ(Pass(), "");
  EXPECT_EQ(Counters(), "30 | 10 | 20\n");
}

TEST_F(WriteBackTest, RowThatThePanelHoldsIsLeftOutAndItsTurnComes) {
  for (int n = 1; n <= 3; ++n) Insert(n, "V" + std::to_string(n));
  std::vector<RouterRow> rows;
  for (int n = 1; n <= 3; ++n) rows.push_back(Guest(n, "V" + std::to_string(n), 10, 20));
  Say(rows);
  PgConnection panel(ConnectionString(db_.dsn(), "", {}), In(seconds(60)));
  panel.Query("BEGIN; UPDATE user_sessions SET payment_id = id WHERE id = '" + Id(2) + "'",
              In(seconds(60)));
  EXPECT_EQ(Pass(), "");
  EXPECT_EQ(Counters(), "30 | 10 | 20\n∅ | ∅ | ∅\n30 | 10 | 20\n");
  panel.Query("COMMIT", In(seconds(60)));
  Say(rows);
  EXPECT_EQ(Pass(), "");
  EXPECT_EQ(Counters(), "30 | 10 | 20\n30 | 10 | 20\n30 | 10 | 20\n");
}

TEST_F(WriteBackTest, TableThatIsLockedIsLeftAloneUntilTheNextInterval) {
  Insert(1, "V1");
  Say({Guest(1, "V1", 1, 2)});
  EXPECT_EQ(Pass(), "");
  Say({Guest(1, "V1", 10, 20)});
  clock_.Advance(seconds(30));
  write_back().Step();  // the look
  PgConnection panel(ConnectionString(db_.dsn(), "", {}), In(seconds(60)));
  panel.Query("BEGIN; LOCK TABLE user_sessions IN SHARE MODE", In(seconds(60)));
  EXPECT_THAT(Pass(), HasSubstr("the table is locked, the next pass tries again"));
  EXPECT_EQ(write_back().status().errors, 1u);
  panel.Query("COMMIT", In(seconds(60)));
  Say({Guest(1, "V1", 10, 20)});
  EXPECT_EQ(Pass(), "");
  EXPECT_EQ(Counters(), "30 | 10 | 20\n");
}

TEST_F(WriteBackTest, SourceThatReadsTheTableByAnotherNameIsRefused) {
  Insert(1, "V1");
  Say({Guest(1, "V1", 1, 2)});
  db_.Exec(
      "CREATE VIEW inner_view AS SELECT * FROM user_sessions;"
      "CREATE VIEW seen AS SELECT * FROM inner_view WHERE status = 'active';"
      "CREATE TABLE another (LIKE user_sessions)");
  SourceConfig source;
  source.name = "billing";
  source.database.dsn = db_.dsn();
  source.kind = UserSessionsConfig{.table = "seen"};
  config_.sources = {source};
  EXPECT_THAT(Pass(), HasSubstr("the source billing reads the table that is to be written"));
  EXPECT_EQ(Counters(), "∅ | ∅ | ∅\n");
  std::get<UserSessionsConfig>(config_.sources[0].kind).table = "another";
  write_back_.reset();
  EXPECT_EQ(Pass(), "");
  EXPECT_EQ(Counters(), "3 | 1 | 2\n");
}

// A panel's thread, whose rows are those that leave `part` when divided by kParts: no two of them
// ever wait for each other, so that whoever waits in a circle does it with the write-back.
class Panel {
 public:
  static constexpr int kParts = 3, kRows = 60, kTransactions = 120;

  Panel(const std::string& dsn, int part)
      : part_(part),
        random_(static_cast<uint32_t>(part)),
        connection_(ConnectionString(dsn, "", {}), Deadline()) {}

  void Run() try {
    for (int i = 0; i < kTransactions; ++i) Transaction();
  } catch (const std::exception& error) {
    fault_ = error.what();
  }

  const std::string& fault() const { return fault_; }
  const std::vector<int>& touched() const { return touched_; }  // by row: how often

 private:
  static PgConnection::Deadline Deadline() {
    return std::chrono::steady_clock::now() + std::chrono::minutes(5);
  }

  // In any order, also against that of the ids; some rows twice.
  void Transaction() {
    connection_.Query("BEGIN", Deadline());
    for (int i = 0; i < 6; ++i) {
      const int row = kParts * static_cast<int>(random_() % (kRows / kParts)) + part_;
      const bool closes = random_() % 50 == 0;
      connection_.Query(
          "UPDATE user_sessions SET touched = touched + 1, data_download = "
          "coalesce(data_download, 0) + 1, status = CASE WHEN " +
              std::string(closes ? "true" : "false") +
              " THEN 'expired' ELSE status END WHERE id = '" + Id(row) + "'",
          Deadline());
      ++touched_[static_cast<size_t>(row)];
    }
    connection_.Query("COMMIT", Deadline());
  }

  const int part_;
  std::mt19937 random_;
  PgConnection connection_;
  std::string fault_;
  std::vector<int> touched_ = std::vector<int>(kRows);
};

TEST_F(WriteBackTest, PanelThatWritesTheSameRowsLosesNothingAndNoCounterEverFalls) {
  db_.Exec(R"(
    ALTER TABLE user_sessions ADD COLUMN touched integer NOT NULL DEFAULT 0;
    CREATE FUNCTION never_less() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.data_used < OLD.data_used OR NEW.data_upload < OLD.data_upload OR
         NEW.data_download < OLD.data_download THEN
        RAISE 'a counter of % fell', OLD.id;
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER never_less AFTER UPDATE ON user_sessions FOR EACH ROW
      EXECUTE FUNCTION never_less())");
  for (int n = 0; n < Panel::kRows; ++n) Insert(n, "V" + std::to_string(n));
  config_.routers->write_back->rows_per_batch = 25;
  std::vector<std::unique_ptr<Panel>> panels;
  for (int part = 0; part < Panel::kParts; ++part) {
    panels.push_back(std::make_unique<Panel>(db_.dsn(), part));
  }
  std::atomic<int> running = Panel::kParts;
  std::vector<std::jthread> threads;
  for (auto& panel : panels) {
    threads.emplace_back([&] {
      panel->Run();
      --running;
    });
  }
  uint64_t counted = 0;
  const auto count_on = [&] {
    counted += 10;
    std::vector<RouterRow> rows;
    for (int n = 0; n < Panel::kRows; ++n) {
      rows.push_back(Guest(n, "V" + std::to_string(n), counted, 2 * counted));
    }
    Say(rows);
    EXPECT_EQ(Pass(), "");
  };
  while (running > 0) count_on();
  threads.clear();
  count_on();
  for (const auto& panel : panels) EXPECT_EQ(panel->fault(), "");
  for (int n = 0; n < Panel::kRows; ++n) {
    const auto& panel = *panels[static_cast<size_t>(n % Panel::kParts)];
    EXPECT_EQ(db_.Value("SELECT touched FROM user_sessions WHERE id = '" + Id(n) + "'"),
              std::to_string(panel.touched()[static_cast<size_t>(n)]));
  }
  EXPECT_GT(write_back().status().rows, static_cast<uint64_t>(Panel::kRows));
  EXPECT_EQ(write_back().status().errors, 0u);
  EXPECT_EQ(db_.Value("SELECT count(*) FROM user_sessions WHERE status = 'active' AND "
                      "(data_upload < " +
                      std::to_string(counted) +
                      " OR data_used < data_upload + "
                      "data_download - touched)"),
            "0");
}

}  // namespace
}  // namespace usage::testing
