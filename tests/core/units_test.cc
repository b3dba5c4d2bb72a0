#include "core/units.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace usage {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

std::string Duration(const std::string& text) {
  auto duration = ParseDuration(text);
  return duration ? std::to_string(duration->count()) : "none";
}

TEST(Duration, IsReadInMilliseconds) {
  EXPECT_EQ(Duration("500ms"), "500");
  EXPECT_EQ(Duration("5s"), "5000");
  EXPECT_EQ(Duration("1m"), "60000");
  EXPECT_EQ(Duration("1h30m"), "5400000");
  EXPECT_EQ(Duration("7d"), "604800000");
  EXPECT_EQ(Duration("1d2h3m4s5ms"), "93784005");
  EXPECT_EQ(Duration("0s"), "0");
}

TEST(Duration, OfAnotherFormIsNone) {
  for (const char* text : {"", "5", "s", "5 s", " 5s", "5s ", "-5s", "+5s", "1.5s", "5S", "5sec",
                           "5s5s", "5s1m", "1m60", "1w", "5s\n", "0x5s", "１s"}) {
    EXPECT_EQ(Duration(text), "none") << text;
  }
}

TEST(Duration, BeyondAThousandYearsIsNone) {
  EXPECT_EQ(Duration("365250d"), "31557600000000");
  for (const char* text : {"365250d1ms", "9999999999999d", "18446744073709551615d",
                           "99999999999999999999s", "365250d23h"}) {
    EXPECT_EQ(Duration(text), "none") << text;
  }
}

TEST(Duration, IsWrittenAsItIsRead) {
  for (const char* text : {"0s", "1ms", "5s", "1h30m", "7d", "1d2h3m4s5ms"}) {
    EXPECT_EQ(FormatDuration(ParseDuration(text).value()), text);
  }
  EXPECT_EQ(FormatDuration(hours(24)), "1d");
  EXPECT_EQ(FormatDuration(milliseconds(90'000)), "1m30s");
}

TEST(BitRate, IsReadInPowersOfAThousand) {
  EXPECT_EQ(ParseBitRate("1bit/s"), 1u);
  EXPECT_EQ(ParseBitRate("512kbit/s"), 512'000u);
  EXPECT_EQ(ParseBitRate("10Mbit/s"), 10'000'000u);
  EXPECT_EQ(ParseBitRate("100 Gbit/s"), 100'000'000'000u);
  EXPECT_EQ(ParseBitRate("1Tbit/s"), 1'000'000'000'000u);
}

TEST(BitRate, OfAnotherFormOrBeyond64BitsIsNone) {
  for (const char* text : {"", "100", "100G", "100GB/s", "100gbit/s", "100Gbps", "Gbit/s",
                           "1.5Gbit/s", "-1bit/s", "18446745Tbit/s", "18446744073709551616bit/s"}) {
    EXPECT_FALSE(ParseBitRate(text)) << text;
  }
}

TEST(ByteSize, IsReadInBothKindsOfPowers) {
  EXPECT_EQ(ParseByteSize("1048576"), 1048576u);
  EXPECT_EQ(ParseByteSize("7B"), 7u);
  EXPECT_EQ(ParseByteSize("500GB"), 500'000'000'000u);
  EXPECT_EQ(ParseByteSize("2TiB"), uint64_t{2} << 40);
  EXPECT_EQ(ParseByteSize("18446744073709551615"), std::numeric_limits<uint64_t>::max());
}

TEST(ByteSize, OfAnotherFormOrBeyond64BitsIsNone) {
  for (const char* text : {"", "GB", "5 00GB", "1.5GB", "-1", "5gb", "5G", "16777216TiB"}) {
    EXPECT_FALSE(ParseByteSize(text)) << text;
  }
}

}  // namespace
}  // namespace usage
