#include "net/http_reply.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace usage {

HttpIo HttpIoOf(Io io) {
  switch (io) {
    case Io::kOk:
      return HttpIo::kOk;
    case Io::kTimeout:
      return HttpIo::kTimeout;
    case Io::kDisturbed:
      return HttpIo::kDisturbed;
    case Io::kEnd:
    case Io::kFailed:
      break;
  }
  return HttpIo::kDisconnected;
}

HttpIo HttpReply::ReadHead(SteadyTime deadline) {
  for (;;) {
    const size_t end = HeadEnd(buffer_.view());
    if (end == std::string_view::npos) {
      if (buffer_.full()) return HttpIo::kMalformed;
      const Io io = buffer_.Fill(&channel_, deadline, watch_);
      if (io != Io::kOk) return HttpIoOf(io);
      continue;
    }
    head_text_ = buffer_.view().substr(0, end);
    buffer_.Drop(end);
    auto parsed = ParseResponseHead(head_text_);
    if (!std::holds_alternative<ResponseHead>(parsed)) return HttpIo::kMalformed;
    head_ = std::move(std::get<ResponseHead>(parsed));
    if (head_.status == 101 || head_.status < 100) return HttpIo::kMalformed;
    if (head_.status >= 200) break;
  }
  left_ = head_.body.length;
  return HttpIo::kOk;
}

std::optional<uint64_t> HttpReply::length() const {
  switch (head_.body.kind) {
    case BodyFrame::Kind::kNone:
      return 0;
    case BodyFrame::Kind::kLength:
      return head_.body.length;
    case BodyFrame::Kind::kChunked:
    case BodyFrame::Kind::kUntilClose:
      break;
  }
  return std::nullopt;
}

HttpIo HttpReply::ReadBody(std::string* out, bool* done, SteadyTime deadline) {
  *done = false;
  const size_t before = out->size();
  for (;;) {
    if (!TakeFromBuffer(out, done)) return HttpIo::kMalformed;
    if (*done || out->size() > before) return HttpIo::kOk;
    const Io io = buffer_.Fill(&channel_, deadline, watch_);
    *done = io == Io::kEnd && head_.body.kind == BodyFrame::Kind::kUntilClose;
    if (io != Io::kOk) return *done ? HttpIo::kOk : HttpIoOf(io);
  }
}

bool HttpReply::TakeFromBuffer(std::string* out, bool* done) {
  std::string_view bytes = buffer_.view();
  const size_t before = bytes.size();
  switch (head_.body.kind) {
    case BodyFrame::Kind::kNone:
      *done = true;
      return true;
    case BodyFrame::Kind::kUntilClose:
      out->append(bytes);
      buffer_.Clear();
      return true;
    case BodyFrame::Kind::kLength: {
      const size_t size = static_cast<size_t>(std::min<uint64_t>(left_, before));
      out->append(bytes.substr(0, size));
      buffer_.Drop(size);
      left_ -= size;
      *done = left_ == 0;
      return true;
    }
    case BodyFrame::Kind::kChunked:
      break;
  }
  const ChunkDecoder::State state = chunks_.Feed(&bytes, out);
  buffer_.Drop(before - bytes.size());
  *done = state == ChunkDecoder::State::kDone;
  return state != ChunkDecoder::State::kBad;
}

}  // namespace usage
