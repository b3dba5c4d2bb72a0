#include "sources/routers/routeros_words.h"

#include <gtest/gtest.h>

namespace usage {
namespace {

using State = SentenceDecoder::State;

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

std::string LengthOf(uint32_t size) {
  std::string bytes;
  AppendApiLength(size, &bytes);
  return Hex(bytes);
}

std::string Sentence(const std::vector<std::string>& words) {
  std::string bytes;
  AppendApiSentence(words, &bytes);
  return bytes;
}

std::vector<std::string> WordsOf(const SentenceDecoder& decoder) {
  return {decoder.words().begin(), decoder.words().end()};
}

TEST(ApiWord, ItsLengthTakesMoreBytesFromEachBoundaryOn) {
  EXPECT_EQ(LengthOf(0), "00");
  EXPECT_EQ(LengthOf(0x7f), "7f");
  EXPECT_EQ(LengthOf(0x80), "8080");
  EXPECT_EQ(LengthOf(0x3fff), "bfff");
  EXPECT_EQ(LengthOf(0x4000), "c04000");
  EXPECT_EQ(LengthOf(0x1f'ffff), "dfffff");
  EXPECT_EQ(LengthOf(0x20'0000), "e0200000");
  EXPECT_EQ(LengthOf(0xfff'ffff), "efffffff");
  EXPECT_EQ(LengthOf(0x1000'0000), "f010000000");
  EXPECT_EQ(LengthOf(0xffff'ffff), "f0ffffffff");
}

TEST(ApiSentence, ComesBackAtEveryLengthThatIsTaken) {
  for (const size_t size : {size_t{1}, size_t{0x7f}, size_t{0x80}, size_t{0x81}, size_t{0x3fff},
                            size_t{0x4000}, size_t{0x4001}, kMostWordBytes}) {
    const std::vector<std::string> words = {"!re", std::string(size, 'y'), "=end=1"};
    const std::string bytes = Sentence(words) + "rest";
    std::string_view rest = bytes;
    SentenceDecoder decoder;
    ASSERT_EQ(decoder.Feed(&rest), State::kSentence) << size;
    EXPECT_EQ(WordsOf(decoder), words) << size;
    EXPECT_EQ(rest, "rest") << size;
  }
}

TEST(ApiSentence, IsTheSameWhereverItsBytesAreSplit) {
  const std::vector<std::string> words = {"!re", ".tag=1", std::string(0x80, 'a'),
                                          "=b=", std::string(0x4000, 'c')};
  const std::string bytes = Sentence(words);
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    SentenceDecoder decoder;
    std::string_view first = std::string_view(bytes).substr(0, cut),
                     rest(bytes.data() + cut, bytes.size() - cut);
    if (cut < bytes.size()) {
      ASSERT_EQ(decoder.Feed(&first), State::kMore) << cut;
      EXPECT_EQ(decoder.is_between(), cut == 0) << cut;
      ASSERT_EQ(decoder.Feed(&rest), State::kSentence) << cut;
    } else {
      ASSERT_EQ(decoder.Feed(&first), State::kSentence);
    }
    ASSERT_EQ(WordsOf(decoder), words) << cut;
    EXPECT_TRUE(decoder.is_between()) << cut;
  }
}

TEST(ApiSentence, SentencesFollowEachOtherByteByByte) {
  const std::string bytes = Sentence({"!re", "=a=1"}) + Sentence({"!done"}) + '\0' + '\0' +
                            Sentence({std::string(200, 'z')});
  SentenceDecoder decoder;
  std::string seen;
  for (const char& byte : bytes) {
    std::string_view one(&byte, 1);
    if (decoder.Feed(&one) != State::kSentence) continue;
    for (const std::string_view word : decoder.words())
      seen += std::string(word.substr(0, 5)) + " ";
    seen += "|";
  }
  EXPECT_EQ(seen, "!re =a=1 |!done |zzzzz |") << "empty sentences are passed over";
}

// The first bytes of a length, and what becomes of it.
TEST(ApiSentence, LengthsThatMeanNothingOrTooMuchEndTheStream) {
  const struct {
    std::string bytes;
    State state;
  } kCases[] = {
      {"\xf8", State::kReserved},
      {"\xff", State::kReserved},
      {std::string("\x03!re\xf8", 5), State::kReserved},
      {std::string("\xf0\x00\x01\x00\x01", 5), State::kTooLong},
      {"\xf0\xff\xff\xff\xff", State::kTooLong},
      {"\xef\xff\xff\xff", State::kTooLong},
      {std::string("\xc1\x00\x01", 3), State::kTooLong},
      {std::string("\xc1\x00\x00", 3), State::kMore},
      {std::string("\xf0\x00\x00\x00\x02", 5) + "ab" + '\0', State::kSentence},
  };
  for (const auto& [bytes, state] : kCases) {
    SentenceDecoder decoder;
    std::string_view rest = bytes;
    EXPECT_EQ(decoder.Feed(&rest), state) << Hex(bytes);
    if (state == State::kMore || state == State::kSentence) continue;
    std::string_view more("\0\0", 2);
    EXPECT_EQ(decoder.Feed(&more), state) << Hex(bytes) << ": broken for ever";
  }
}

TEST(ApiSentence, HasAMostOfWordsAndOfBytes) {
  std::string words, bytes;
  for (size_t i = 0; i <= kMostSentenceWords; ++i) AppendApiWord("w", &words);
  for (size_t i = 0; i <= kMostSentenceBytes / kMostWordBytes; ++i) {
    AppendApiWord(std::string(kMostWordBytes, 'w'), &bytes);
  }
  for (std::string_view sentence : {std::string_view(words), std::string_view(bytes)}) {
    SentenceDecoder decoder;
    EXPECT_EQ(decoder.Feed(&sentence), State::kTooLong);
  }
}

}  // namespace
}  // namespace usage
