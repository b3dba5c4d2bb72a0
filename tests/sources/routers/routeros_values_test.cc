#include "sources/routers/routeros_values.h"

#include <gtest/gtest.h>

#include "core/mac.h"
#include "sources/routers/subscriber_name.h"

namespace usage {
namespace {

TEST(RouterOsDuration, IsReadInEveryNotation) {
  const struct {
    const char* text;
    int64_t micros;
  } kCases[] = {
      {"1w2d03:04:05", 788'645'000'000},
      {"2d20h12m20s", 245'540'000'000},
      {"01:22:53", 4'973'000'000},
      {"00:00:00", 0},
      {"100:00:01", 360'001'000'000},
      {"3w00:00:01", 1'814'401'000'000},
      {"4m17s", 257'000'000},
      {"30s500ms", 30'500'000},
      {"1ms200us", 1'200},
      {"850us", 850},
      {"0s", 0},
      {"1w", 604'800'000'000},
      {"1w1s", 604'801'000'000},
  };
  for (const auto& [text, micros] : kCases) {
    const auto read = ParseRouterOsDuration(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->count(), micros) << text;
  }
}

TEST(RouterOsDuration, IsNothingElse) {
  for (const char* text : {"",
                           "s",
                           "5",
                           "5x",
                           "-5s",
                           "+5s",
                           "5s4m",
                           "5s5s",
                           "1:2:3",
                           "01:60:00",
                           "01:00",
                           "01:00:00s",
                           "1h01:00:00",
                           "01:00:00.5",
                           "1 d",
                           "99999999999999999999s",
                           "9223372036854775807s",
                           "15250284452w15250284452w",
                           "never",
                           "1d:00:00"}) {
    EXPECT_FALSE(ParseRouterOsDuration(text)) << text;
  }
}

TEST(RouterOsNumber, IsWholeAndOf64Bits) {
  EXPECT_EQ(ParseRouterOsNumber("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(ParseRouterOsNumber("0"), 0U);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "18446744073709551616", "1e3", "0x10"}) {
    EXPECT_FALSE(ParseRouterOsNumber(text)) << text;
  }
}

TEST(RouterOsPair, IsUploadAndDownload) {
  EXPECT_EQ(ParseRouterOsPair("5/7"), std::pair(uint64_t{5}, uint64_t{7}));
  for (const char* text : {"", "5", "5/", "/7", "5/7/9", "a/b"}) {
    EXPECT_FALSE(ParseRouterOsPair(text)) << text;
  }
}

// What a value is read as; "-": not said.
std::string Read(std::string_view kind, std::string_view text, uint64_t* bad) {
  RouterOsValues values;
  std::string said;
  std::optional<bool> is;
  std::optional<double> share;
  uint64_t mac = 0;
  if (kind == "text") values.Text(text, &said);
  if (kind == "address") values.Address(text, &said);
  if (kind == "mac") values.Mac(text, &mac);
  if (kind == "bool") values.Bool(text, &is);
  if (kind == "percent") values.Percent(text, &share);
  *bad = values.bad();
  if (mac != 0) return FormatMac(mac);
  if (is) return *is ? "true" : "false";
  if (share) return std::to_string(*share);
  return said.empty() ? "-" : said;
}

TEST(RouterOsValuesTest, WhatCantBeReadIsNotSaidAndCounted) {
  const struct {
    const char *kind, *text, *read;
    uint64_t bad;
  } kCases[] = {
      {"text", "J\xf6rg", "Jörg", 0},
      {"text", "Jörg", "Jörg", 0},
      {"text", "", "-", 0},
      {"address", "10.0.0.7", "10.0.0.7", 0},
      {"address", "10.0.0.7/32", "10.0.0.7", 0},
      {"address", "2001:db8::1/128", "2001:db8::1", 0},
      {"address", "10.0.0.0/24", "-", 0},
      {"address", "<pppoe-bob>", "-", 0},
      {"mac", "02:ab:cd:ef:01:23", "02:AB:CD:EF:01:23", 0},
      {"mac", "", "-", 0},
      {"mac", "bob", "-", 1},
      {"bool", "yes", "true", 0},
      {"bool", "false", "false", 0},
      {"bool", "", "-", 0},
      {"bool", "maybe", "-", 1},
      {"percent", "7", "0.070000", 0},
      {"percent", "100%", "1.000000", 0},
      {"percent", "101", "-", 1},
      {"percent", "", "-", 0},
  };
  for (const auto& [kind, text, read, bad] : kCases) {
    uint64_t counted = 0;
    EXPECT_EQ(Read(kind, text, &counted), read) << kind << " " << text;
    EXPECT_EQ(counted, bad) << kind << " " << text;
  }
}

TEST(SubscriberNameTest, IsToldFromOtherNames) {
  const auto read = [](std::string_view text) -> std::string {
    const auto name = ParseSubscriberName(text);
    if (!name) return "-";
    return std::string(AccessName(name->access)) + " " +
           (name->mac == 0 ? std::string(name->user) : FormatMac(name->mac));
  };
  EXPECT_EQ(read("<pppoe-bob>"), "pppoe bob");
  EXPECT_EQ(read("<pppoe-bob@isp>>"), "pppoe bob@isp>");
  EXPECT_EQ(read("<hotspot-anna>"), "hotspot anna");
  EXPECT_EQ(read("<hotspot-02:00:00:00:00:09-3>"), "hotspot 02:00:00:00:00:09");
  EXPECT_EQ(read("<hotspot-02:00:00:00:00:09>"), "hotspot 02:00:00:00:00:09");
  for (const char* text : {"", "<pppoe->", "<pppoe-bob", "pppoe-bob", "<l2tp-bob>", "<>"}) {
    EXPECT_EQ(read(text), "-") << text;
  }
  EXPECT_EQ(WithoutSessionNumber("bob-12"), "bob");
  for (const char* text : {"bob", "bob-", "-1", "bob-x1", "12", ""}) {
    EXPECT_EQ(WithoutSessionNumber(text), text);
  }
}

}  // namespace
}  // namespace usage
