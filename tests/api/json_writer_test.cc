#include "api/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace usage {
namespace {

std::string Written(std::string_view text) {
  std::string out;
  JsonWriter(&out).String(text);
  return out;
}

TEST(JsonWriterTest, EscapesWhatJsonReserves) {
  EXPECT_EQ(Written("say \"a\\b\""), R"("say \"a\\b\"")");
  EXPECT_EQ(Written(std::string_view("\0\n\r\t\x1f\x7f", 6)),
            R"("\u0000\u000a\u000d\u0009\u001f\u007f")");
}

TEST(JsonWriterTest, LeavesUtf8AsItIs) {
  EXPECT_EQ(Written("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x8F\x9D"),
            "\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x8F\x9D\"");
}

TEST(JsonWriterTest, BrokenUtf8BecomesReplacementCharacters) {
  EXPECT_EQ(Written("Caf\xE9!"), "\"Caf\xEF\xBF\xBD!\"");
  EXPECT_EQ(Written("\xE2\x82"), "\"\xEF\xBF\xBD\"");                      // cut short
  EXPECT_EQ(Written("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");          // overlong
  EXPECT_EQ(Written("\xED\xA0\x80").find('\xED'), std::string::npos);      // a surrogate
  EXPECT_EQ(Written("\xF4\x90\x80\x80").find('\xF4'), std::string::npos);  // past U+10FFFF
}

// Whatever bytes come, a strict parser must take them.
TEST(JsonWriterTest, EveryPairOfBytesIsValidJson) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      std::string text = {static_cast<char>(a), static_cast<char>(b)};
      EXPECT_TRUE(nlohmann::json::accept(Written(text))) << a << " " << b;
    }
  }
}

TEST(JsonWriterTest, PutsCommasBetweenValuesOnly) {
  std::string out;
  JsonWriter json(&out);
  json.BeginObject().Key("a").BeginArray().Integer(int64_t{-1}).Bool(true).Null().EndArray();
  json.Key("b").BeginObject().EndObject().Key("c").Raw("[1]").EndObject();
  EXPECT_EQ(out, R"({"a":[-1,true,null],"b":{},"c":[1]})");
}

TEST(JsonWriterTest, NumbersBeyondADoubleStayExact) {
  std::string out;
  JsonWriter json(&out);
  json.BeginArray().Exact(std::numeric_limits<uint64_t>::max()).Exact(9007199254740993).EndArray();
  EXPECT_EQ(out, R"(["18446744073709551615","9007199254740993"])");
}

TEST(JsonWriterTest, WhatIsNoNumberIsNull) {
  std::string out;
  JsonWriter json(&out);
  json.BeginArray().Number(std::nan("")).Number(HUGE_VAL).Number(0.25).EndArray();
  EXPECT_EQ(out, "[null,null,0.25]");
}

}  // namespace
}  // namespace usage
