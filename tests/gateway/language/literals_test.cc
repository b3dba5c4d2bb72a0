// Numbers, durations, strings and regular expressions.
#include "gateway/literals.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <cmath>
#include <cstring>
#include <random>

#include "gateway/regex.h"

namespace usage::gateway {
namespace {

double NumberOf(std::string_view text) {
  std::optional<NumberOrDuration> number = ParseNumber(text);
  EXPECT_TRUE(number) << text;
  return number ? number->value : NAN;
}

std::string Quoted(std::string_view value) {
  std::string out;
  AppendQuoted(value, out);
  return out;
}

std::string Seconds(double seconds) {
  std::string out;
  AppendSeconds(seconds, out);
  return out;
}

TEST(Number, IsReadAsGoReadsIt) {
  EXPECT_EQ(NumberOf("5"), 5);
  EXPECT_EQ(NumberOf("5."), 5);
  EXPECT_EQ(NumberOf(".5"), 0.5);
  EXPECT_EQ(NumberOf("0x1F"), 31);
  EXPECT_EQ(NumberOf("0x_1f"), 31);
  EXPECT_EQ(NumberOf("017"), 15);
  EXPECT_EQ(NumberOf("08"), 8);
  EXPECT_EQ(NumberOf("1_000_000"), 1e6);
  EXPECT_EQ(NumberOf("1_0.2_5"), 10.25);
  EXPECT_EQ(NumberOf("1e3"), 1000);
  EXPECT_EQ(NumberOf("1E+3"), 1000);
  EXPECT_EQ(NumberOf("1e-400"), 0);
  EXPECT_EQ(NumberOf("9223372036854775808"), 9223372036854775808.0);
  EXPECT_EQ(NumberOf("Inf"), INFINITY);
  EXPECT_TRUE(std::isnan(NumberOf("NAN")));
}

TEST(Number, ThatIsNoneIsRefused) {
  for (const char* text : {"5x", "0x", "1_", "1__0", "1_e2", "1e", "1e+", "1.2.3", "1e999", "5mm",
                           "1h1d", "5m5", "1s1m", "0b11", "293y"}) {
    EXPECT_FALSE(ParseNumber(text)) << text;
  }
}

TEST(Duration, IsReadWithItsUnitsInOrder) {
  EXPECT_EQ(NumberOf("5m"), 300);
  EXPECT_EQ(NumberOf("1h30m"), 5400);
  EXPECT_EQ(NumberOf("1y1w1d1h1m1s1ms"), 31536000 + 604800 + 86400 + 3600 + 60 + 1 + 0.001);
  EXPECT_EQ(NumberOf("0s"), 0);
  EXPECT_TRUE(ParseNumber("5m")->duration);
  EXPECT_FALSE(ParseNumber("5")->duration);
}

TEST(Duration, IsWrittenAsPrometheusWritesIt) {
  EXPECT_EQ(Seconds(300), "5m");
  EXPECT_EQ(Seconds(5400), "1h30m");
  EXPECT_EQ(Seconds(604800), "1w");
  EXPECT_EQ(Seconds(86400 * 90), "90d");
  EXPECT_EQ(Seconds(31536000), "1y");
  EXPECT_EQ(Seconds(-0.5), "-500ms");
  EXPECT_EQ(Seconds(0), "0s");
  EXPECT_EQ(Seconds(0.0005), "5e-04");
}

TEST(NumberText, IsReadAsTheSameDouble) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 100'000; ++i) {
    uint64_t bits = random();
    double value;
    std::memcpy(&value, &bits, sizeof value);
    value = std::abs(value);
    std::string text;
    AppendNumber(value, text);
    double again = NumberOf(text);
    ASSERT_TRUE(again == value || (std::isnan(again) && std::isnan(value))) << text;
  }
}

TEST(String, GoesThroughQuotesWhateverItsBytesAre) {
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string value;
    for (auto n = random() % 12; n > 0; --n) value += static_cast<char>(random() % 256);
    std::string quoted = Quoted(value);
    ASSERT_EQ(Unescape(quoted), value) << quoted;
    ASSERT_EQ(quoted.find('\n'), std::string::npos);
  }
}

TEST(String, IsWrittenReadably) {
  EXPECT_EQ(Quoted("a\"b\\c\n\t\r\x01\x7f"), R"("a\"b\\c\n\t\r\x01\x7f")");
  EXPECT_EQ(Quoted("grüße"), "\"grüße\"");
  EXPECT_EQ(Quoted("\xc3"), R"("\xc3")");
  EXPECT_EQ(Quoted("\xef\xbf\xbd"), R"("\ufffd")");
}

TEST(String, EscapesHaveTheirValues) {
  EXPECT_EQ(Unescape(R"("\a\b\f\n\r\t\v\\\"")"), "\a\b\f\n\r\t\v\\\"");
  EXPECT_EQ(Unescape(R"('\'\x41\101\u00e4\U0001F600\377')"), "'AA\xc3\xa4\xf0\x9f\x98\x80\xff");
}

// --- Regular expressions ---

bool Matches(std::string_view regex) {
  Expected<bool> matches = RegexMatchesEmpty(regex);
  EXPECT_TRUE(matches) << regex;
  return matches && *matches;
}

TEST(Regex, IsAnchoredWhenItMatchesNothing) {
  for (const char* regex :
       {"", ".*", "a*", "a|", "|a", "(a|b)?", "()", "(a*)*", "^$", "[a]*", "a{0,3}", "(?i)x*",
        "(?:)", "\\b*|\\B", "(?P<n>a)?", "(?<n>a)?", "$", "x*y*|z"}) {
    EXPECT_TRUE(Matches(regex)) << regex;
  }
  for (const char* regex : {".+", "a", "a|b", ".", "(a)", "\\.", "[a]", "a{1,3}", "\\\\", "a*b",
                            "(|a)b", "(?i)x", "\\(", "(?<n>a)", "[(?<]"}) {
    EXPECT_FALSE(Matches(regex)) << regex;
  }
}

TEST(Regex, ThatIsNoneIsRefused) {
  for (const char* regex :
       {"(",  ")",   "*",   "+",     "?",   "a**",     "a|*",   "[",   "[b-a]", "a{2,1}",
        "\\", "\\C", "\\8", "(?=a)", "(?<", "a{1001}", "x)|(y", "(*)", "a++",   "\xff"}) {
    EXPECT_FALSE(RegexMatchesEmpty(regex)) << regex;
  }
}

TEST(Regex, LongListsAreTaken) {
  std::string list = "a";
  for (int i = 0; i < 5000; ++i) list += "|subscriber\\." + std::to_string(i) + "[.]x";
  EXPECT_FALSE(Matches(list));
}

// What is judged without RE2 is judged as RE2 would.
TEST(Regex, PlainOnesAreReadAsRe2ReadsThem) {
  std::mt19937 random(7);
  constexpr std::string_view kLetters = "ab.*+?|()\\-[{^$ ";
  int plain_ones = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string regex;
    for (auto n = random() % 9; n > 0; --n) regex += kLetters[random() % kLetters.size()];
    std::optional<bool> plain = PlainRegexMatchesEmpty(regex);
    if (!plain) continue;
    ++plain_ones;
    RE2 re2(regex, RE2::Quiet);
    ASSERT_TRUE(re2.ok()) << regex;
    ASSERT_EQ(*plain, RE2::FullMatch("", re2)) << regex;
  }
  EXPECT_GT(plain_ones, 5'000);
}

}  // namespace
}  // namespace usage::gateway
