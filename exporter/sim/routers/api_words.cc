#include "sim/routers/api_words.h"

#include <stdexcept>
#include <utility>

namespace usage::sim {
namespace {

// How many bytes follow the first one, and which of its bits belong to the length.
struct LengthForm {
  unsigned more;
  uint8_t bits;
};

LengthForm FormOf(uint8_t first) {
  if (first < 0x80) return {0, 0x7f};
  if (first < 0xc0) return {1, 0x3f};
  if (first < 0xe0) return {2, 0x1f};
  if (first < 0xf0) return {3, 0x0f};
  if (first == 0xf0) return {4, 0};
  throw std::runtime_error("reserved length byte");
}

constexpr uint32_t kLongestFromClients = 1 << 20;

}  // namespace

std::string EncodeLength(uint32_t length) {
  if (length < 0x80) return {static_cast<char>(length)};
  unsigned more = length < 0x4000 ? 1 : length < 0x200000 ? 2 : length < 0x10000000 ? 3 : 4;
  constexpr uint8_t kMarks[] = {0, 0x80, 0xc0, 0xe0, 0xf0};
  uint64_t marked = length | uint64_t{kMarks[more]} << 8 * more;
  std::string bytes;
  for (unsigned left = more + 1; left-- > 0;) bytes += static_cast<char>(marked >> 8 * left);
  return bytes;
}

std::string EncodeWord(std::string_view word) {
  return EncodeLength(static_cast<uint32_t>(word.size())).append(word);
}

std::string EncodeSentence(const Sentence& words) {
  std::string bytes;
  for (const std::string& word : words) bytes += EncodeWord(word);
  return bytes + '\0';
}

std::optional<std::string> SentenceReader::NextWord() {
  if (at_ >= bytes_.size()) return std::nullopt;
  auto first = static_cast<uint8_t>(bytes_[at_]);
  LengthForm form = FormOf(first);
  if (bytes_.size() - at_ < 1 + form.more) return std::nullopt;
  uint32_t length = first & form.bits;
  for (unsigned i = 1; i <= form.more; ++i) {
    length = length << 8 | static_cast<uint8_t>(bytes_[at_ + i]);
  }
  if (length > kLongestFromClients) throw std::runtime_error("word too long");
  if (bytes_.size() - at_ - 1 - form.more < length) return std::nullopt;
  std::string word = bytes_.substr(at_ + 1 + form.more, length);
  at_ += 1 + form.more + length;
  return word;
}

std::optional<Sentence> SentenceReader::Next() {
  while (auto word = NextWord()) {
    if (!word->empty()) {
      words_.push_back(std::move(*word));
      continue;
    }
    bytes_.erase(0, std::exchange(at_, 0));
    return std::exchange(words_, {});
  }
  return std::nullopt;
}

}  // namespace usage::sim
