// The answer to one request, as it goes out on the client's connection.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "net/channel.h"

namespace usage::gateway {

struct AnswerHead {
  int status = 200;
  std::string content_type = "application/json";
  std::string content_encoding{};                // "" or "gzip": the body is so already
  std::map<std::string, std::string> headers{};  // further ones
};

// Used by the connection's thread. Either Send, or Begin, Write… and End (or Abort).
class ResponseWriter {
 public:
  // `fixed`: headers of every answer, which win over an answer's own.
  ResponseWriter(Channel* channel, bool is_http_10, bool then_close,
                 const std::map<std::string, std::string>& fixed)
      : channel_(channel), is_http_10_(is_http_10), closes_(then_close), fixed_(fixed) {}

  void Send(const AnswerHead& head, std::string_view body);
  // Without a length the body goes out in chunks, or to an HTTP/1.0 client until the close.
  void Begin(const AnswerHead& head, std::optional<uint64_t> length);
  // False: the client is gone or takes nothing; what follows is not sent.
  bool Write(std::string_view piece);
  void End();
  // Breaks off, so that the client does not take a part for the whole.
  void Abort() { failed_ = true; }
  // The connection must not be used for another request.
  void CloseAfterwards() { closes_ = true; }

  bool is_begun() const { return status_ != 0; }
  bool must_close() const { return closes_ || failed_; }
  bool failed() const { return failed_; }
  int status() const { return status_; }
  uint64_t body_bytes() const { return body_bytes_; }
  Watch client() const { return channel_->HangUp(); }

 private:
  std::string HeadText(const AnswerHead& head, std::optional<uint64_t> length);
  void Out(std::string_view bytes);

  Channel* const channel_;
  const bool is_http_10_;
  bool closes_;
  const std::map<std::string, std::string>& fixed_;
  bool chunked_ = false;
  bool failed_ = false;
  int status_ = 0;
  uint64_t body_bytes_ = 0;
  std::string pending_;  // a head that goes out with the first piece
};

}  // namespace usage::gateway
