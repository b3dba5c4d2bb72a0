#include "gateway/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

#include "gateway/listener.h"
#include "gateway/refusal.h"
#include "net/web_gate.h"

namespace usage::gateway {
namespace {

using std::chrono::steady_clock;

constexpr size_t kUpstreamBuffer = 64 * 1024;
constexpr std::chrono::seconds kLinger(2);
constexpr size_t kMostLingered = 4 * 1024 * 1024;

}  // namespace

Connection::Connection(Channel* channel, Gateway* gateway, const FrontServer::Limits& limits,
                       const std::map<std::string, std::string>& headers, TokenBucket* bucket,
                       int stopping, IdleSince* idle_since)
    : channel_(*channel),
      gateway_(*gateway),
      limits_(limits),
      headers_(headers),
      bucket_(bucket),
      stopping_(stopping),
      idle_since_(idle_since),
      remote_(PeerName(channel->fd())),
      in_(kMostHeadBytes),
      upstream_in_(kUpstreamBuffer) {}

void Connection::Serve() {
  if (channel_.Handshake(steady_clock::now() + limits_.handshake) != Io::kOk) return;
  for (bool goes_on = true; goes_on;) {
    *idle_since_ = steady_clock::now().time_since_epoch().count();
    if (ReadHead() != Next::kRequest) return;
    *idle_since_ = 0;
    goes_on = ServeRequest();
  }
}

Connection::Next Connection::ReadHead() {
  SteadyTime deadline = steady_clock::now() + (in_.empty() ? limits_.idle : limits_.head);
  size_t seen = 0;
  for (;;) {
    // Not from the front each time: a head that comes byte by byte would cost its square.
    size_t from = seen < 3 ? 0 : seen - 3;
    size_t end = HeadEnd(in_.view().substr(from));
    if (end != std::string_view::npos) {
      head_text_ = in_.view().substr(0, from + end);
      in_.Drop(from + end);
      return Next::kRequest;
    }
    seen = in_.view().size();
    if (in_.full()) {
      Refuse({431, "the request's head is too large"});
      return Next::kClose;
    }
    bool was_empty = in_.empty();
    // Only between requests: what has begun is answered.
    Watch stop = was_empty ? Watch{stopping_, POLLIN} : Watch{};
    Io io = in_.Fill(&channel_, deadline, stop);
    if (io == Io::kTimeout && !was_empty) Refuse({408, "the request's head came too slowly"});
    if (io != Io::kOk) return Next::kClose;
    if (was_empty) deadline = steady_clock::now() + limits_.head;
  }
}

std::optional<HttpFault> Connection::CheckHead(const RequestHead& head) const {
  bool has_body = head.body.kind == BodyFrame::Kind::kChunked || head.body.length > 0;
  if (has_body && head.method != "POST") {
    return HttpFault{400, "only a POST may have a body"};
  }
  if (head.body.length > limits_.body_bytes) return HttpFault{413, "the request is too large"};
  std::string_view expect = head.fields.Value("Expect");
  if (!expect.empty() && !SameName(expect, "100-continue")) {
    return HttpFault{417, "the only expectation met here is 100-continue"};
  }
  return std::nullopt;
}

bool Connection::ServeRequest() {
  auto parsed = ParseRequestHead(head_text_);
  if (auto* fault = std::get_if<HttpFault>(&parsed)) return Refuse(*fault), false;
  const RequestHead& head = std::get<RequestHead>(parsed);
  if (auto fault = CheckHead(head)) return Refuse(*fault), false;
  if (bucket_ != nullptr && !bucket_->Take(steady_clock::now())) return RefuseByRate(), false;
  std::string body;
  if (!Welcome(head) || !ReadBody(head.body, &body)) return false;
  bool is_last = head.closes || WaitFor({stopping_, POLLIN}, {}, {}) == Io::kOk;
  ResponseWriter writer(&channel_, head.is_http_10, is_last, headers_);
  gateway_.Handle(head, body, remote_, &upstream_in_, &writer);
  return !writer.must_close();
}

bool Connection::Welcome(const RequestHead& head) {
  bool expects = !head.fields.Value("Expect").empty() && !head.is_http_10 && in_.empty() &&
                 head.body.kind != BodyFrame::Kind::kNone;
  return !expects || channel_.Write("HTTP/1.1 100 Continue\r\n\r\n", limits_.body) == Io::kOk;
}

bool Connection::ReadBody(const BodyFrame& frame, std::string* body) {
  SteadyTime deadline = steady_clock::now() + limits_.body;
  switch (frame.kind) {
    case BodyFrame::Kind::kNone:
    case BodyFrame::Kind::kUntilClose:
      return true;
    case BodyFrame::Kind::kLength:
      return ReadLength(frame.length, deadline, body);
    case BodyFrame::Kind::kChunked:
      break;
  }
  return ReadChunks(deadline, body);
}

bool Connection::ReadLength(uint64_t length, SteadyTime deadline, std::string* body) {
  for (;;) {
    size_t size = std::min(static_cast<size_t>(length) - body->size(), in_.view().size());
    body->append(in_.view().substr(0, size));
    in_.Drop(size);
    if (body->size() == length) return true;
    Io io = in_.Fill(&channel_, deadline);
    if (io == Io::kTimeout) Refuse({408, "the request's body came too slowly"});
    if (io != Io::kOk) return false;
  }
}

bool Connection::ReadChunks(SteadyTime deadline, std::string* body) {
  ChunkDecoder chunks;
  for (;;) {
    std::string_view bytes = in_.view();
    ChunkDecoder::State state = chunks.Feed(&bytes, body);
    in_.Drop(in_.view().size() - bytes.size());
    if (state == ChunkDecoder::State::kBad) return Refuse({400, "a malformed chunk"}), false;
    if (body->size() > limits_.body_bytes) {
      return Refuse({413, "the request is too large"}), false;
    }
    if (state == ChunkDecoder::State::kDone) return true;
    Io io = in_.Fill(&channel_, deadline);
    if (io == Io::kTimeout) Refuse({408, "the request's body came too slowly"});
    if (io != Io::kOk) return false;
  }
}

// The last words on a connection: where the next request would begin is not known.
void Connection::Refuse(const HttpFault& fault) {
  ResponseWriter writer(&channel_, false, true, headers_);
  gateway_.Refuse(fault, remote_, &writer);
  Linger();
}

void Connection::RefuseByRate() {
  ResponseWriter writer(&channel_, false, true, headers_);
  AnswerHead head;
  head.status = 429;
  head.headers["Retry-After"] = "1";
  writer.Send(head, ErrorJson("too_many_requests", "too many requests"));
  Linger();
}

// Reads for a while what the client is still sending: closing with bytes unread would reset the
// connection, and the answer could get lost on the way.
void Connection::Linger() {
  ::shutdown(channel_.fd(), SHUT_WR);
  SteadyTime deadline = steady_clock::now() + kLinger;
  for (size_t read = 0; read < kMostLingered; read += in_.view().size()) {
    in_.Clear();
    if (in_.Fill(&channel_, deadline) != Io::kOk) return;
  }
}

}  // namespace usage::gateway
