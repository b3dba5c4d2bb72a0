// The store on a real PostgreSQL.
#include "storage/store.h"

#include <gtest/gtest.h>

#include <random>
#include <sstream>
#include <thread>

#include "tests/support/postgres.h"

namespace usage {
namespace {

using testing::TestDatabase;
using testing::ToText;

Instant T(int day, int hour, int minute = 0) {
  auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  return std::chrono::time_point_cast<Duration>(today) + std::chrono::days(day) +
         std::chrono::hours(hour) + std::chrono::minutes(minute);
}

StorageConfig ConfigOf(const std::string& dsn) {
  StorageConfig config;
  config.database = {dsn, "", "the test's database"};
  return config;
}

Observation Row(const std::string& key, const std::string& tenant, Instant started, Instant stamp,
                uint64_t up, uint64_t down) {
  Observation row;
  row.key = key;
  row.tenant = tenant;
  row.subscriber = "user of " + key;
  row.access = Access::kPppoe;
  row.started = started;
  row.stamp = stamp;
  row.upload = up;
  row.download = down;
  return row;
}

std::vector<ListedTenant> OneTenant(const std::string& id = "acme") {
  return {{id, "ACME", "gold", 1'000'000, &Zone::Utc(), 1}};
}

// What a program does with a store, in short.
class Books {
 public:
  explicit Books(const StorageConfig& config) : store(config) { LoadAfterAnother(); }

  // The server notices a moment later that the writer before this one is gone.
  void LoadAfterAnother() {
    for (int tries = 0;; ++tries) {
      try {
        return Load();
      } catch (const NotTheWriter&) {
        if (tries == 200) throw;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      }
    }
  }

  void Load(Instant now = T(0, 12)) {
    ledger = store.Load(LedgerRules(), now);
    source = store.SourceOf("panel");
  }
  void List(const std::vector<ListedTenant>& tenants, Instant now = T(0, 12)) {
    TenantUpdate update = ledger->PlanTenants(tenants, now);
    store.Commit(update);
    ledger->Apply(update, now);
    if (update.attributed.empty()) return;
    Change change = ledger->PlanAttribution(store.ParkedOf(update.attributed), now);
    store.Commit(change);
    ledger->Apply(change);
  }
  void Book(std::vector<Observation> rows, const std::string& cursor = "7",
            std::vector<std::string> gone = {}) {
    SourceBatch batch;
    batch.observations = std::move(rows);
    batch.cursor = cursor;
    batch.gone = std::move(gone);
    store.Restore(source, ledger->WhatIsMissing(source, batch), ledger.get());
    Change change = ledger->Plan(source, batch, T(0, 12));
    store.Commit(change);
    ledger->Apply(change);
  }
  // Everything that is shown of a tenant.
  std::string Shown(const std::string& id = "acme") const {
    const Tenant* tenant = ledger->FindTenant(id);
    if (tenant == nullptr) return "nothing";
    std::ostringstream text;
    for (const auto& totals : tenant->access) {
      if (!totals) continue;
      text << "total " << totals->total.upload << " " << totals->total.download << " today "
           << totals->usage.TodayOn(tenant->today).download << " month "
           << totals->usage.MonthIn(tenant->period).download << " open " << totals->open
           << " started " << totals->started << " ended " << totals->ended;
      for (const Account* account : totals->top.in(tenant->period)) {
        text << "; " << account->name.subscriber << " "
             << account->usage.TodayOn(tenant->today).download << " "
             << account->usage.MonthIn(tenant->period).download;
      }
    }
    return text.str();
  }

  Store store;
  std::unique_ptr<Ledger> ledger;
  SourceRef source = 0;
};

TEST(StoreTest, AfterACrashTheBooksAreAsLastCommitted) {
  TestDatabase database;
  std::string shown;
  {
    Books books(ConfigOf(database.dsn()));
    books.List(OneTenant());
    books.Book(
        {Row("a", "acme", T(0, 1), T(0, 2), 10, 100), Row("b", "acme", T(0, 1), T(0, 2), 5, 50)});
    books.Book({Row("a", "acme", T(0, 1), T(0, 3), 30, 300)}, "9");
    shown = books.Shown();
    EXPECT_EQ(shown,
              "total 35 350 today 350 month 350 open 2 started 2 ended 0; user of a 300 300; "
              "user of b 50 50");
  }  // without a fold: as after kill -9
  Books books(ConfigOf(database.dsn()));
  EXPECT_EQ(books.Shown(), shown);
  ResumePoint point = books.store.Resume(books.source, *books.ledger);
  EXPECT_EQ(point.cursor, "9");
  EXPECT_EQ(point.open.size(), 2u);
  books.Book({Row("a", "acme", T(0, 1), T(0, 3), 30, 300)}, "9");
  EXPECT_EQ(books.Shown(), shown) << "a row that is read again adds nothing";
}

TEST(StoreTest, TheTablesHoldWhatIsShown) {
  TestDatabase database;
  Books books(ConfigOf(database.dsn()));
  books.List(OneTenant());
  books.Book({Row("a", "acme", T(-1, 22), T(0, 2), 400, 4000)});
  EXPECT_EQ(books.store.Fold(), 0u);
  EXPECT_EQ(ToText(database.Query("SELECT day - (now() AT TIME ZONE 'UTC')::date, upload_bytes, "
                                  "download_bytes FROM usage.tenant_day ORDER BY day")),
            "-1 | 200 | 2000\n0 | 200 | 2000\n");
  EXPECT_EQ(ToText(database.Query("SELECT subscriber, sum(upload_bytes), sum(download_bytes) FROM "
                                  "usage.subscriber_day GROUP BY 1")),
            "user of a | 400 | 4000\n");
  EXPECT_EQ(ToText(database.Query("SELECT upload_bytes, download_bytes, sessions_started FROM "
                                  "usage.tenant_total")),
            "400 | 4000 | 1\n");
  EXPECT_EQ(database.Value("SELECT count(*) FROM usage.journal"), "0");
}

TEST(StoreTest, AClosedSessionIsFoundAgainWhenItsRowComesBack) {
  TestDatabase database;
  Books books(ConfigOf(database.dsn()));
  books.List(OneTenant());
  books.Book({Row("a", "acme", T(0, 1), T(0, 2), 10, 100)});
  books.Book({}, "8", {"a"});
  books.store.Fold();
  books.ledger->ForgetTheSettled();
  EXPECT_EQ(books.ledger->session_count(), 0u);
  books.Book({Row("a", "acme", T(0, 1), T(0, 3), 12, 120)});
  EXPECT_EQ(books.ledger->FindTenant("acme")->access[1]->total, (Volume{12, 120}));
}

// Found by killing the exporter: the account was known to the database only.
TEST(StoreTest, ASessionOfASilentSubscriberIsReplayed) {
  TestDatabase database;
  {
    Books books(ConfigOf(database.dsn()));
    books.List(OneTenant());
    books.Book({Row("a", "acme", T(0, 1), T(0, 1), 0, 0)});
    books.Book({}, "8", {"a"});
    books.store.Fold();
    books.ledger->ForgetTheSettled();
    Observation again = Row("b", "acme", T(0, 2), T(0, 2), 0, 0);
    again.subscriber = "user of a";
    books.Book({again});
  }
  Books books(ConfigOf(database.dsn()));
  EXPECT_EQ(books.Shown(), "total 0 0 today 0 month 0 open 1 started 2 ended 1");
}

TEST(StoreTest, BytesOfAnUnknownTenantWaitInTheDatabase) {
  TestDatabase database;
  {
    Books books(ConfigOf(database.dsn()));
    books.Book({Row("a", "late", T(-1, 22), T(0, 2), 400, 4000)});
    EXPECT_EQ(books.ledger->counts(books.source).parked, (Volume{400, 4000}));
  }
  Books books(ConfigOf(database.dsn()));
  EXPECT_EQ(books.ledger->counts(books.source).parked, (Volume{400, 4000}));
  books.List(OneTenant("late"));
  EXPECT_EQ(books.ledger->counts(books.source).parked, (Volume{}));
  EXPECT_EQ(books.store.Fold(), 0u);
  EXPECT_EQ(ToText(database.Query("SELECT upload_bytes, download_bytes FROM usage.tenant_day "
                                  "ORDER BY day")),
            "200 | 2000\n200 | 2000\n");
  EXPECT_EQ(database.Value("SELECT count(*) FROM usage.parked"), "0");
}

TEST(StoreTest, AChangeOfAClosedDayLeavesALine) {
  TestDatabase database;
  Books books(ConfigOf(database.dsn()));
  database.Exec("UPDATE usage.state SET born_at = now() - interval '30 days'");
  books.Load();
  books.List(OneTenant());
  books.Book({Row("a", "acme", T(-3, 1), T(-3, 2), 10, 100)});
  books.store.Fold();
  EXPECT_EQ(ToText(database.Query("SELECT tenant_id, subscriber, upload_bytes, download_bytes FROM "
                                  "usage.audit")),
            "acme | user of a | 10 | 100\n");
  books.Load();
  EXPECT_EQ(books.ledger->late_shares(), 1u);
}

TEST(StoreTest, TenantsAndTheirCalendarsSurvive) {
  TestDatabase database;
  Books books(ConfigOf(database.dsn()));
  books.List(
      {{"acme", "ACME \"quoted\" \\ é", "p", std::nullopt, Zone::Find("Asia/Kathmandu"), 31}});
  books.List({{"acme", "ACME", "p", 5, Zone::Find("Europe/Berlin"), 15}});
  TenantProfile before = books.ledger->FindTenant("acme")->profile;
  books.Load();
  EXPECT_EQ(books.ledger->FindTenant("acme")->profile, before);
  books.List({});
  books.Load();
  EXPECT_EQ(*books.ledger->FindTenant("acme")->profile.gone_since, T(0, 12));
}

TEST(StoreTest, TwoWritersCannotBe) {
  TestDatabase database;
  Books first(ConfigOf(database.dsn()));
  Store second(ConfigOf(database.dsn()));
  EXPECT_THROW((void)second.Load(LedgerRules(), T(0, 12)), NotTheWriter);
  first.List(OneTenant());
  database.TerminateBackends();  // the first one loses its lock without noticing
  (void)second.Load(LedgerRules(), T(0, 12));
  EXPECT_THROW(first.Book({Row("a", "acme", T(0, 1), T(0, 2), 10, 100)}), StoreError);
  EXPECT_THROW(first.Load(), NotTheWriter);
}

TEST(StoreTest, AWriterThatLostItsPlaceCannotCommit) {
  TestDatabase database;
  Books books(ConfigOf(database.dsn()));
  books.List(OneTenant());
  database.Exec("UPDATE usage.state SET writer = writer + 1");  // another one was here
  EXPECT_THROW(books.Book({Row("a", "acme", T(0, 1), T(0, 2), 10, 100)}), NotTheWriter);
  EXPECT_EQ(database.Value("SELECT count(*) FROM usage.journal"), "0");
}

TEST(StoreTest, AfterAFailureNothingGoesWithoutALoad) {
  TestDatabase database;
  Books books(ConfigOf(database.dsn()));
  books.List(OneTenant());
  database.TerminateBackends();
  EXPECT_THROW(books.Book({Row("a", "acme", T(0, 1), T(0, 2), 10, 100)}), StoreError);
  EXPECT_THROW(books.store.Fold(), StoreError);
  books.Load();
  books.Book({Row("a", "acme", T(0, 1), T(0, 2), 10, 100)});
  EXPECT_EQ(books.ledger->FindTenant("acme")->access[1]->total, (Volume{10, 100}));
}

TEST(StoreTest, AServerThatStandsStillIsGivenUp) {
  TestDatabase database;
  StorageConfig config = ConfigOf(database.dsn());
  config.timeout = std::chrono::seconds(1);
  Books books(config);
  books.List(OneTenant());
  database.FreezeBackends();
  try {
    books.Book({Row("a", "acme", T(0, 1), T(0, 2), 10, 100)});
    FAIL() << "booked by nobody";
  } catch (const StoreError& error) {
    EXPECT_STREQ(error.what(), "ledger at the test's database: no answer in time");
  }
  database.ThawBackends();
  books.LoadAfterAnother();
  books.Book({Row("a", "acme", T(0, 1), T(0, 2), 10, 100)});
  EXPECT_EQ(books.ledger->FindTenant("acme")->access[1]->total, (Volume{10, 100}));
}

// A backend that ends in any statement of a commit or a fold leaves all of it or nothing.
TEST(StoreTest, RandomLivesWithCrashesLoseNothingAndCountNothingTwice) {
  TestDatabase database;
  auto books = std::make_unique<Books>(ConfigOf(database.dsn()));
  books->List(OneTenant());
  std::mt19937_64 random(5);
  std::map<std::string, uint64_t> truth;
  for (int i = 0; i < 150; ++i) {
    std::vector<Observation> rows;
    for (int j = 0; j < 5; ++j) {
      std::string key = "s" + std::to_string(random() % 40);
      if (std::any_of(rows.begin(), rows.end(), [&](auto& r) { return r.key == key; })) continue;
      uint64_t bytes = truth[key] += random() % 1000;
      rows.push_back(Row(key, "acme", T(0, 0), T(0, 0, i * 4), bytes, 0));
      if (random() % 10 == 0) rows.back().open = false;
    }
    books->Book(rows);
    bool folded = random() % 5 == 0;
    if (folded) {
      ASSERT_EQ(books->store.Fold(), 0u);
      books->ledger->ForgetTheSettled();
    }
    if (random() % 7 == 0) {
      books.reset();
      books = std::make_unique<Books>(ConfigOf(database.dsn()));
    }
  }
  uint64_t sum = 0;
  for (const auto& [key, bytes] : truth) sum += bytes;
  EXPECT_EQ(books->ledger->FindTenant("acme")->access[1]->total.upload, sum);
  EXPECT_EQ(books->store.Fold(), 0u);
  EXPECT_EQ(database.Value("SELECT sum(upload_bytes) FROM usage.session_day"), std::to_string(sum));
}

TEST(StoreTest, ABrokenSumIsReported) {
  TestDatabase database;
  Books books(ConfigOf(database.dsn()));
  books.List(OneTenant());
  books.Book({Row("a", "acme", T(0, 1), T(0, 2), 10, 100)});
  EXPECT_EQ(books.store.Fold(), 0u);
  database.Exec("UPDATE usage.tenant_total SET upload_bytes = upload_bytes + 1");
  EXPECT_EQ(books.store.Fold(), 1u);
  database.Exec("UPDATE usage.session_day SET upload_bytes = upload_bytes + 1");
  books.Book({Row("a", "acme", T(0, 1), T(0, 3), 20, 100)});
  EXPECT_EQ(books.store.Fold(), 2u);
}

TEST(StoreTest, ASchemaOfANewerProgramIsRefused) {
  TestDatabase database;
  { Books books(ConfigOf(database.dsn())); }
  database.Exec("INSERT INTO usage.migration VALUES ('9999_from_the_future')");
  try {
    Books books(ConfigOf(database.dsn()));
    FAIL();
  } catch (const StoreError& e) {
    EXPECT_NE(std::string(e.what()).find("9999_from_the_future"), std::string::npos) << e.what();
  }
}

TEST(StoreTest, ARoleThatMayNotCreateTheSchemaIsToldWhatToGrant) {
  TestDatabase database;
  std::string role = database.CreateRole();
  try {
    Books books(ConfigOf(database.dsn(role)));
    FAIL();
  } catch (const StoreError& e) {
    EXPECT_NE(std::string(e.what()).find("grants.md"), std::string::npos) << e.what();
  }
}

TEST(StoreTest, APasswordInTheDsnIsInNoError) {
  StorageConfig config = ConfigOf("postgresql://u:hunter2@127.0.0.1:1/none");
  try {
    (void)Store(config).Load(LedgerRules(), T(0, 12));
    FAIL();
  } catch (const StoreError& e) {
    EXPECT_EQ(std::string(e.what()).find("hunter2"), std::string::npos);
  }
}

}  // namespace
}  // namespace usage
