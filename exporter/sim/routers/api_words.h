// Words and sentences of the binary API. Written for the fake routers alone: the reader has a codec
// of its own, so that the two do not share a misunderstanding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usage::sim {

using Sentence = std::vector<std::string>;

// The bytes that announce a word of that length.
std::string EncodeLength(uint32_t length);
std::string EncodeWord(std::string_view word);
// With the empty word that ends it.
std::string EncodeSentence(const Sentence& words);

// Takes bytes as they come and gives whole sentences.
class SentenceReader {
 public:
  void Add(std::string_view bytes) { bytes_ += bytes; }
  // The next whole one; none: more bytes are needed. Throws std::runtime_error on a reserved length
  // byte and on words beyond 1 MiB: a client sends neither.
  std::optional<Sentence> Next();

 private:
  std::optional<std::string> NextWord();

  std::string bytes_;
  size_t at_ = 0;
  Sentence words_;
};

}  // namespace usage::sim
