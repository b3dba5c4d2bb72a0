#include "metrics/label_text.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

namespace usage {
namespace {

std::string Escaped(const std::string& text) {
  std::string out;
  AppendEscaped(text, out);
  return out;
}

TEST(LabelText, EscapesWhatTheFormatsSayAndNothingElse) {
  const std::map<std::string, std::string> table = {
      {"", ""},
      {"plain", "plain"},
      {"\\", "\\\\"},
      {"\"", "\\\""},
      {"\n", "\\n"},
      {"\\n", "\\\\n"},
      {"a\"b\\c\nd", "a\\\"b\\\\c\\nd"},
      {"tab\tcr\rdel\x7F", "tab\tcr\rdel\x7F"},
      {std::string("nul\0nul", 7), std::string("nul\0nul", 7)},
      {"{}=,# ' é €", "{}=,# ' é €"},
  };
  for (const auto& [raw, escaped] : table) EXPECT_EQ(Escaped(raw), escaped);
}

// Rows from the Unicode standard, 3.9: each maximal subpart of an ill-formed sequence is one
// U+FFFD.
TEST(LabelText, ReplacesEachBadSequenceOnce) {
  const std::map<std::string, std::string> table = {
      {"", ""},
      {"é € 𝄞 \uFFFD", "é € 𝄞 \uFFFD"},
      {std::string("nul\0", 4), std::string("nul\0", 4)},
      {"caf\xE9", "caf\uFFFD"},
      {"caf\xE9s", "caf\uFFFDs"},
      {"\x80\xBF", "\uFFFD\uFFFD"},                      // continuations of nothing
      {"\xC0\xAF", "\uFFFD\uFFFD"},                      // overlong
      {"\xE0\x80\xAF", "\uFFFD\uFFFD\uFFFD"},            // overlong
      {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},            // a surrogate
      {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},  // past U+10FFFF
      {"\xF5\xFF\xFE", "\uFFFD\uFFFD\uFFFD"},            // never bytes of UTF-8
      {"\xE2\x82", "\uFFFD"},                            // cut off at the end
      {"\xF0\x9F\x98|", "\uFFFD|"},                      // cut off before another
      {"\xE2\x82\xE2\x82\xAC", "\uFFFD€"},               // cut off by a whole one
      {"a\xF1\x80\x80\xE1\x80\xC2"
       "b\x80"
       "c\x80\xBF"
       "d",  // the standard's own example
       "a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd"},
  };
  for (const auto& [raw, valid] : table) EXPECT_EQ(ValidText(raw), valid);
}

TEST(LabelText, NamesThatLookTheSameOnceRepairedStayApart) {
  EXPECT_EQ(ValidName("café"), "café");
  EXPECT_EQ(ValidName("caf\xE9"), "caf\uFFFD~e9");
  EXPECT_EQ(ValidName("caf\xE8"), "caf\uFFFD~e8");
  EXPECT_EQ(ValidName("\xE2\x82|\xFF"), "\uFFFD|\uFFFD~e282.ff");
  EXPECT_EQ(ValidName("\xFF\uFFFD"), "\uFFFD\uFFFD~ff.efbfbd");
  EXPECT_EQ(ValidName("\uFFFD\xFF"), "\uFFFD\uFFFD~efbfbd.ff");
}

std::string RandomBytes(std::mt19937& random) {
  constexpr std::string_view kBytes = "a~.9\xEF\xBF\xBD\xE2\x82\xAC\xF0\x9F\x98\x80\xC3\xFF";
  std::string text(random() % 6, '\0');
  for (char& c : text) c = kBytes[random() % kBytes.size()];
  return text;
}

TEST(LabelText, RepairIsValidAndFinalAndKeepsBrokenNamesApart) {
  std::mt19937 random(1);
  std::map<std::string, std::string> broken;  // by what they became
  for (int i = 0; i < 200'000; ++i) {
    const std::string raw = RandomBytes(random);
    const std::string name = ValidName(raw);
    ASSERT_EQ(ValidText(name), name);
    ASSERT_EQ(ValidName(name), name);
    if (name != raw) {
      ASSERT_EQ(broken.insert({name, raw}).first->second, raw);
    }
  }
  EXPECT_GT(broken.size(), 10'000U);
}

}  // namespace
}  // namespace usage
