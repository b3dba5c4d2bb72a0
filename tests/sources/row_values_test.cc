#include "sources/postgres/row_values.h"

#include <gmock/gmock.h>

#include "net/postgres.h"
#include "sources/postgres/fingerprint.h"
#include "sources/postgres/radacct_cursor.h"

namespace usage {
namespace {

TEST(RowValuesTest, TimesOutsideOfTwoCenturiesCannotBe) {
  const auto possible = [](int64_t unix_micros) {
    CaseSet cases;
    const auto time = PossibleTime(unix_micros - kPgEpochUnixMicros, cases);
    EXPECT_NE(time.has_value(), cases.Has(SourceCase::kImpossibleTime));
    return time.has_value();
  };
  const int64_t day = 86'400'000'000;
  EXPECT_FALSE(possible(Day::FromCivil(1990, 1, 1).number * day - 1));
  EXPECT_TRUE(possible(Day::FromCivil(1990, 1, 1).number * day));
  EXPECT_TRUE(possible(Day::FromCivil(2200, 1, 1).number * day - 1));
  EXPECT_FALSE(possible(Day::FromCivil(2200, 1, 1).number * day));
}

TEST(RowValuesTest, InfinitiesAndTheEndsOfTheRangeCannotBe) {
  for (const int64_t timestamp : {INT64_MIN, INT64_MAX, INT64_MAX - 1, INT64_MIN + 1}) {
    CaseSet cases;
    EXPECT_FALSE(PossibleTime(timestamp, cases).has_value());
    EXPECT_TRUE(cases.Has(SourceCase::kImpossibleTime));
  }
  CaseSet cases;
  EXPECT_FALSE(PossibleTime(std::nullopt, cases).has_value());
  EXPECT_FALSE(cases.Has(SourceCase::kImpossibleTime));
}

TEST(RowValuesTest, Utf8IsToldFromOtherBytes) {
  for (const char* text : {"", "plain", "é", "€", "𝄞", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  for (const char* text : {"\xe9", "\xc0\x80", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                           "\x80", "a\xff", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xe2\x28\xa1"}) {
    EXPECT_FALSE(IsUtf8(text)) << text;
  }
}

TEST(RowValuesTest, StatusesAreTrimmedAndLowered) {
  EXPECT_EQ(Normalised(" \t ACTIVE\n"), "active");
  EXPECT_EQ(Normalised("  "), "");
}

TEST(FingerprintTest, EveryBitAndTheLengthCount) {
  std::string bytes(100, '\0');
  const uint64_t before = Fingerprint(bytes);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    EXPECT_NE(Fingerprint(bytes), before) << bit;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  }
  EXPECT_NE(Fingerprint(std::string(99, '\0')), before);
}

TEST(RadacctCursorTest, NumbersOfOddSchemasComeBack) {
  const RadacctNumbers numbers = {{"", 1}, {"a b=c%d", INT64_MAX}, {"tenant_a", 0}};
  EXPECT_EQ(ParseRadacctNumbers(FormatRadacctNumbers(numbers)), numbers);
}

TEST(RadacctCursorTest, CursorOfAnotherKindIsNone) {
  for (const char* text : {"", "created_at -infinity -infinity", "radacctid x", "radacctid a=b"}) {
    EXPECT_EQ(ParseRadacctNumbers(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace usage
