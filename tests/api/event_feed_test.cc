#include "api/event_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "api/routes.h"
#include "tests/api/sample_snapshot.h"
#include "tests/api/test_client.h"

namespace usage {
namespace {

using nlohmann::json;
using testing::Event;
using testing::EventReader;
using testing::SampleSnapshot;

class EventFeedTest : public ::testing::Test {
 protected:
  explicit EventFeedTest(EventFeed::Options options = {}) : feed_(hub_, clock_, options) {
    HttpServer::Options server_options;
    server_options.listen_address = "127.0.0.1:0";
    server_ = std::make_unique<HttpServer>(server_options);
    AddRoutes(*server_, {hub_, pages_, history_, feed_, [] { return std::string(); }});
    server_->Start();
  }
  ~EventFeedTest() override {
    server_->Stop();  // before the feed goes
  }

  // Publishes, and waits until a client has it, so that the feed misses none.
  Event Publish(int64_t seconds, EventReader* reader) {
    clock_.Set(testing::SampleBeginning() + std::chrono::seconds(seconds));
    hub_.Publish(std::make_shared<const Snapshot>(SampleSnapshot(20, seconds)));
    return reader->Next();
  }

  EventReader Connect(const std::string& last_event_id = "") {
    return EventReader(server_->port(), last_event_id);
  }

  SnapshotHub hub_;
  PageCache pages_{hub_};
  HistoryHub history_hub_;
  HistoryPages history_{history_hub_};
  VirtualClock clock_{testing::SampleBeginning()};
  EventFeed feed_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(EventFeedTest, AClientGetsAGreetingTheFullStateThenChanges) {
  EventReader reader = Connect();
  EXPECT_EQ(reader.reply().status, 200);
  EXPECT_EQ(reader.reply().headers.at("content-type"), "text/event-stream");
  EXPECT_EQ(reader.reply().headers.at("cache-control"), "no-store");
  Event hello = reader.Next();
  EXPECT_EQ(hello.type, "hello");
  EXPECT_EQ(hello.retry, "1000");
  EXPECT_EQ(json::parse(hello.data)["now"], UnixMicros(clock_.Now()) / 1000);

  Event full = Publish(0, &reader);
  EXPECT_EQ(full.type, "full");
  EXPECT_EQ(json::parse(full.data)["tenants"].size(), 20u);
  for (int t : {5, 10, 15}) {
    Event delta = Publish(t, &reader);
    EXPECT_EQ(delta.type, "delta");
    EXPECT_EQ(json::parse(delta.data)["status"]["at"], UnixMicros(clock_.Now()) / 1000);
    EXPECT_NE(delta.id, full.id);
  }
}

TEST_F(EventFeedTest, WhoComesLaterBeginsWithTheFullState) {
  EventReader first = Connect();
  first.Next();
  Publish(0, &first);
  Publish(5, &first);
  EventReader second = Connect();
  second.Next();
  Event full = second.Next();
  EXPECT_EQ(full.type, "full");
  EXPECT_EQ(json::parse(full.data)["status"]["at"], UnixMicros(clock_.Now()) / 1000);
}

TEST_F(EventFeedTest, WhoComesBackSoonGetsOnlyWhatItMissed) {
  EventReader watcher = Connect();
  watcher.Next();
  Event seen = Publish(0, &watcher);
  std::vector<std::string> missed = {Publish(5, &watcher).data, Publish(10, &watcher).data};

  EventReader back = Connect(seen.id);
  EXPECT_EQ(back.Next().type, "hello");
  for (const std::string& data : missed) {
    Event delta = back.Next();
    EXPECT_EQ(delta.type, "delta");
    EXPECT_EQ(delta.data, data);
  }
}

TEST_F(EventFeedTest, WhoMissedNothingGetsNothingTwice) {
  EventReader watcher = Connect();
  watcher.Next();
  Event seen = Publish(0, &watcher);
  EventReader back = Connect(seen.id);
  EXPECT_EQ(back.Next().type, "hello");
  Event next = Publish(5, &back);
  EXPECT_EQ(next.type, "delta");
}

TEST_F(EventFeedTest, WhoMissedTooMuchGetsTheFullState) {
  EventReader watcher = Connect();
  watcher.Next();
  Event seen = Publish(0, &watcher);
  for (int t = 5; t <= 50; t += 5) Publish(t, &watcher);
  EventReader back = Connect(seen.id);
  back.Next();
  EXPECT_EQ(back.Next().type, "full");
}

TEST_F(EventFeedTest, AnIdOfAnotherRunOrNoIdAtAllMeansTheFullState) {
  EventReader watcher = Connect();
  watcher.Next();
  std::string boot = Publish(0, &watcher).id;
  boot.resize(boot.find('-'));
  for (const std::string& id : {std::string("1-1"), boot + "-99", boot + "-", boot + "-1x",
                                boot + "--1", std::string(5000, '9'), std::string("\xFF")}) {
    EventReader back = Connect(id);
    back.Next();
    EXPECT_EQ(back.Next().type, "full") << id;
  }
}

TEST_F(EventFeedTest, FiftyClientsSeeTheSameBytes) {
  std::vector<std::unique_ptr<EventReader>> readers;
  for (int i = 0; i < 50; ++i) {
    readers.push_back(std::make_unique<EventReader>(server_->port(), ""));
    readers.back()->Next();
  }
  for (int t : {0, 5, 10}) {
    std::string expected = Publish(t, readers[0].get()).data;
    for (size_t i = 1; i < readers.size(); ++i) EXPECT_EQ(readers[i]->Next().data, expected) << i;
  }
}

TEST_F(EventFeedTest, ClientsThatGoLeaveTheOthersAlone) {
  EventReader stays = Connect();
  stays.Next();
  for (int i = 0; i < 30; ++i) Connect().Next();
  EXPECT_EQ(Publish(0, &stays).type, "full");
  EXPECT_EQ(Publish(5, &stays).type, "delta");
}

TEST_F(EventFeedTest, StreamsEndWhenTheServerStops) {
  EventReader reader = Connect();
  reader.Next();
  Publish(0, &reader);
  std::jthread stopper([this] { server_->Stop(); });
  EXPECT_TRUE(reader.AtEnd());
}

class EventFeedHeartbeatTest : public EventFeedTest {
 protected:
  EventFeedHeartbeatTest() : EventFeedTest({.heartbeat = std::chrono::milliseconds(20)}) {}
};

TEST_F(EventFeedHeartbeatTest, AQuietStreamCarriesComments) {
  EventReader reader = Connect();
  reader.Next();
  EXPECT_TRUE(reader.Next().comment);
  EXPECT_TRUE(reader.Next().comment);
}

}  // namespace
}  // namespace usage
