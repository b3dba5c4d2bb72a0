#include "sim/routers/print_query.h"

#include <gtest/gtest.h>

namespace usage::sim {
namespace {

const PrintedRow kRow = {{".id", "*1"}, {"name", "ether1"}, {"type", "ether"}, {"mtu", "1500"}};

bool Takes(const std::vector<std::string>& words) { return PrintQuery::Parse(words)->Takes(kRow); }

TEST(PrintQuery, WithoutWordsTakesAll) { EXPECT_TRUE(Takes({})); }

TEST(PrintQuery, ComparesAndAsksWhatIsThere) {
  EXPECT_TRUE(Takes({"type=ether"}));
  EXPECT_TRUE(Takes({"=type=ether"}));
  EXPECT_FALSE(Takes({"type=vlan"}));
  EXPECT_FALSE(Takes({"comment=x"}));
  EXPECT_TRUE(Takes({"name"}));
  EXPECT_FALSE(Takes({"comment"}));
  EXPECT_TRUE(Takes({"-comment"}));
  EXPECT_FALSE(Takes({"-name"}));
  EXPECT_TRUE(Takes({"<mtu=9000"}));  // as numbers: "1500" < "9000" is true of texts too
  EXPECT_FALSE(Takes({"<mtu=200"}));  // and this is not
  EXPECT_TRUE(Takes({">mtu=200"}));
}

TEST(PrintQuery, WorksOnAStack) {
  EXPECT_FALSE(Takes({"type=ether", "type=vlan"}));
  EXPECT_TRUE(Takes({"type=ether", "type=vlan", "#|"}));
  EXPECT_FALSE(Takes({"type=ether", "type=vlan", "#&"}));
  EXPECT_TRUE(Takes({"type=vlan", "#!"}));
  EXPECT_TRUE(Takes({"type=vlan", "type=x", "#|!"}));
  EXPECT_FALSE(PrintQuery::Parse({"#?"}));
}

TEST(PrintQuery, PrintsTheColumnsThatAreAskedFor) {
  PrintQuery query;
  EXPECT_EQ(query.Columns(kRow), kRow);
  query.SetProplist("mtu,name,comment");
  EXPECT_EQ(query.Columns(kRow), (PrintedRow{{"name", "ether1"}, {"mtu", "1500"}}));
}

}  // namespace
}  // namespace usage::sim
