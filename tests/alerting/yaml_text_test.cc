#include "alerting/yaml_text.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <random>

namespace usage::alerting {
namespace {

TEST(YamlText, IsQuotedSoThatItIsText) {
  EXPECT_EQ(YamlText("yes"), "\"yes\"");
  EXPECT_EQ(YamlText(""), "\"\"");
  EXPECT_EQ(YamlText("é ☃ 😀"), "\"é ☃ 😀\"");
}

TEST(YamlText, SparesEscapesWhereItCan) {
  EXPECT_EQ(YamlText(R"(a="b")"), R"('a="b"')");
  EXPECT_EQ(YamlText(R"(it's \d)"), R"('it''s \d')");
}

TEST(YamlText, IsAlwaysOneLine) {
  EXPECT_EQ(YamlText("a\nb\"\r\x7f"), R"("a\nb\"\u000D\u007F")");
  EXPECT_EQ(YamlText("\u0085\u2028\u2029\ufeff"), R"("\u0085\u2028\u2029\uFEFF")");
}

TEST(YamlText, BytesThatAreNoTextAreReplaced) {
  EXPECT_EQ(YamlText("a\xff\xc3"), R"("a\uFFFD\uFFFD")");
}

TEST(YamlText, ReadsBackAsItWas) {
  std::mt19937 dice(6);
  const std::string_view pieces[] = {"'",  "\"", "\\", "\n", " ",  "#",
                                     ": ", "{{", "é",  "😀",  "\t", "\x01"};
  for (int i = 0; i < 1000; ++i) {
    std::string text;
    for (size_t left = dice() % 6; left > 0; --left) text += pieces[dice() % std::size(pieces)];
    EXPECT_EQ(YAML::Load(YamlText(text)).as<std::string>(), text);
  }
}

}  // namespace
}  // namespace usage::alerting
