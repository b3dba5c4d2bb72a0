// HTTP/1.1 messages as bytes (RFC 9112), read so strictly that nobody else could read them in
// another way: what is ambiguous is refused, never repaired. No I/O.
//
// For what tenants send, and what Prometheus and routers answer. Not cpp-httplib, which the
// exporter's own pages use: 0.11.4 loses pipelined requests, takes a repeated Host or
// Content-Length, has no limit for a whole head or a chunked body, limits the time between two
// bytes only (so that a slow peer keeps a thread for ever), and its handlers are not told that
// their client went.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace usage {

// Of a whole head, start line included; the most fields in it.
inline constexpr size_t kMostHeadBytes = 128 * 1024;
inline constexpr size_t kMostFields = 100;

// Why a message is refused: the status to answer with, and a sentence for people.
struct HttpFault {
  int status;
  std::string message;
};

// Views into the text that was parsed.
struct HttpField {
  std::string_view name;  // as it was sent: compare with SameName
  std::string_view value;
};

bool SameName(std::string_view a, std::string_view b);

class HttpFields {
 public:
  void Add(HttpField field) { fields_.push_back(field); }
  size_t size() const { return fields_.size(); }
  size_t Count(std::string_view name) const;
  // The first one's value; "" when there is none.
  std::string_view Value(std::string_view name) const;
  // Whether a comma-separated list has that word, in any case.
  bool HasWord(std::string_view name, std::string_view word) const;
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<HttpField> fields_;
};

// Where a message's body ends.
struct BodyFrame {
  enum class Kind { kNone, kLength, kChunked, kUntilClose };
  Kind kind = Kind::kNone;
  uint64_t length = 0;
};

struct RequestHead {
  std::string_view method;
  std::string_view target;  // origin form: begins with '/', has no space, control or 8-bit byte
  bool is_http_10 = false;
  HttpFields fields;
  BodyFrame body;
  bool closes = false;  // the connection ends after this message
};

struct ResponseHead {
  int status = 0;
  HttpFields fields;
  BodyFrame body;
  bool closes = false;
};

// Where the head in front of `bytes` ends, its empty line included; npos: not all of it is there.
size_t HeadEnd(std::string_view bytes);

// `head`: up to HeadEnd. Views into it.
std::variant<RequestHead, HttpFault> ParseRequestHead(std::string_view head);
// An upstream's answer to GET or POST. Any fault means that the upstream can't be understood.
std::variant<ResponseHead, HttpFault> ParseResponseHead(std::string_view head);

// The content of a chunked body, piece by piece. Extensions and trailers are refused: nothing here
// has a use for them, and they are where readers disagree.
class ChunkDecoder {
 public:
  enum class State { kMore, kDone, kBad };

  // Takes bytes from the front of `*in` and appends content to `*out`. Done leaves what follows the
  // body in `*in`.
  State Feed(std::string_view* in, std::string* out);

 private:
  enum class Part { kSize, kSizeEnd, kContent, kContentCr, kContentLf, kLastCr, kLastLf, kDone };
  bool TakeByte(char c);
  bool TakeSizeDigit(char c);

  Part part_ = Part::kSize;
  uint64_t left_ = 0;  // of the chunk's size or content
  int digits_ = 0;
};

// The reason phrase that goes with a status; "" for one that the gateway does not know.
std::string_view ReasonPhrase(int status);

}  // namespace usage
