#include "sources/routers/routeros_words.h"

#include <algorithm>
#include <bit>

namespace usage {
namespace {

// How a first byte begins: with as many ones as bytes follow it.
constexpr unsigned char kReservedFrom = 0xf8;
constexpr int kMostFollowing = 4;

// Bytes behind the first one.
int FollowingBytes(uint32_t length) {
  if (length < 0x80) return 0;
  if (length < 0x4000) return 1;
  if (length < 0x20'0000) return 2;
  return length < 0x1000'0000 ? 3 : kMostFollowing;
}

// The bits of a length that its first byte holds.
unsigned char FirstBits(unsigned char first, int following) {
  if (following == kMostFollowing) return 0;
  return static_cast<unsigned char>(first & (0x7f >> following));
}

}  // namespace

void AppendApiLength(uint32_t length, std::string* out) {
  const int following = FollowingBytes(length);
  const auto ones = static_cast<unsigned char>(0xff00 >> following);
  const auto high =
      static_cast<unsigned char>(following == kMostFollowing ? 0 : length >> 8 * following);
  out->push_back(static_cast<char>(ones | high));
  for (int i = following - 1; i >= 0; --i) out->push_back(static_cast<char>(length >> 8 * i));
}

void AppendApiWord(std::string_view word, std::string* out) {
  AppendApiLength(static_cast<uint32_t>(word.size()), out);
  out->append(word);
}

void AppendApiSentence(const std::vector<std::string>& words, std::string* out) {
  for (const std::string& word : words) AppendApiWord(word, out);
  out->push_back('\0');
}

SentenceDecoder::State SentenceDecoder::Feed(std::string_view* in) {
  if (is_complete_) {
    is_complete_ = false;
    text_.clear();
    ends_.clear();
  }
  while (!in->empty() && part_ != Part::kBroken && !is_complete_) {
    if (part_ == Part::kWord) {
      TakeWordBytes(in);
      continue;
    }
    const auto byte = static_cast<unsigned char>(in->front());
    in->remove_prefix(1);
    TakeLengthByte(byte);
  }
  if (part_ == Part::kBroken) return fault_;
  if (!is_complete_) return State::kMore;
  MakeWords();
  return State::kSentence;
}

void SentenceDecoder::TakeLengthByte(unsigned char byte) {
  if (length_bytes_++ == 0) {
    if (byte >= kReservedFrom) return Break(State::kReserved);
    length_left_ = std::countl_one(byte);
    length_ = FirstBits(byte, length_left_);
  } else {
    length_ = length_ << 8 | byte;
    --length_left_;
  }
  if (length_left_ == 0) EndLength();
}

void SentenceDecoder::EndLength() {
  length_bytes_ = 0;
  if (length_ == 0) {
    is_complete_ = !ends_.empty();
    return;
  }
  const bool is_too_long = length_ > kMostWordBytes || ends_.size() == kMostSentenceWords ||
                           text_.size() + length_ > kMostSentenceBytes;
  if (is_too_long) return Break(State::kTooLong);
  part_ = Part::kWord;
}

void SentenceDecoder::TakeWordBytes(std::string_view* in) {
  const size_t size = std::min<size_t>(length_, in->size());
  text_.append(in->substr(0, size));
  in->remove_prefix(size);
  length_ -= static_cast<uint32_t>(size);
  if (length_ > 0) return;
  ends_.push_back(text_.size());
  part_ = Part::kLength;
}

void SentenceDecoder::Break(State why) {
  part_ = Part::kBroken;
  fault_ = why;
}

// Only now: the text moves while it grows.
void SentenceDecoder::MakeWords() {
  words_.clear();
  size_t begin = 0;
  for (const size_t end : ends_) {
    words_.push_back(std::string_view(text_).substr(begin, end - begin));
    begin = end;
  }
}

}  // namespace usage
