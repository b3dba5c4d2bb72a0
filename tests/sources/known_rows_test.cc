#include "sources/postgres/known_rows.h"

#include <gmock/gmock.h>

#include <map>
#include <random>

namespace usage {
namespace {

constexpr char kUuid[] = "a82f5a3e-0012-4000-8000-00000000ff0a";
constexpr char kHex[] = "00d41d8cd98f00b204e9800998ecf842";

TEST(PackedKeyTest, UuidsAndHexadecimalDigitsComeBackAsTheyWere) {
  EXPECT_EQ(PackedKey::Of(kUuid).form, PackedKey::Form::kUuid);
  EXPECT_EQ(PackedKey::Of(kUuid).ToText(), kUuid);
  EXPECT_EQ(PackedKey::Of(kHex).form, PackedKey::Form::kHex);
  EXPECT_EQ(PackedKey::Of(kHex).ToText(), kHex);
}

TEST(PackedKeyTest, WhatWouldNotComeBackIsText) {
  for (const char* key :
       {"", "a", "A82F5A3E-0012-4000-8000-00000000FF0A", "a82f5a3e-0012-4000-8000-00000000ff0g",
        "a82f5a3e00012-4000-8000-00000000ff0a", "a82f5a3e--012-4000-8000-00000000ff0a",
        "00D41D8CD98F00B204E9800998ECF842", "00d41d8cd98f00b204e9800998ecf84", "tenant/00d41d8c"}) {
    EXPECT_EQ(PackedKey::Of(key).form, PackedKey::Form::kText) << key;
  }
}

TEST(KnownRowsTest, SameDigitsInAnotherFormAreAnotherKey) {
  KnownRows rows;
  const RowRef uuid = rows.Add("a82f5a3e-0012-4000-8000-00000000ff0a");
  const RowRef hex = rows.Add("a82f5a3e00124000800000000000ff0a");
  const RowRef text = rows.Add("A82F5A3E00124000800000000000FF0A");
  EXPECT_EQ(rows.Find("a82f5a3e-0012-4000-8000-00000000ff0a"), uuid);
  EXPECT_EQ(rows.Find("a82f5a3e00124000800000000000ff0a"), hex);
  EXPECT_EQ(rows.Find("A82F5A3E00124000800000000000FF0A"), text);
}

TEST(KnownRowsTest, RowIsFoundByWhatFollowedAndOnlyWhereTheKeyIsRight) {
  KnownRows rows;
  const RowRef a = rows.Add("a"), b = rows.Add("b");
  rows[a].next = b;
  EXPECT_EQ(rows.FindAfter(a, "b"), b);
  EXPECT_EQ(rows.FindAfter(a, "a"), a);
  EXPECT_EQ(rows.FindAfter(kNoRow, "b"), b);
  rows.Remove(b);
  EXPECT_EQ(rows.FindAfter(a, "b"), kNoRow);
}

// Against a map, through growths, removals and refs that are used again.
TEST(KnownRowsTest, EveryRowIsFoundAndNoOther) {
  std::mt19937 random(7);
  KnownRows rows;
  std::map<std::string, RowRef> model;
  for (int step = 0; step < 30000; ++step) {
    std::string key = random() % 3 == 0 ? kUuid : random() % 2 == 0 ? kHex : "text";
    key.replace(0, 4, std::to_string(1000 + random() % 3000));
    const auto found = model.find(key);
    ASSERT_EQ(rows.Find(key), found == model.end() ? kNoRow : found->second);
    if (found == model.end()) {
      model[key] = rows.Add(key);
    } else if (random() % 2 == 0) {
      rows.Remove(found->second);
      model.erase(found);
    }
  }
  ASSERT_EQ(rows.size(), model.size());
  for (const auto& [key, ref] : model) {
    ASSERT_EQ(rows.Find(key), ref);
    ASSERT_EQ(rows.Key(ref), key);
  }
}

}  // namespace
}  // namespace usage
