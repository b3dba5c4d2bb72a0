// Changes at once: the trigger of `usagectl feed ddl` on a real PostgreSQL, and an exporter whose
// regular cycle comes once an hour, so that what shows was told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>

#include "app/runtime.h"
#include "sources/postgres/feed_ddl.h"
#include "tests/support/postgres.h"

namespace usage {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using usage::testing::TestDatabase;

constexpr char kAcme[] = "00000000-0000-0000-0000-0000000000aa";

std::string IdOf(int number) {
  char text[37];
  snprintf(text, sizeof text, "00000000-0000-0000-0000-%012d", number);
  return text;
}

class FeedTest : public ::testing::Test {
 protected:
  FeedTest() {
    source_.name = "panel";
    source_.database = config_.storage.database =
        config_.tenants.database = {database_.dsn(), "", "the test's database"};
    config_.tenants.table.clear();
    config_.tenants.sql = std::string("SELECT '") + kAcme + "' AS id, 'Acme' AS name";
    source_.interval = 1h;
    source_.timeout = 20s;
    source_.notify = true;
    source_.notify_channel = "usage_panel";
  }

  void UsePanel() {
    source_.kind = UserSessionsConfig();
    database_.ExecFile(usage::testing::PanelSchemaPath());
  }

  // In schema `schema`, "" being the usual one.
  void UseRadacct(const std::string& schema) {
    if (!schema.empty()) database_.Exec("CREATE SCHEMA " + schema);
    if (!schema.empty()) database_.Exec("SET search_path = " + schema);
    database_.ExecFile(usage::testing::FreeradiusSchemaPath());
    database_.Exec("SET search_path = public");
    RadacctConfig kind;
    if (!schema.empty()) {
      kind.schemas_sql = "SELECT '" + schema + "', '" + std::string(kAcme) + "'";
    }
    source_.kind = kind;
  }

  void Start() {
    config_.sources = {source_};
    runtime_.emplace(config_, clock_, program_, hub_, history_hub_);
    runtime_->Start();
    WaitFor("listening", [](const Snapshot& s) { return s.ready && s.sources[0].listening; });
  }

  void StartWithTrigger() {
    database_.Exec(FeedDdl(source_));
    Start();
  }

  template <typename Condition>
  SnapshotPtr WaitFor(const std::string& what, const Condition& condition) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    SnapshotPtr seen;
    while (std::chrono::steady_clock::now() < end) {
      if (auto next = hub_.WaitNewer(seen, 1s)) seen = next;
      if (seen && condition(*seen)) return seen;
    }
    ADD_FAILURE() << "in vain for " << what;
    return seen;
  }

  static uint64_t Downloaded(const Snapshot& snapshot) {
    uint64_t sum = 0;
    for (const TenantUsage& tenant : snapshot.tenants) {
      for (const auto& access : tenant.access) sum += access ? access->total.download : 0;
    }
    return sum;
  }
  SnapshotPtr WaitForDownload(uint64_t bytes) {
    return WaitFor(std::to_string(bytes), [=](const auto& s) { return Downloaded(s) == bytes; });
  }

  void Insert(int first, int last, uint64_t download) {
    const std::string id = "lpad(n::text, 12, '0')";
    database_.Exec(
        "INSERT INTO user_sessions (id, tenant_id, mac_address, start_time, status, data_upload,"
        " data_download, created_at, updated_at) SELECT ('00000000-0000-0000-0000-' || " +
        id + ")::uuid, '" + kAcme + "', 'mac', now() AT TIME ZONE 'UTC', 'active', 0, " +
        std::to_string(download) +
        ", now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC' FROM generate_series(" +
        std::to_string(first) + ", " + std::to_string(last) + ") n");
  }
  void Update(int number, uint64_t download, const std::string& status = "active") {
    database_.Exec("UPDATE user_sessions SET data_download = " + std::to_string(download) +
                   ", status = '" + status +
                   "', updated_at = now() AT TIME ZONE 'UTC' WHERE id = '" + IdOf(number) + "'");
  }

  void CutAllConnectionsOfTheSource() {
    database_.Exec(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name LIKE 'usage_exporter/panel%' AND datname = current_database()");
  }

  uint64_t TriggersAndFunctions() {
    return std::stoull(database_.Value(
        "SELECT (SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'usage\\_feed%') +"
        " (SELECT count(*) FROM pg_proc WHERE proname LIKE 'usage\\_feed%')"));
  }

  TestDatabase database_;
  SystemClock clock_;
  ProgramStatus program_;
  SnapshotHub hub_;
  HistoryHub history_hub_;
  SourceConfig source_;
  Config config_;
  std::optional<Runtime> runtime_;
};

TEST_F(FeedTest, ARowOfThePanelShowsWithoutWaitingForTheCycle) {
  UsePanel();
  StartWithTrigger();
  Insert(1, 1, 100);
  WaitForDownload(100);
  Update(1, 250);
  WaitForDownload(250);
  Update(1, 300, "disconnected");
  const SnapshotPtr seen = WaitForDownload(300);
  EXPECT_EQ(seen->tenants.at(0).access[1]->sessions, 0u);
  EXPECT_LE(seen->sources[0].cycles, 2u) << "the first, and the one after listening began";
  EXPECT_GE(seen->sources[0].woken, 2u);
  EXPECT_GE(seen->sources[0].notifications, 2u);
}

TEST_F(FeedTest, ARowOfRadiusShowsWithoutWaitingForTheCycle) {
  for (const char* schema : {"", "tenant_a"}) {
    UseRadacct(schema);
    StartWithTrigger();
    const std::string table = *schema == 0 ? "radacct" : "tenant_a.radacct";
    const uint64_t before = Downloaded(*hub_.Latest());
    database_.Exec("INSERT INTO " + table +
                   " (acctsessionid, acctuniqueid, username, realm, nasipaddress, acctstarttime,"
                   " acctupdatetime, acctinputoctets, acctoutputoctets) VALUES ('1', 'one" +
                   schema + "', 'anna', '" + kAcme + "', '192.0.2.1', now(), now(), 1, 10)");
    WaitForDownload(before + 10);
    database_.Exec("UPDATE " + table + " SET acctoutputoctets = 30, acctupdatetime = now()");
    WaitForDownload(before + 30);
    runtime_.reset();
    database_.Exec("DROP TABLE " + table);
  }
}

TEST_F(FeedTest, EveryByteCountsOnceWhateverTheOrderOfChanges) {
  UsePanel();
  StartWithTrigger();
  std::minstd_rand random(5);
  std::map<int, uint64_t> open;
  uint64_t sum = 0;
  int next = 0;
  for (int step = 0; step < 400; ++step) {
    if (step % 80 == 79) CutAllConnectionsOfTheSource();
    if (open.size() < 30 || random() % 10 == 0) {
      open[++next] = random() % 1000;
      sum += open[next];
      Insert(next, next, open[next]);
      continue;
    }
    const auto it = std::next(open.begin(), random() % static_cast<unsigned>(open.size()));
    const bool ends = random() % 5 == 0;
    // What ended before anybody saw it open is the cycle's.
    if (ends) WaitForDownload(sum);
    const uint64_t grown = random() % 1'000'000;
    sum += grown;
    Update(it->first, it->second += grown, ends ? "ended" : "active");
    if (ends) open.erase(it);
  }
  WaitForDownload(sum);
  runtime_.reset();
  EXPECT_EQ(Downloaded(*hub_.Latest()), sum);
}

TEST_F(FeedTest, WhatCameWhileNobodyListenedIsReadWhenListeningBeginsAgain) {
  UsePanel();
  StartWithTrigger();
  Insert(1, 1, 100);
  WaitForDownload(100);
  const std::string feed =
      " FROM pg_stat_activity WHERE application_name = 'usage_exporter/panel/feed'"
      " AND datname = current_database()";
  EXPECT_EQ(database_.Value("SELECT count(pg_terminate_backend(pid))" + feed), "1");
  while (database_.Value("SELECT count(*)" + feed) != "0") std::this_thread::sleep_for(1ms);
  Update(1, 200);
  WaitForDownload(200);
  Update(1, 300);
  WaitForDownload(300);
}

TEST_F(FeedTest, WithoutTheTriggerTheCycleFindsIt) {
  UsePanel();
  source_.interval = 1s;
  Start();
  Insert(1, 1, 100);
  const SnapshotPtr seen = WaitForDownload(100);
  EXPECT_EQ(seen->sources[0].notifications, 0u);
}

TEST_F(FeedTest, MoreRowsThanANotificationNamesAreLeftToTheCycle) {
  UsePanel();
  source_.interval = 1s;
  StartWithTrigger();
  Insert(1, 300, 7);
  const SnapshotPtr seen = WaitForDownload(2100);
  EXPECT_EQ(seen->sources[0].woken, 0u);
  runtime_.reset();
}

TEST_F(FeedTest, WhatIsNoKeyDoesNoHarm) {
  UsePanel();
  StartWithTrigger();
  for (const char* payload : {"", "\n\n", "'; DROP TABLE user_sessions; --", "\\x00 é"}) {
    database_.Exec(std::string("SELECT pg_notify('usage_panel', $$") + payload + "$$)");
  }
  Insert(1, 1, 100);
  const SnapshotPtr seen = WaitForDownload(100);
  EXPECT_TRUE(seen->sources[0].up);
}

TEST_F(FeedTest, AClosedRowOfTheTimeBeforeStaysHistoryThoughItIsTouched) {
  UsePanel();
  Insert(1, 1, 1000);
  Update(1, 1000, "ended");
  database_.Exec("UPDATE user_sessions SET created_at = created_at - interval '1 day'");
  StartWithTrigger();
  Update(1, 5000, "ended");
  Insert(2, 2, 1);
  WaitForDownload(1);
}

TEST_F(FeedTest, TheDdlMayRunAgainAndGoesAwayWhole) {
  for (const bool is_radius : {false, true}) {
    is_radius ? UseRadacct("tenant_b") : UsePanel();
    for (int i = 0; i < 2; ++i) database_.Exec(FeedDdl(source_));
    EXPECT_EQ(TriggersAndFunctions(), 3u);
    for (int i = 0; i < 2; ++i) database_.Exec(FeedDropDdl(source_));
    EXPECT_EQ(TriggersAndFunctions(), 0u);
  }
}

TEST_F(FeedTest, AWriterNeedsNoRightForItAndNotesNothingOfIt) {
  UsePanel();
  database_.Exec(FeedDdl(source_));
  database_.Exec("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC");
  const std::string writer = database_.CreateRole("writer");
  database_.Exec("GRANT INSERT, UPDATE, SELECT ON user_sessions TO " + writer);
  database_.Exec("SET ROLE " + writer);
  Insert(1, 5000, 7);
  database_.Exec("UPDATE user_sessions SET data_download = 8 WHERE false");
  database_.Exec("UPDATE user_sessions SET data_download = 8");
  EXPECT_EQ(database_.Value("SELECT sum(data_download) FROM user_sessions"), "40000");
  database_.Exec("RESET ROLE");
}

}  // namespace
}  // namespace usage
