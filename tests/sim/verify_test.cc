#include "sim/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "core/clock.h"
#include "core/metrics_text.h"
#include "core/zone.h"
#include "sim/metrics_page.h"
#include "tests/support/postgres.h"
#include "tests/support/temp_folder.h"

namespace usage::sim {
namespace {

using ::testing::HasSubstr;
using usage::testing::TempFolder;
using usage::testing::TestDatabase;

// --- The figures.

TEST(BillingMonth, BeginsOnItsDayOrOnTheLastOfAShortMonth) {
  auto month = [](int y, unsigned m, unsigned d, int billing_day) {
    return BillingMonthOf(Day::FromCivil(y, m, d), billing_day).ToString();
  };
  EXPECT_EQ(month(2026, 11, 23, 1), "2026-11-01");
  EXPECT_EQ(month(2026, 11, 23, 23), "2026-11-23");
  EXPECT_EQ(month(2026, 11, 22, 23), "2026-10-23");
  EXPECT_EQ(month(2026, 3, 1, 31), "2026-02-28");
  EXPECT_EQ(month(2028, 2, 29, 30), "2028-02-29");
  EXPECT_EQ(month(2026, 2, 27, 31), "2026-01-31");
  EXPECT_EQ(month(2026, 1, 30, 31), "2025-12-31");
}

TEST(MetricsPage, ReadsLabelsWithEverythingThatIsEscaped) {
  auto sample = ParseSample(R"(a_total{x="q\"\\\n,}",y=""} 12 1700000000)");
  EXPECT_EQ(sample->name, "a_total");
  EXPECT_EQ(sample->labels.at("x"), "q\"\\\n,}");
  EXPECT_EQ(sample->labels.at("y"), "");
  EXPECT_EQ(sample->value, "12");
  EXPECT_EQ(ParseSample("up 1")->value, "1");
  EXPECT_FALSE(ParseSample("# HELP up x"));
}

TEST(MetricsPage, CountsAreExactPastTwoToThe53) {
  EXPECT_EQ(WholeNumber("9007199254740993"), 9007199254740993U);
  EXPECT_EQ(WholeNumber("18446744073709551615"), ~uint64_t{0});
  EXPECT_EQ(WholeNumber("1.5e+09"), 1'500'000'000U);
  EXPECT_FALSE(WholeNumber("1.5"));
  EXPECT_FALSE(WholeNumber("-1"));
  EXPECT_FALSE(WholeNumber("NaN"));
}

TEST(MetricsPage, NamesTheLineThatItCanNotRead) {
  auto message = [](const std::string& page) {
    try {
      ParsePage(page);
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message("up 1\nup{a=\"b 1\n"), "line 2: a label's value does not end");
  EXPECT_EQ(message("usage_upload_bytes_total{tenant_id=\"a\"} NaN\n"),
            "line 1: NaN is no number of bytes");
}

// --- The comparison, against a small web server and a schema that hold what a truth says.

// Like the exporter's: two subscribers by name, the rest is "other".
std::string PageOf(const Truth& truth, Instant now) {
  static const std::map<FigureKind, std::string> kNames = {
      {FigureKind::kTotal, "usage_%_bytes_total"},
      {FigureKind::kToday, "usage_today_%_bytes"},
      {FigureKind::kMonth, "usage_month_%_bytes"},
      {FigureKind::kSubscriberToday, "usage_subscriber_today_%_bytes"}};
  Figures figures = PageFigures(truth, now);
  Figures shown;
  std::map<std::string, int> count;
  for (const auto& [key, volume] : figures) {
    if (key.kind == FigureKind::kSubscriberToday && ++count[key.tenant + key.access] <= 2) {
      shown[key] = volume;
    }
  }
  std::ostringstream page;
  for (const auto& [key, volume] : FoldOthers(figures, shown)) {
    for (bool is_upload : {true, false}) {
      std::string name = kNames.at(key.kind);
      name.replace(name.find('%'), 1, is_upload ? "upload" : "download");
      page << name << "{tenant_id=\"" << key.tenant << "\",access=\"" << key.access << "\"";
      if (!key.subscriber.empty()) page << ",subscriber=\"" << key.subscriber << "\"";
      page << "} " << (is_upload ? volume.upload : volume.download) << "\n";
    }
  }
  return page.str();
}

void FillLedger(const Truth& truth, TestDatabase& database) {
  database.Exec(
      "CREATE SCHEMA usage;"
      "CREATE TABLE usage.subscriber_day (tenant_id text, access text, subscriber text, day date,"
      " upload_bytes bigint, download_bytes bigint);");
  for (const auto& [key, days] : truth.bytes) {
    for (const auto& [day, volume] : days) {
      database.Exec("INSERT INTO usage.subscriber_day VALUES ('" + key.tenant + "','" +
                    std::string(AccessName(key.access)) + "','" + key.subscriber + "','" +
                    day.ToString() + "'," + std::to_string(volume.upload) + "," +
                    std::to_string(volume.download) + ")");
    }
  }
  database.Exec(
      "CREATE TABLE usage.tenant_day AS SELECT tenant_id, access, day, sum(upload_bytes)::bigint"
      " AS upload_bytes, sum(download_bytes)::bigint AS download_bytes"
      " FROM usage.subscriber_day GROUP BY 1, 2, 3;"
      "CREATE TABLE usage.tenant_total AS SELECT tenant_id, access, sum(upload_bytes)::bigint"
      " AS upload_bytes, sum(download_bytes)::bigint AS download_bytes"
      " FROM usage.tenant_day GROUP BY 1, 2");
}

Truth SampleTruth() {
  Truth truth;
  truth.settled = true;
  truth.tenants["t1"] = {"Hotel", "Pacific/Kiritimati", 31};
  truth.tenants["t2"] = {"Net", "America/New_York", 1};
  Instant now = SystemClock().Now();
  Day first = Zone::Find("Pacific/Kiritimati")->At(now);
  Day second = Zone::Find("America/New_York")->At(now);
  for (uint64_t i = 0; i < 5; ++i) {
    std::string name = "user" + std::to_string(i);
    truth.Book({"t1", Access::kHotspot, name}, {{first - 40, {9, 9}}, {first, {i + 1, 100 * i}}});
    truth.Book({"t2", Access::kPppoe, name},
               {{second - 1, {5, i}}, {second, {1ULL << 54, (1ULL << 54) + i}}});
  }
  return truth;
}

class VerifyTest : public ::testing::Test {
 protected:
  VerifyTest() : truth_(SampleTruth()), page_(PageOf(truth_, SystemClock().Now())) {
    WriteTruth(truth_, folder_ / "truth");
    FillLedger(truth_, database_);
    server_.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
      std::lock_guard lock(mutex_);
      ++requests_;
      response.set_content(page_, "text/plain");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // stop() has no effect on a server that does not run yet.
    while (!server_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    options_.truth = folder_ / "truth";
    options_.metrics = "http://127.0.0.1:" + std::to_string(port_) + "/metrics";
    options_.ledger = database_.dsn();
    options_.timeout = std::chrono::minutes(2);
  }
  ~VerifyTest() override {
    server_.stop();
    thread_.join();
  }

  // When it is not to be equal there is no need to wait for it.
  Verdict VerifyAtOnce() {
    options_.timeout = std::chrono::milliseconds(1);
    return Verify();
  }
  Verdict Verify() {
    out_.str("");
    errors_.str("");
    return usage::sim::Verify(options_, out_, errors_);
  }
  void ReplaceInPage(const std::string& from, const std::string& to) {
    std::lock_guard lock(mutex_);
    size_t at = page_.find(from);
    ASSERT_NE(at, page_.npos) << page_;
    page_.replace(at, from.size(), to);
  }

  TempFolder folder_;
  TestDatabase database_;
  Truth truth_;
  std::mutex mutex_;
  std::string page_;
  int requests_ = 0;
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  VerifyOptions options_;
  std::ostringstream out_, errors_;
};

TEST_F(VerifyTest, EqualIsZero) {
  EXPECT_EQ(Verify(), Verdict::kEqual) << out_.str() << errors_.str();
  EXPECT_THAT(out_.str(), HasSubstr("2 tenants, 10 subscribers: 0 bytes off\n"));
}

TEST_F(VerifyTest, OneByteInAnyTableOfTheLedgerIsFound) {
  for (const char* table : {"tenant_total", "tenant_day", "subscriber_day"}) {
    for (const char* column : {"upload_bytes", "download_bytes"}) {
      std::string change = std::string("UPDATE usage.") + table + " SET " + column + " = " + column;
      std::string one = " WHERE ctid = (SELECT min(ctid) FROM usage." + std::string(table) + ")";
      database_.Exec(change + " + 1" + one);
      EXPECT_EQ(VerifyAtOnce(), Verdict::kDifferent) << table << column;
      EXPECT_THAT(out_.str(), HasSubstr(": 1 bytes off\n"));
      // The row has moved to the table's end: found again by what it is now.
      database_.Exec(change + " - 1 WHERE ctid = (SELECT max(ctid) FROM usage." + table + ")");
      EXPECT_EQ(VerifyAtOnce(), Verdict::kEqual) << out_.str();
    }
  }
}

TEST_F(VerifyTest, OneByteInAnyLineOfTheMetricsIsFound) {
  std::istringstream lines(page_);
  const std::string page = page_;
  int tried = 0;
  options_.ledger = "";
  for (std::string line; std::getline(lines, line); ++tried) {
    size_t value = line.rfind(' ') + 1;
    std::string changed =
        line.substr(0, value) + std::to_string(std::stoull(line.substr(value)) + 1);
    ReplaceInPage(line + "\n", changed + "\n");
    EXPECT_EQ(VerifyAtOnce(), Verdict::kDifferent) << line;
    page_ = page;
  }
  EXPECT_GT(tried, 20);
}

TEST_F(VerifyTest, SaysWhatIsOffAndByWhom) {
  ReplaceInPage("usage_upload_bytes_total{tenant_id=\"t1\",access=\"hotspot\"} 60",
                "usage_upload_bytes_total{tenant_id=\"t1\",access=\"hotspot\"} 57");
  EXPECT_EQ(VerifyAtOnce(), Verdict::kDifferent);
  EXPECT_THAT(out_.str(), HasSubstr("metrics: total t1 hotspot: upload 57 instead of 60, "
                                    "download 1045 instead of 1045\n"));
  EXPECT_THAT(out_.str(), HasSubstr(": 3 bytes off\n"));
}

TEST_F(VerifyTest, ALineThatIsMissingIsOffUnlessItIsZero) {
  options_.ledger = "";
  // The first subscriber of t1 has downloaded nothing today.
  std::string zero =
      "usage_subscriber_today_download_bytes{tenant_id=\"t1\",access=\"hotspot\",subscriber="
      "\"user0\"} 0\n";
  ReplaceInPage(zero, "");
  EXPECT_EQ(VerifyAtOnce(), Verdict::kEqual) << out_.str();
  size_t begin = page_.find("usage_today_upload_bytes{tenant_id=\"t1\"");
  ASSERT_NE(begin, page_.npos);
  page_.erase(begin, page_.find('\n', begin) + 1 - begin);
  EXPECT_EQ(VerifyAtOnce(), Verdict::kDifferent);
}

TEST_F(VerifyTest, BytesOfATenantThatTheTruthDoesNotKnowAreOff) {
  page_ += "usage_upload_bytes_total{tenant_id=\"stranger\",access=\"pppoe\"} 7\n";
  EXPECT_EQ(VerifyAtOnce(), Verdict::kDifferent);
  EXPECT_THAT(out_.str(), HasSubstr("(unknown)"));
  options_.only_tenants = true;
  EXPECT_EQ(VerifyAtOnce(), Verdict::kEqual);
}

TEST_F(VerifyTest, WaitsForALedgerThatFollowsLater) {
  database_.Exec("UPDATE usage.tenant_total SET upload_bytes = upload_bytes - 1");
  std::thread folding([this] {
    for (bool is_asked = false; !is_asked;) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      std::lock_guard lock(mutex_);
      is_asked = requests_ >= 2;
    }
    database_.Exec("UPDATE usage.tenant_total SET upload_bytes = upload_bytes + 1");
  });
  EXPECT_EQ(Verify(), Verdict::kEqual) << out_.str();
  folding.join();
}

TEST_F(VerifyTest, AsJsonItSaysTheSame) {
  database_.Exec(
      "UPDATE usage.tenant_day SET download_bytes = download_bytes + 3"
      " WHERE tenant_id = 't2' AND upload_bytes = 25");
  options_.json = true;
  EXPECT_EQ(VerifyAtOnce(), Verdict::kDifferent);
  auto json = nlohmann::json::parse(out_.str());
  EXPECT_EQ(json["bytes_off"], 3);
  EXPECT_EQ(json["tenants"].size(), 2U);
  EXPECT_EQ(json["ledger"][0]["tenant_id"], "t2");
  EXPECT_EQ(json["ledger"][0]["found"]["download"], 13);
  EXPECT_EQ(json["ledger"][0]["truth"]["download"], 10);
}

// --- When nothing can be compared, that is no verdict.

TEST_F(VerifyTest, AServerThatDoesNotAnswerIsNoVerdict) {
  options_.metrics = "http://127.0.0.1:1/metrics";
  EXPECT_EQ(VerifyAtOnce(), Verdict::kUnknown);
  EXPECT_THAT(errors_.str(), HasSubstr("can't compare: http://127.0.0.1:1/metrics: "));
  options_.metrics = "http://127.0.0.1:" + std::to_string(port_) + "/nothing";
  EXPECT_EQ(VerifyAtOnce(), Verdict::kUnknown);
  EXPECT_THAT(errors_.str(), HasSubstr("HTTP status 404"));
}

TEST_F(VerifyTest, ASchemaThatIsNotThereIsNoVerdict) {
  options_.schema = "nowhere";
  EXPECT_EQ(VerifyAtOnce(), Verdict::kUnknown);
  EXPECT_THAT(errors_.str(), HasSubstr("nowhere.tenant_total"));
}

TEST_F(VerifyTest, ATruthThatIsNotSettledIsNoVerdict) {
  truth_.settled = false;
  WriteTruth(truth_, options_.truth);
  EXPECT_EQ(VerifyAtOnce(), Verdict::kUnknown);
  EXPECT_THAT(errors_.str(), HasSubstr("not settled: the simulator goes on. Take --hold"));
}

TEST_F(VerifyTest, HoldAsksTheSimulatorToStandStillAndLetsItGoAfterwards) {
  options_.hold = true;
  std::string hold = options_.truth + ".hold";
  truth_.settled = false;
  WriteTruth(truth_, options_.truth);
  std::thread simulator([&] {
    while (!std::filesystem::exists(hold)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    truth_.settled = true;
    WriteTruth(truth_, options_.truth);
  });
  EXPECT_EQ(Verify(), Verdict::kEqual) << errors_.str();
  simulator.join();
  EXPECT_FALSE(std::filesystem::exists(hold));
}

TEST_F(VerifyTest, WithNothingToCompareWithItRefuses) {
  options_.metrics = options_.ledger = "";
  EXPECT_THROW(Verify(), std::invalid_argument);
}

}  // namespace
}  // namespace usage::sim
