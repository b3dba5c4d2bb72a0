#include "core/strict_yaml.h"

#include <gtest/gtest.h>

#include <string>

#include "core/utf8.h"

namespace usage {
namespace {

// What reading `text` as {number, flag, list, word} says.
std::string Faults(const std::string& text) {
  YamlFile file = YamlFile::Parse("f", text);
  {
    YamlMap map(file.root());
    int number = 0;
    map["number"].Read(&number, 1, 9);
    bool flag = false;
    map["flag"].Read(&flag);
    std::vector<std::string> list;
    map["list"].Read(&list);
    int word = 0;
    map["word"].ReadWord(&word, {{"one", 1}, {"two", 2}});
  }
  return file.faults();
}

TEST(StrictYaml, HasNothingToSayOfAGoodFile) {
  EXPECT_EQ(Faults("number: 5\nflag: true\nlist: [a, b]\nword: two\n"), "");
  EXPECT_EQ(Faults(""), "");
  EXPECT_EQ(Faults("# words\n"), "");
  EXPECT_EQ(Faults("\xef\xbb\xbfnumber: 5\n"), "");  // a byte order mark
  EXPECT_EQ(Faults("number: 5\r\nflag: false\r\n"), "");
}

TEST(StrictYaml, SortsFaultsByTheirPlaces) {
  EXPECT_EQ(Faults("word: three\nnumber: 10\nother: 1\nflag: 1\n"),
            "f:1:7: word: must be one or two, not 'three'\n"
            "f:2:9: number: must be from 1 to 9, not '10'\n"
            "f:3:1: unknown key 'other'; known are number, flag, list and word\n"
            "f:4:7: flag: must be true or false");
}

TEST(StrictYaml, TakesNoWordForATruthValueAndNone) {
  EXPECT_EQ(Faults("flag: yes"), "f:1:7: flag: must be true or false");
  EXPECT_EQ(Faults("flag: \"true\""), "f:1:7: flag: must be true or false");
  EXPECT_EQ(Faults("list: [off]"),
            "f:1:8: list[0]: must be text, is a truth value; put it in quotes if it is meant");
  EXPECT_EQ(Faults("list: [\"off\"]"), "");
}

TEST(StrictYaml, RefusesWhatFollowsTheDocument) {
  for (const char* text : {"number: 5\n---\nnumber: 6\n", "number: 5\n...\nflag: true\n",
                           "[a]]\nnumber: 5\n", ",", ",\nnumber: 5"}) {
    EXPECT_NE(Faults(text), "") << text;
  }
}

TEST(StrictYaml, EndsOnNestingWithoutEnd) {
  for (const char* piece : {"[", "{", "- ", "? ", "[{", "a: [", "!!x ", "&a ", "'", "\"", "|\n "}) {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += piece;
    YamlFile::Parse("f", text).faults();  // whatever it says
  }
}

TEST(StrictYaml, EndsOnAnAliasToItself) {
  EXPECT_NE(Faults("list: &a [*a, *a]\nnumber: *a\n"), "");
}

TEST(StrictYaml, NamesTheFirstByteThatIsNoText) {
  EXPECT_EQ(Faults("number: 5\nflag: \xff"),
            "f:2:7: a byte that is no text; save the file as UTF-8");
  EXPECT_EQ(Faults(std::string("a\0b", 3)),
            "f:1:2: a byte that is no text; save the file as UTF-8");
}

TEST(StrictYaml, KnowsTheKeysThatItWasAskedFor) {
  YamlFile file = YamlFile::Parse("f", "list: [{a: 1}, {b: 2}]\n");
  YamlMap map(file.root());
  for (const YamlValue& item : map["list"].Items()) {
    YamlMap entry(item);
    entry["a"];
    entry["b"];
  }
  EXPECT_EQ(file.known_keys(), (std::set<std::string>{"list", "list[].a", "list[].b"}));
}

TEST(Utf8, HasOnlyTheCharactersOfRfc3629) {
  auto size = [](std::string_view text) { return Utf8CharacterSize(text, 0); };
  EXPECT_EQ(size("a"), 1u);
  EXPECT_EQ(size("\xc2\x80"), 2u);
  EXPECT_EQ(size("\xe2\x82\xac"), 3u);
  EXPECT_EQ(size("\xf0\x9f\x92\xa9"), 4u);
  EXPECT_EQ(size("\xf4\x8f\xbf\xbf"), 4u);
  for (const char* text : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
                           "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
                           "\xc2", "\xe2\x82", "\xf0\x9f\x92", "\xc2\x41"}) {
    EXPECT_EQ(size(text), 0u) << text;
  }
}

}  // namespace
}  // namespace usage
