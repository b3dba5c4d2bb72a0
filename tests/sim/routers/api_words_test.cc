#include "sim/routers/api_words.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace usage::sim {
namespace {

std::string Hex(const std::string& bytes) {
  std::string text;
  for (char c : bytes) {
    char digits[4];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
    text += digits;
  }
  return text;
}

TEST(ApiWords, ALengthTakesAsManyBytesAsTheManualSays) {
  EXPECT_EQ(Hex(EncodeLength(0)), "00");
  EXPECT_EQ(Hex(EncodeLength(0x7f)), "7f");
  EXPECT_EQ(Hex(EncodeLength(0x80)), "8080");
  EXPECT_EQ(Hex(EncodeLength(0x3fff)), "bfff");
  EXPECT_EQ(Hex(EncodeLength(0x4000)), "c04000");
  EXPECT_EQ(Hex(EncodeLength(0x1fffff)), "dfffff");
  EXPECT_EQ(Hex(EncodeLength(0x200000)), "e0200000");
  EXPECT_EQ(Hex(EncodeLength(0xfffffff)), "efffffff");
  EXPECT_EQ(Hex(EncodeLength(0x10000000)), "f010000000");
  EXPECT_EQ(Hex(EncodeLength(0xffffffff)), "f0ffffffff");
}

TEST(ApiWords, SentencesComeOutWholeWhereverTheyAreCut) {
  const Sentence sentence = {"/login", "=name=usage", std::string(0x80, 'x'),
                             std::string(0x4000, 'y'), ".tag=7"};
  const std::string bytes = EncodeSentence(sentence) + EncodeSentence({"/quit"});
  for (size_t cut = 0; cut <= bytes.size(); cut += cut < 200 ? 1 : 997) {
    SentenceReader reader;
    std::vector<Sentence> found;
    for (const std::string& part : {bytes.substr(0, cut), bytes.substr(cut)}) {
      reader.Add(part);
      while (auto next = reader.Next()) found.push_back(*next);
    }
    ASSERT_EQ(found, (std::vector<Sentence>{sentence, {"/quit"}})) << "cut at " << cut;
  }
}

TEST(ApiWords, AReservedLengthByteIsRefused) {
  for (int first = 0xf1; first <= 0xff; ++first) {
    SentenceReader reader;
    reader.Add(std::string(1, static_cast<char>(first)));
    EXPECT_THROW(reader.Next(), std::runtime_error) << first;
  }
}

}  // namespace
}  // namespace usage::sim
