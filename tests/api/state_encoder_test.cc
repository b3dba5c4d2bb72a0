#include "api/state_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/api/sample_snapshot.h"

namespace usage {
namespace {

using nlohmann::json;
using testing::SampleBeginning;
using testing::SampleSnapshot;

// The data of an event in its wire form, which must have exactly these lines.
json DataOf(const Frame& frame, const SharedText& event, const std::string& type) {
  std::string head = "id: 7-" + std::to_string(frame.sequence) + "\nevent: " + type + "\ndata: ";
  EXPECT_EQ(event->substr(0, head.size()), head);
  EXPECT_EQ(event->substr(event->size() - 2), "\n\n");
  std::string data = event->substr(head.size(), event->size() - head.size() - 2);
  EXPECT_EQ(data.find('\n'), std::string::npos);
  return json::parse(data);
}

json Full(const Frame& frame) { return DataOf(frame, frame.full, "full"); }
json Delta(const Frame& frame) { return DataOf(frame, frame.delta, "delta"); }

class StateEncoderTest : public ::testing::Test {
 protected:
  Frame Encode(const Snapshot& snapshot) { return encoder_.Encode(snapshot, snapshot.at); }
  StateEncoder encoder_{"7"};
};

// What the page does with a delta.
std::map<std::string, json> Applied(std::map<std::string, json> rows, const json& delta) {
  for (const json& row : delta["tenants"]) rows[row["id"]] = row;
  for (const json& id : delta["removed"]) rows.erase(id.get<std::string>());
  return rows;
}

TEST_F(StateEncoderTest, DeltasAddUpToTheFullState) {
  std::map<std::string, json> rows = Applied({}, Delta(Encode(SampleSnapshot(200, 0))));
  for (int t = 5; t <= 60; t += 5) {
    Frame frame = Encode(SampleSnapshot(200 - t % 10, t));
    rows = Applied(rows, Delta(frame));
    json full = Full(frame)["tenants"];
    ASSERT_EQ(rows.size(), full.size()) << t;
    for (const json& row : full) EXPECT_EQ(rows[row["id"]], row) << t;
    EXPECT_EQ(Delta(frame)["status"], Full(frame)["status"]);
  }
}

TEST_F(StateEncoderTest, ADeltaHasOnlyTheRowsThatChanged) {
  Snapshot snapshot = SampleSnapshot(20, 0);
  Encode(snapshot);
  snapshot.at += std::chrono::seconds(5);
  Encode(snapshot);  // now every row has its rate
  snapshot.at += std::chrono::seconds(5);
  snapshot.tenants[6].access[0]->sessions += 1;
  json delta = Delta(Encode(snapshot));
  ASSERT_EQ(delta["tenants"].size(), 1u);
  EXPECT_EQ(delta["tenants"][0]["id"], snapshot.tenants[6].id);
  EXPECT_EQ(delta["removed"], json::array());
  EXPECT_EQ(delta["status"]["sources"].size(), 2u);
}

TEST_F(StateEncoderTest, ATenantThatWentIsNamedOnce) {
  Snapshot snapshot = SampleSnapshot(3, 0);
  Encode(snapshot);
  std::string gone = snapshot.tenants.back().id;
  snapshot.tenants.pop_back();
  EXPECT_EQ(Delta(Encode(snapshot))["removed"], json::array({gone}));
  EXPECT_EQ(Delta(Encode(snapshot))["removed"], json::array());
}

TEST_F(StateEncoderTest, BytesPast2To53AreExact) {
  Snapshot snapshot = SampleSnapshot(1, 0);
  snapshot.tenants[0].access[0]->total = {9'007'199'254'740'993,
                                          std::numeric_limits<uint64_t>::max()};
  json row = Full(Encode(snapshot))["tenants"][0];
  EXPECT_EQ(row["hotspot"]["total"], json::array({"18446744073709551615", "9007199254740993"}));
}

TEST_F(StateEncoderTest, NoDataIsNotZero) {
  Snapshot snapshot = SampleSnapshot(1, 0);
  snapshot.tenants[0].access[0] = AccessUsage();
  snapshot.tenants[0].access[1] = std::nullopt;
  json row = Full(Encode(snapshot))["tenants"][0];
  EXPECT_EQ(row["hotspot"]["today"], json::array({"0", "0"}));
  EXPECT_EQ(row["hotspot"]["at"], nullptr);
  EXPECT_FALSE(row.contains("pppoe"));
}

TEST_F(StateEncoderTest, IdsThatAreNotUtf8StayApart) {
  Snapshot snapshot = SampleSnapshot(2, 0);
  snapshot.tenants[0].id = "hotel\xE9";
  snapshot.tenants[1].id = "hotel\xE8";
  snapshot.tenants[0].name = "Caf\xE9";
  json rows = Full(Encode(snapshot))["tenants"];
  EXPECT_NE(rows[0]["id"], rows[1]["id"]);
  EXPECT_EQ(rows[0]["name"], "Caf\xEF\xBF\xBD");
}

TEST_F(StateEncoderTest, TheHistoryEndsAfterAQuarterOfAnHour) {
  Frame frame;
  for (int t = 0; t <= 1200; t += 5) frame = Encode(SampleSnapshot(5, t));
  json history = Full(frame)["history"];
  EXPECT_EQ(history.size(), 181u);
  EXPECT_EQ(history.back()[0], UnixMicros(SampleBeginning()) / 1000 + 1'200'000);
  EXPECT_EQ(Delta(frame)["history"], json::array({history.back()}));
}

// The page calls late what is older than three of these.
TEST_F(StateEncoderTest, TheCycleIsTheLongestOfTheLastGaps) {
  Frame frame;
  for (int t : {0, 2, 4, 11, 13}) frame = Encode(SampleSnapshot(1, t));
  EXPECT_EQ(Full(frame)["status"]["cycle"], 7000);
}

TEST_F(StateEncoderTest, OnlyCasesThatHappenedAreListed) {
  json source = Full(Encode(SampleSnapshot(1, 0)))["status"]["sources"][0];
  EXPECT_EQ(source["cases"], json::parse(R"([["used_disagrees",41],["odd_status",3]])"));
}

}  // namespace
}  // namespace usage
