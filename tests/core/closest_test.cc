#include "core/closest.h"

#include <gtest/gtest.h>

#include <string>

namespace usage {
namespace {

const std::vector<std::string> kWords = {"interval",  "timeout", "table",
                                         "time_zone", "type",    "name"};

TEST(ClosestWord, ForgivesTwoTypingErrors) {
  EXPECT_EQ(ClosestWord("intervall", kWords), "interval");  // one too many
  EXPECT_EQ(ClosestWord("intrval", kWords), "interval");    // one missing
  EXPECT_EQ(ClosestWord("tiemout", kWords), "timeout");     // two swapped
  EXPECT_EQ(ClosestWord("timezone", kWords), "time_zone");
  EXPECT_EQ(ClosestWord("inderwal", kWords), "interval");  // two changed
}

TEST(ClosestWord, FindsNothingThatIsFar) {
  EXPECT_EQ(ClosestWord("period", kWords), "");
  EXPECT_EQ(ClosestWord("inderwol", kWords), "");
  EXPECT_EQ(ClosestWord("id", kWords), "");  // half of the word would be wrong
  EXPECT_EQ(ClosestWord(std::string(1000, 'x'), kWords), "");
  EXPECT_EQ(ClosestWord("interval", {}), "");
}

TEST(DidYouMean, IsThereToBeAppended) {
  EXPECT_EQ(DidYouMean("intervall", kWords), ": did you mean 'interval'?");
  EXPECT_EQ(DidYouMean("period", kWords), "");
  EXPECT_EQ(DidYouMean("", kWords), "");
}

}  // namespace
}  // namespace usage
