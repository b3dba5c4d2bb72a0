// The live push against a Grafana that the test writes, with the orgs in a real PostgreSQL.
#include "grafana/live_push.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "tests/grafana/fake_grafana.h"
#include "tests/support/postgres.h"

namespace usage::grafana {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using ::usage::testing::FakeGrafana;
using ::usage::testing::PushSeen;
using ::usage::testing::TestDatabase;

const std::string kMigration =
    std::string(USAGE_SOURCE_DIR) + "/exporter/storage/migrations/0002_grafana.sql";

class LivePushTest : public ::testing::Test {
 protected:
  LivePushTest() {
    database_.Exec("CREATE SCHEMA usage; SET search_path = usage; " +
                   ::usage::testing::ReadFile(kMigration));
    storage_.database = {database_.dsn(), "", "the test's database"};
    live_.interval = 50ms;
    live_.timeout = 20s;
    next_.exporter.ledger.writer = true;
    next_.at = FromUnixMicros(1'795'421'600'000'000);
    AddTenant("acme");
    AddTenant("bold");
  }

  void AddTenant(const std::string& id) {
    TenantUsage tenant;
    tenant.id = id;
    tenant.access[1].emplace().sessions = 1;
    next_.tenants.push_back(tenant);
  }

  void SetToken(const std::string& tenant, const std::string& token) {
    database_.Exec("INSERT INTO usage.grafana_org (tenant_id, org_id, name, live_token) SELECT '" +
                   tenant + "', coalesce(max(org_id), 1) + 1, 'org', '" + token +
                   "' FROM usage.grafana_org"
                   " ON CONFLICT (tenant_id) DO UPDATE SET live_token = EXCLUDED.live_token");
  }

  void Start(int port) {
    GrafanaConfig config;
    config.url = {"127.0.0.1", port, "/sub", false};
    config.live = live_;
    push_.emplace(config, storage_, hub_, [this](const std::string& who, const std::string& error) {
      if (error.empty()) return;
      notes_.push_back(who + ": " + error);
      has_notes_ = true;
    });
    push_->Start();
  }

  // A snapshot a second after the one before, with so many bytes more of each tenant in `ids`.
  void Publish(const std::vector<std::string>& ids, uint64_t bytes = 1000) {
    next_.at += 1s;
    for (TenantUsage& tenant : next_.tenants) {
      if (std::find(ids.begin(), ids.end(), tenant.id) == ids.end()) continue;
      AccessUsage& usage = *tenant.access[1];
      usage.total.download += bytes;
      usage.today = usage.month = usage.total;
      usage.top = {{"anna", usage.today, usage.month}};
      usage.data_timestamp = next_.at;
    }
    hub_.Publish(std::make_shared<Snapshot>(next_));
  }

  void PublishFirst() { Publish({"acme", "bold"}, 2000); }

  // A frame in which anna has so many.
  static std::function<bool(const PushSeen&)> Shows(const std::string& token, uint64_t bytes) {
    return [=](const PushSeen& push) {
      return push.token() == token &&
             push.body.find("month_download_bytes=" + std::to_string(bytes) + " ") !=
                 std::string::npos;
    };
  }

  template <typename Condition>
  LiveStatus WaitForStatus(const Condition& condition) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (!condition(push_->status()) && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(5ms);
    }
    EXPECT_TRUE(condition(push_->status()));
    return push_->status();
  }

  TestDatabase database_;
  StorageConfig storage_;
  LiveConfig live_;
  SnapshotHub hub_;
  Snapshot next_;
  std::vector<std::string> notes_;  // push_'s threads write here until it has stopped
  std::atomic<bool> has_notes_ = false;
  std::optional<LivePush> push_;
};

TEST_F(LivePushTest, SendsTheOrgsTokenAndNothingElseThatNamesAnOrg) {
  SetToken("acme", "glsa_acme");
  FakeGrafana grafana;
  Start(grafana.port());
  PublishFirst();
  grafana.WaitFor(Shows("glsa_acme", 2000));
  Publish({"acme"}, 1000);
  const PushSeen push = grafana.WaitFor(Shows("glsa_acme", 3000));
  const std::string host = "127.0.0.1:" + std::to_string(grafana.port());
  std::vector<std::string> lines;
  for (size_t at = 0, end; (end = push.head.find("\r\n", at)) != std::string::npos; at = end + 2) {
    if (end > at) lines.push_back(push.head.substr(at, end - at));
  }
  EXPECT_EQ(lines.at(0), "POST /sub/api/live/push/usage HTTP/1.1");
  lines.erase(lines.begin());
  EXPECT_THAT(
      lines, UnorderedElementsAre("Host: " + host, "Accept: */*", "Authorization: Bearer glsa_acme",
                                  "Content-Type: text/plain; charset=utf-8",
                                  "Content-Length: " + std::to_string(push.body.size()),
                                  ::testing::StartsWith("User-Agent: usage_exporter/")));
  EXPECT_THAT(push.body, HasSubstr("traffic,access=pppoe upload_bps=0,download_bps=8000,"));
}

TEST_F(LivePushTest, EachOrgGetsItsOwnTenantsNumbers) {
  SetToken("acme", "glsa_acme");
  SetToken("bold", "glsa_bold");
  FakeGrafana grafana;
  Start(grafana.port());
  PublishFirst();
  grafana.WaitFor(Shows("glsa_bold", 2000));
  Publish({"acme"}, 5);
  grafana.WaitFor(Shows("glsa_acme", 2005));
  for (const PushSeen& push : grafana.WaitFor(grafana.pushes())) {
    EXPECT_TRUE(push.token() == "glsa_acme" || push.body.find("=2005") == std::string::npos);
  }
}

TEST_F(LivePushTest, TenantsWithoutAnOrgOrThatLeftGetNothing) {
  SetToken("acme", "glsa_acme");
  SetToken("bold", "glsa_bold");
  SetToken("", "glsa_operator");
  database_.Exec("UPDATE usage.grafana_org SET locked_at = now() WHERE tenant_id = 'bold'");
  FakeGrafana grafana;
  Start(grafana.port());
  for (int i = 0; i < 5; ++i) PublishFirst();
  grafana.WaitFor(Shows("glsa_acme", 10'000));
  for (const PushSeen& push : grafana.WaitFor(grafana.pushes())) {
    EXPECT_EQ(push.token(), "glsa_acme");
  }
  EXPECT_EQ(push_->status().orgs, 1u);
}

TEST_F(LivePushTest, KeepsItsConnections) {
  SetToken("acme", "glsa_acme");
  live_.concurrency = 1;
  FakeGrafana grafana;
  Start(grafana.port());
  PublishFirst();
  for (uint64_t i = 1; i <= 5; ++i) {
    Publish({"acme"}, 1);
    grafana.WaitFor(Shows("glsa_acme", 2000 + i));
  }
  EXPECT_EQ(grafana.connections(), 1);
}

TEST_F(LivePushTest, ASlowGrafanaGetsTheNewestAndTheOthersAreCountedAsDropped) {
  SetToken("acme", "glsa_acme");
  FakeGrafana grafana;
  std::atomic<bool> is_slow = true;
  grafana.SetAnswer([&](const PushSeen&) {
    while (is_slow) std::this_thread::sleep_for(1ms);
    return 200;
  });
  Start(grafana.port());
  PublishFirst();
  WaitForStatus([&](const LiveStatus& status) {  // each of its news may be merged with the next
    Publish({"acme"});
    return status.dropped_frames >= 3;
  });
  const uint64_t newest = next_.tenants[0].access[1]->total.download;
  is_slow = false;
  grafana.WaitFor(Shows("glsa_acme", newest));
  EXPECT_THAT(push_->status().errors, 0u);
}

TEST_F(LivePushTest, AGrafanaThatStandsStillHoldsUpNeitherTheHubNorTheEnd) {
  SetToken("acme", "glsa_acme");
  live_.timeout = 60s;
  FakeGrafana grafana;
  grafana.SetAnswer([](const PushSeen&) { return FakeGrafana::kSilence; });
  Start(grafana.port());
  PublishFirst();
  grafana.WaitFor(1);
  for (int i = 0; i < 100; ++i) Publish({"acme"});  // would wait for ever
  push_->Stop();                                    // as would this, for a minute
  EXPECT_EQ(push_->status().frames, 0u);
}

TEST_F(LivePushTest, GoesOnWhenGrafanaIsBackAndSaysOnceThatItWasAway) {
  SetToken("acme", "glsa_acme");
  auto grafana = std::make_unique<FakeGrafana>();
  const int port = grafana->port();
  Start(port);
  PublishFirst();
  grafana->WaitFor(Shows("glsa_acme", 2000));
  WaitForStatus([](const auto& status) { return status.frames > 0; });
  grafana.reset();
  Publish({"acme"});
  const LiveStatus away = WaitForStatus([](const auto& status) { return status.errors > 0; });
  EXPECT_EQ(away.up, false);
  FakeGrafana again(port);
  again.WaitFor(Shows("glsa_acme", 3000));
  const LiveStatus back = WaitForStatus([](const auto& status) { return status.up == true; });
  EXPECT_GE(back.frames, 2u);
  EXPECT_GE(back.last_success, away.last_success);
  push_->Stop();
  ASSERT_THAT(notes_, Not(IsEmpty()));
  for (const std::string& note : notes_) {
    EXPECT_THAT(note, HasSubstr("live push: http://127.0.0.1:" + std::to_string(port) + "/sub"));
    EXPECT_THAT(note, Not(HasSubstr("glsa_")));
  }
}

TEST_F(LivePushTest, AfterARefusalItTakesTheTokenThatIsInTheTableNow) {
  SetToken("acme", "glsa_old");
  SetToken("bold", "glsa_bold");
  FakeGrafana grafana;
  grafana.SetAnswer([](const PushSeen& push) { return push.token() == "glsa_old" ? 401 : 200; });
  Start(grafana.port());
  PublishFirst();
  grafana.WaitFor([](const PushSeen& push) { return push.token() == "glsa_old"; });
  SetToken("acme", "glsa_new");
  grafana.WaitFor(Shows("glsa_new", 2000));
  grafana.WaitFor(Shows("glsa_bold", 2000));
  push_->Stop();
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("live push of tenant acme: ")));
  EXPECT_THAT(notes_[0], HasSubstr("run 'usagectl grafana apply'"));
}

TEST_F(LivePushTest, AnotherExportersNumbersAreNotPushed) {
  SetToken("acme", "glsa_acme");
  FakeGrafana grafana;
  next_.exporter.ledger.writer = false;
  Start(grafana.port());
  for (int i = 0; i < 10; ++i) PublishFirst();
  next_.exporter.ledger.writer = true;
  Publish({"acme"}, 7);
  grafana.WaitFor(Shows("glsa_acme", 20'007));
  for (const PushSeen& push : grafana.WaitFor(grafana.pushes())) {
    EXPECT_THAT(push.body, HasSubstr("=20007"));
  }
}

TEST_F(LivePushTest, WithoutTheTableItSaysWhatIsMissing) {
  database_.Exec("DROP TABLE usage.grafana_org");
  FakeGrafana grafana;
  Start(grafana.port());
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (!has_notes_ && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(5ms);
  push_->Stop();
  ASSERT_THAT(notes_, Not(IsEmpty()));
  EXPECT_THAT(notes_[0], HasSubstr("orgs of the live push: the test's database: "));
}

}  // namespace
}  // namespace usage::grafana
