// One answer of an HTTP server, as it comes in on a channel.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "net/channel.h"
#include "net/http_message.h"

namespace usage {

enum class HttpIo {
  kOk,
  kDisconnected,  // in the middle of it
  kTimeout,
  kMalformed,  // not HTTP as http_message.h reads it
  kDisturbed,  // the watch spoke
};

HttpIo HttpIoOf(Io io);

// Reads it piece by piece. Stays where it is: its head views its own text.
class HttpReply {
 public:
  // Borrows both; what the buffer holds is the answer's beginning.
  HttpReply(Channel* channel, InBuffer* buffer, Watch watch = {})
      : channel_(*channel), buffer_(*buffer), watch_(watch) {}
  HttpReply(const HttpReply&) = delete;
  HttpReply& operator=(const HttpReply&) = delete;

  // 100 to 199 are read over, but for 101, which is malformed: nobody here asks for it.
  HttpIo ReadHead(SteadyTime deadline);
  const ResponseHead& head() const { return head_; }

  // Appends the next piece of the body to `*out`; waits for it. `*done`: that was the end.
  HttpIo ReadBody(std::string* out, bool* done, SteadyTime deadline);
  // The body's size, where the head tells it.
  std::optional<uint64_t> length() const;

  // After the body: whether the channel can take another request. Bytes behind the answer belong to
  // nothing that was asked.
  bool leaves_clean() const { return !head_.closes && buffer_.empty(); }

 private:
  bool TakeFromBuffer(std::string* out, bool* done);

  Channel& channel_;
  InBuffer& buffer_;
  const Watch watch_;
  std::string head_text_;  // what head_ views
  ResponseHead head_;
  uint64_t left_ = 0;
  ChunkDecoder chunks_;
};

}  // namespace usage
