#include "metrics/value.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace usage {
namespace {

std::string Text(Value value) {
  char buffer[kDecimalScratch + Value::kMaxChars];
  char* begin = buffer + kDecimalScratch;
  return {begin, value.Write(begin)};
}

TEST(Value, IsWrittenExactly) {
  const std::vector<std::pair<Value, std::string>> table = {
      {uint64_t{0}, "0"},
      {uint64_t{(1ULL << 53) + 1}, "9007199254740993"},
      {uint64_t{9'999'999'999'999'999}, "9999999999999999"},
      {uint64_t{10'000'000'000'000'000}, "10000000000000000"},
      {std::numeric_limits<uint64_t>::max(), "18446744073709551615"},
      {true, "1"},
      {false, "0"},
      {0.0, "0"},
      {0.0125, "0.0125"},
      {1e21, "1e+21"},
      {0.1 + 0.2, "0.30000000000000004"},
      {-std::numeric_limits<double>::denorm_min(), "-5e-324"},
      {-std::numeric_limits<double>::max(), "-1.7976931348623157e+308"},
      {std::nan(""), "NaN"},
      {HUGE_VAL, "+Inf"},
      {-HUGE_VAL, "-Inf"},
      {FromUnixMicros(0), "0"},
      {FromUnixMicros(1'795'420'800'000'000), "1795420800"},
      {FromUnixMicros(1'795'420'800'000'001), "1795420800.000001"},
      {FromUnixMicros(1'795'420'800'250'000), "1795420800.25"},
      {FromUnixMicros(-1), "-0.000001"},
      {FromUnixMicros(-1'500'000), "-1.5"},
      {FromUnixMicros(std::numeric_limits<int64_t>::min()), "-9223372036854.775808"},
      {Duration(2'500'000), "2.5"},
  };
  for (const auto& [value, text] : table) EXPECT_EQ(Text(value), text);
}

std::string Fixed(double real) {
  char buffer[64];
  return {buffer,
          std::to_chars(buffer, buffer + sizeof buffer, real, std::chars_format::fixed).ptr};
}

// Thresholds are percents by 100: as short as the standard library writes them.
TEST(Value, RatiosAreWrittenAsShortAsCanBe) {
  for (int percent = 0; percent <= 100'000; ++percent) {
    const double ratio = percent / 100.0;
    ASSERT_EQ(Text(Value(ratio)), Fixed(ratio));
  }
  EXPECT_EQ(Text(Value(-0.0)), "-0");
  EXPECT_EQ(Text(Value(-0.5)), "-0.5");
  EXPECT_EQ(Text(Value(1e-6)), "0.000001");
  EXPECT_EQ(Text(Value(999'999.999999)), "999999.999999");
  EXPECT_EQ(Text(Value(0.30000000000000004)), "0.30000000000000004");
}

TEST(Value, NoValueIsNotZero) {
  EXPECT_TRUE(Value(std::nullopt).absent());
  EXPECT_TRUE(Value(std::optional<uint64_t>()).absent());
  EXPECT_TRUE(Value(std::optional<Instant>()).absent());
  EXPECT_FALSE(Value(std::optional<uint64_t>(0)).absent());
  EXPECT_FALSE(Value(0.0).absent());
}

std::string ByToChars(uint64_t n) {
  char buffer[kDecimalMaxChars];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, n).ptr};
}

TEST(Value, IntegersOfEveryLengthAreWrittenAsToCharsWritesThem) {
  std::mt19937_64 random(1);
  for (uint64_t power = 1; power <= 1'000'000'000'000'000'000; power *= 10) {
    for (const uint64_t n : {power - 1, power, power + 1, 9 * power}) {
      ASSERT_EQ(Text(n), ByToChars(n));
    }
  }
  for (int i = 0; i < 1'000'000; ++i) {
    const uint64_t n = random() >> (random() % 64);
    ASSERT_EQ(Text(n), ByToChars(n));
  }
}

TEST(Value, WritingSpoilsNoMoreThanItSays) {
  char buffer[2 * kDecimalScratch + Value::kMaxChars];
  for (const uint64_t n : {0ULL, 12ULL, 9'999'999'999'999'999ULL, ~0ULL}) {
    std::fill(std::begin(buffer), std::end(buffer), 'x');
    Value(n).Write(&buffer[2 * kDecimalScratch]);
    EXPECT_EQ(std::string(buffer, kDecimalScratch), std::string(kDecimalScratch, 'x'));
  }
}

}  // namespace
}  // namespace usage
