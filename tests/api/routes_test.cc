#include "api/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <atomic>
#include <mutex>
#include <stdexcept>

#include "tests/api/sample_snapshot.h"
#include "tests/api/test_client.h"

namespace usage {
namespace {

using testing::Fetch;
using ::testing::HasSubstr;
using testing::Reply;
using testing::SampleSnapshot;

std::string Unzipped(const std::string& compressed) {
  z_stream stream{};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) throw std::runtime_error("inflateInit2");
  std::string plain;
  plain.resize(10'000'000);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  int result = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("not gzip");
  plain.resize(stream.total_out);
  return plain;
}

class RoutesTest : public ::testing::Test {
 protected:
  RoutesTest() {
    HttpServer::Options options;
    options.listen_address = "127.0.0.1:0";
    server_ = std::make_unique<HttpServer>(options);
    AddRoutes(*server_, {hub_, pages_, history_, feed_, [this] { return Reload(); }});
    server_->Start();
  }
  ~RoutesTest() override { server_->Stop(); }

  std::string Reload() {
    std::lock_guard lock(mutex_);
    return ++reloads_, reload_error_;
  }
  void FailReloads(const std::string& error) {
    std::lock_guard lock(mutex_);
    reload_error_ = error;
  }

  void Publish(Snapshot snapshot) {
    hub_.Publish(std::make_shared<const Snapshot>(std::move(snapshot)));
  }
  Reply Get(const std::string& path, const std::string& headers = "") {
    return Fetch(server_->port(), "GET", path, headers);
  }
  Reply Post(const std::string& path) { return Fetch(server_->port(), "POST", path); }

  SnapshotHub hub_;
  PageCache pages_{hub_};
  HistoryHub history_hub_;
  HistoryPages history_{history_hub_};
  SystemClock clock_;
  EventFeed feed_{hub_, clock_};
  std::atomic<int> reloads_ = 0;
  std::mutex mutex_;  // guards it: a thread of the server asks
  std::string reload_error_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(RoutesTest, MetricsComeInTheFormatAskedFor) {
  Publish(SampleSnapshot(10, 0));
  Reply text = Get("/metrics");
  EXPECT_EQ(text.status, 200);
  EXPECT_THAT(text.headers.at("content-type"), HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(text.body, HasSubstr("\nusage_sessions{"));
  EXPECT_EQ(text.body.find("# EOF"), std::string::npos);

  Reply open = Get("/metrics", "Accept: application/openmetrics-text; version=1.0.0\r\n");
  EXPECT_THAT(open.headers.at("content-type"), HasSubstr("application/openmetrics-text"));
  EXPECT_EQ(open.body.substr(open.body.size() - 6), "# EOF\n");
  EXPECT_EQ(open.headers.at("vary"), "Accept, Accept-Encoding");
}

TEST_F(RoutesTest, HistoryIsAPageOfItsOwn) {
  EXPECT_EQ(Get("/metrics/history").body, "") << "before the tables were read";
  history_hub_.Publish(std::make_shared<const History>());
  EXPECT_THAT(Get("/metrics/history").body, HasSubstr("\nusage_history_timestamp_seconds 0\n"));
  Reply open = Get("/metrics/history", "Accept: application/openmetrics-text\r\n");
  EXPECT_THAT(open.headers.at("content-type"), HasSubstr("application/openmetrics-text"));
  EXPECT_EQ(Get("/metrics/history", "Accept-Encoding: gzip\r\n").headers.at("content-encoding"),
            "gzip");
}

TEST_F(RoutesTest, CompressedMetricsAreTheSamePage) {
  Publish(SampleSnapshot(100, 0));
  Reply plain = Get("/metrics");
  Reply compressed = Get("/metrics", "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(plain.headers.count("content-encoding"), 0u);
  EXPECT_EQ(compressed.headers.at("content-encoding"), "gzip");
  EXPECT_EQ(compressed.headers.at("content-length"), std::to_string(compressed.body.size()));
  EXPECT_LT(compressed.body.size(), plain.body.size() / 3);
  EXPECT_EQ(Unzipped(compressed.body), plain.body);
}

TEST_F(RoutesTest, HeadSaysWhatGetWouldSend) {
  Publish(SampleSnapshot(10, 0));
  for (const char* path :
       {"/", "/app.js", "/app.css", "/metrics", "/metrics/history", "/-/healthy", "/-/ready"}) {
    Reply get = Get(path);
    Reply head = Fetch(server_->port(), "HEAD", path);
    EXPECT_EQ(head.status, get.status) << path;
    EXPECT_EQ(head.headers["content-type"], get.headers["content-type"]) << path;
    EXPECT_EQ(head.headers["content-length"], std::to_string(get.body.size())) << path;
    EXPECT_EQ(head.body, "") << path;
  }
}

TEST_F(RoutesTest, HealthyWhateverTheSourcesDo) {
  EXPECT_EQ(Get("/-/healthy").status, 200);
  EXPECT_EQ(Get("/-/healthy").body, "healthy\n");
}

TEST_F(RoutesTest, NotReadyNamesWhatIsWaitedFor) {
  Reply before = Get("/-/ready");
  EXPECT_EQ(before.status, 503);
  EXPECT_EQ(before.body, "not ready: the first cycle has not finished yet\n");

  Snapshot snapshot = SampleSnapshot(1, 0);
  snapshot.ready = false;
  snapshot.sources[1].last_success.reset();
  snapshot.sources[1].last_error =
      "radius: no table radacct; create it or correct sources[1].table";
  Publish(snapshot);
  Reply during = Get("/-/ready");
  EXPECT_EQ(during.status, 503);
  EXPECT_EQ(during.headers.at("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(during.body,
            "not ready: source radius has not been read yet: radius: no table radacct; create it "
            "or correct sources[1].table\n");

  snapshot.ready = true;
  Publish(snapshot);
  EXPECT_EQ(Get("/-/ready").status, 200);
}

TEST_F(RoutesTest, NotReadyNamesTheLedgerAndTheTenantsToo) {
  Snapshot snapshot = SampleSnapshot(1, 0);
  snapshot.ready = false;
  Publish(snapshot);
  EXPECT_EQ(Get("/-/ready").body, "not ready: the first exact cycle has not finished yet\n");
  snapshot.exporter.ledger.up = snapshot.exporter.tenants_up = false;
  snapshot.exporter.ledger.error = "no right to create a schema";
  Publish(snapshot);
  EXPECT_EQ(Get("/-/ready").body,
            "not ready: the ledger can't be written: no right to create a schema\n"
            "the tenants are not known\n");
}

TEST_F(RoutesTest, ReloadTellsWhetherTheNewConfigIsInUse) {
  EXPECT_EQ(Post("/-/reload").status, 200);
  const std::string error = "usage.yml:3: sources: unknown key 'dns'; did you mean 'dsn'?";
  FailReloads(error);
  Reply bad = Post("/-/reload");
  EXPECT_EQ(bad.status, 500);
  EXPECT_EQ(bad.body, error + "\n");
  EXPECT_EQ(reloads_, 2);
  EXPECT_EQ(Get("/-/reload").status, 405);
  EXPECT_EQ(reloads_, 2);
}

TEST_F(RoutesTest, PageIsKeptByBrowsersUntilItChanges) {
  for (const char* path : {"/", "/app.css", "/app.js"}) {
    Reply page = Get(path);
    ASSERT_EQ(page.status, 200) << path;
    std::string etag = page.headers.at("etag");
    EXPECT_EQ(etag.substr(0, 1), "\"") << "strong";
    Reply again = Get(path, "If-None-Match: " + etag + "\r\n");
    EXPECT_EQ(again.status, 304) << path;
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(again.headers.at("etag"), etag);
    EXPECT_EQ(Get(path, "If-None-Match: \"other\", W/" + etag + "\r\n").status, 304);
    EXPECT_EQ(Get(path, "If-None-Match: \"other\"\r\n").status, 200);
  }
}

TEST_F(RoutesTest, CompressedPageHasATagOfItsOwn) {
  Reply plain = Get("/app.js");
  Reply compressed = Get("/app.js", "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(Unzipped(compressed.body), plain.body);
  EXPECT_NE(compressed.headers.at("etag"), plain.headers.at("etag"));
}

TEST_F(RoutesTest, PageRunsNothingButItsOwnFiles) {
  Reply page = Get("/");
  const std::string& policy = page.headers.at("content-security-policy");
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(page.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(page.headers.at("referrer-policy"), "no-referrer");
  for (const char* forbidden : {"http://", "https://", "<script>", " style=", " onclick="})
    EXPECT_EQ(page.body.find(forbidden), std::string::npos) << forbidden;
}

TEST_F(RoutesTest, NothingElseIsServed) {
  for (const char* path : {"/favicon.ico", "/index.html", "/app.js/", "/-/", "/..", "/api"})
    EXPECT_EQ(Get(path).status, 404) << path;
}

}  // namespace
}  // namespace usage
