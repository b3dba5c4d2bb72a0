#include "sim/routers/router_tables.h"

#include <gtest/gtest.h>

#include "tests/sim/routers/fixed_model.h"
#include "tests/support/golden.h"

namespace usage::sim {
namespace {

const char* const kPaths[] = {"/interface",       "/ppp/active",   "/ip/hotspot/active",
                              "/ip/hotspot/host", "/queue/simple", "/system/resource",
                              "/system/identity"};

std::string Text(const std::string& path, const TableStyle& style) {
  auto table = PrintTable(path, FixedModel().Now(), style);
  std::string text = path + (table->is_single ? " (one)\n" : "\n");
  for (const PrintedRow& row : table->rows) {
    text += " ";
    for (const auto& [name, value] : row) text += " " + name + "=" + value;
    text += "\n";
  }
  return text;
}

TEST(RouterTables, ArePrintedLikeThis) {
  std::string text;
  for (const char* path : kPaths) text += Text(path, {});
  testing::ExpectGolden(USAGE_SOURCE_DIR "/tests/sim/golden/router_tables.txt", text);
}

TEST(RouterTables, PppActiveHasNoBytesOnVersion7) {
  EXPECT_EQ(Text("/ppp/active", {}).find("bytes="), std::string::npos);
}

TEST(RouterTables, AHugeOneHasTwentyThousandRowsMore) {
  TableStyle huge;
  huge.is_huge = true;
  for (const char* path : {"/interface", "/ip/hotspot/active"}) {
    EXPECT_GT(PrintTable(path, FixedModel().Now(), huge)->rows.size(), 20'000u) << path;
  }
}

TEST(RouterTables, ALatin1RouterHasNamesThatAreNotUtf8) {
  TableStyle latin1;
  latin1.is_latin1 = true;
  EXPECT_NE(Text("/interface", latin1)
                .find("name=K\xFC"
                      "che"),
            std::string::npos);
  EXPECT_NE(Text("/ip/hotspot/active", latin1).find("user=Andr\xE9"), std::string::npos);
  EXPECT_NE(Text("/system/identity", latin1).find("name=Z\xFCrich"), std::string::npos);
}

TEST(RouterTables, AWrongClockSays1970) {
  TableStyle wrong;
  wrong.has_wrong_clock = true;
  EXPECT_NE(Text("/system/clock", wrong).find("date=1970-01-10"), std::string::npos);
  EXPECT_EQ(Text("/system/clock", {}).find("date=1970"), std::string::npos);
}

TEST(RouterTables, DurationsComeInBothForms) {
  using std::chrono::seconds;
  EXPECT_EQ(PrintDuration(seconds(788645), false), "1w2d3h4m5s");
  EXPECT_EQ(PrintDuration(seconds(788645), true), "1w2d03:04:05");
  EXPECT_EQ(PrintDuration(seconds(257), false), "4m17s");
  EXPECT_EQ(PrintDuration(seconds(4973), true), "01:22:53");
  EXPECT_EQ(PrintDuration(seconds(0), false), "0s");
}

}  // namespace
}  // namespace usage::sim
