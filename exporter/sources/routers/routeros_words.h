// Words and sentences of RouterOS' binary API as bytes. Pure.
//
// A word is its length and its bytes; a sentence is words up to an empty one. The length takes 1 to
// 5 bytes, the high bits of the first say how many; a first byte from 0xf8 on is reserved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace usage {

// Most that is taken of a router. Beyond it the stream is not followed: it could be any length.
inline constexpr size_t kMostWordBytes = 64 * 1024;
inline constexpr size_t kMostSentenceBytes = 256 * 1024;  // its lengths not counted
inline constexpr size_t kMostSentenceWords = 1024;

void AppendApiLength(uint32_t length, std::string* out);
// `word` is shorter than 2^32.
void AppendApiWord(std::string_view word, std::string* out);
// Its words, and the empty one at its end.
void AppendApiSentence(const std::vector<std::string>& words, std::string* out);

// Sentences from bytes that come cut in any way.
class SentenceDecoder {
 public:
  enum class State {
    kMore,      // all bytes are taken, the sentence goes on
    kSentence,  // words() has one
    kReserved,  // a length that means nothing, for ever after
    kTooLong,   // a word or a sentence beyond the limits, for ever after
  };

  // Takes bytes from the front of `*in`, up to the end of a sentence. The sentence before it is
  // forgotten. Empty sentences are passed over.
  State Feed(std::string_view* in);

  // Of the sentence that Feed has told of; until the next Feed.
  const std::vector<std::string_view>& words() const { return words_; }
  // Whether it stands between two sentences.
  bool is_between() const {
    return is_complete_ || (part_ == Part::kLength && length_bytes_ == 0 && ends_.empty());
  }

 private:
  enum class Part { kLength, kWord, kBroken };

  void TakeLengthByte(unsigned char byte);
  void TakeWordBytes(std::string_view* in);
  void EndLength();
  void Break(State why);
  void MakeWords();

  Part part_ = Part::kLength;
  State fault_ = State::kMore;
  uint32_t length_ = 0;   // of the word, as far as its bytes are known
  int length_bytes_ = 0;  // of the length: that came
  int length_left_ = 0;   // of the length: still to come
  bool is_complete_ = false;
  std::string text_;          // the words one behind the other
  std::vector<size_t> ends_;  // of the words in text_
  std::vector<std::string_view> words_;
};

}  // namespace usage
