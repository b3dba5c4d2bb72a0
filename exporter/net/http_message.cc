#include "net/http_message.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace usage {
namespace {

constexpr size_t kMostMethod = 16;
constexpr int kMostLengthDigits = 18;  // fits 64 bits without a check
constexpr int kMostChunkDigits = 8;    // 4 GiB

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// RFC 9110 5.6.2.
bool IsTokenChar(char c) {
  bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return alnum ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar);
}

// RFC 9110 5.5: visible, space, tab, and the bytes above ASCII.
bool IsValueChar(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

bool IsTargetChar(char c) { return c > 0x20 && c < 0x7f && c != '#'; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The line in front, without its CRLF; the text goes on behind it. A lone CR or LF is found by the
// checks of characters.
std::string_view TakeLine(std::string_view* text) {
  size_t end = text->find("\r\n");
  std::string_view line = text->substr(0, end);
  text->remove_prefix(std::min(text->size(), line.size() + 2));
  return line;
}

HttpFault BadRequest(std::string message) { return {400, std::move(message)}; }

std::optional<HttpFault> ParseFields(std::string_view text, HttpFields* fields) {
  for (std::string_view line = TakeLine(&text); !line.empty(); line = TakeLine(&text)) {
    size_t colon = line.find(':');
    std::string_view name = line.substr(0, colon);
    if (colon == std::string_view::npos || !IsToken(name)) {
      return BadRequest("a header line is not \"name: value\"");
    }
    std::string_view value = Trim(line.substr(colon + 1));
    if (!std::all_of(value.begin(), value.end(), IsValueChar)) {
      return BadRequest("a header's value has a control character");
    }
    if (fields->size() == kMostFields) return HttpFault{431, "too many headers"};
    fields->Add({name, value});
  }
  return std::nullopt;
}

// Fields that lists are not made of, or whose repetition two readers may take differently.
std::optional<HttpFault> CheckSingle(const HttpFields& fields) {
  for (const char* name : {"Host", "Content-Length", "Transfer-Encoding", "Content-Type",
                           "Content-Encoding", "Authorization", "Expect"}) {
    if (fields.Count(name) > 1)
      return BadRequest("the header " + std::string(name) + " is repeated");
  }
  return std::nullopt;
}

std::optional<uint64_t> ParseLength(std::string_view text) {
  bool digits = !text.empty() && text.size() <= kMostLengthDigits &&
                text.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits) return std::nullopt;
  uint64_t length = 0;
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

std::optional<HttpFault> FrameByFields(const HttpFields& fields, BodyFrame* frame) {
  bool has_length = fields.Count("Content-Length") > 0;
  bool has_coding = fields.Count("Transfer-Encoding") > 0;
  if (has_length && has_coding) {
    return BadRequest("Content-Length and Transfer-Encoding exclude each other");
  }
  if (has_coding) {
    std::string_view coding = fields.Value("Transfer-Encoding");
    if (!SameName(coding, "chunked"))
      return HttpFault{501, "a Transfer-Encoding other than chunked"};
    frame->kind = BodyFrame::Kind::kChunked;
  }
  if (has_length) {
    std::optional<uint64_t> length = ParseLength(fields.Value("Content-Length"));
    if (!length) return BadRequest("Content-Length is not a number");
    frame->kind = BodyFrame::Kind::kLength;
    frame->length = *length;
  }
  return std::nullopt;
}

std::optional<HttpFault> ParseRequestLine(std::string_view line, RequestHead* head) {
  size_t first = line.find(' ');
  size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return BadRequest("the request line is malformed");
  head->method = line.substr(0, first);
  head->target = line.substr(first + 1, second - first - 1);
  std::string_view version = line.substr(second + 1);
  if (!IsToken(head->method) || head->method.size() > kMostMethod) {
    return BadRequest("the method is malformed");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return version.starts_with("HTTP/") && version.size() == 8
               ? HttpFault{505, "only HTTP/1.1 and HTTP/1.0 are spoken here"}
               : BadRequest("the request line is malformed");
  }
  head->is_http_10 = version.back() == '0';
  bool origin_form = head->target.starts_with('/') &&
                     std::all_of(head->target.begin(), head->target.end(), IsTargetChar);
  if (!origin_form) return BadRequest("the request's target is not a path");
  return std::nullopt;
}

std::optional<HttpFault> CheckRequestFields(RequestHead* head) {
  if (auto fault = CheckSingle(head->fields)) return fault;
  size_t hosts = head->fields.Count("Host");
  if (hosts == 0 && !head->is_http_10) return BadRequest("the header Host is missing");
  // RFC 9112 6.1: a 1.0 reader in between would not see the chunks.
  if (head->is_http_10 && head->fields.Count("Transfer-Encoding") > 0) {
    return BadRequest("HTTP/1.0 has no Transfer-Encoding");
  }
  head->closes = head->is_http_10 || head->fields.HasWord("Connection", "close");
  return FrameByFields(head->fields, &head->body);
}

std::optional<HttpFault> ParseStatusLine(std::string_view line, ResponseHead* head) {
  bool good = line.size() >= 12 &&
              (line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ")) &&
              (line.size() == 12 || line[12] == ' ') &&
              line.substr(9, 3).find_first_not_of("0123456789") == std::string_view::npos;
  if (!good) return HttpFault{502, "its status line is malformed"};
  std::from_chars(line.data() + 9, line.data() + 12, head->status);
  head->closes = line[7] == '0';
  return std::nullopt;
}

}  // namespace

bool SameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return Lower(x) == Lower(y); });
}

size_t HttpFields::Count(std::string_view name) const {
  return static_cast<size_t>(std::count_if(
      fields_.begin(), fields_.end(), [&](const HttpField& f) { return SameName(f.name, name); }));
}

std::string_view HttpFields::Value(std::string_view name) const {
  for (const HttpField& field : fields_) {
    if (SameName(field.name, name)) return field.value;
  }
  return "";
}

bool HttpFields::HasWord(std::string_view name, std::string_view word) const {
  for (const HttpField& field : fields_) {
    if (!SameName(field.name, name)) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      size_t comma = rest.find(',');
      if (SameName(Trim(rest.substr(0, comma)), word)) return true;
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
  }
  return false;
}

size_t HeadEnd(std::string_view bytes) {
  size_t end = bytes.find("\r\n\r\n");
  return end == std::string_view::npos ? end : end + 4;
}

std::variant<RequestHead, HttpFault> ParseRequestHead(std::string_view text) {
  RequestHead head;
  std::string_view line = TakeLine(&text);
  if (auto fault = ParseRequestLine(line, &head)) return *fault;
  if (auto fault = ParseFields(text, &head.fields)) return *fault;
  if (auto fault = CheckRequestFields(&head)) return *fault;
  return head;
}

std::variant<ResponseHead, HttpFault> ParseResponseHead(std::string_view text) {
  ResponseHead head;
  std::string_view line = TakeLine(&text);
  if (auto fault = ParseStatusLine(line, &head)) return *fault;
  if (auto fault = ParseFields(text, &head.fields)) return *fault;
  if (auto fault = CheckSingle(head.fields)) return *fault;
  if (head.fields.HasWord("Connection", "close")) head.closes = true;
  bool has_no_body = head.status < 200 || head.status == 204 || head.status == 304;
  if (has_no_body) return head;
  head.body.kind = BodyFrame::Kind::kUntilClose;
  if (auto fault = FrameByFields(head.fields, &head.body)) return *fault;
  if (head.body.kind == BodyFrame::Kind::kUntilClose) head.closes = true;
  return head;
}

ChunkDecoder::State ChunkDecoder::Feed(std::string_view* in, std::string* out) {
  while (part_ != Part::kDone && !in->empty()) {
    if (part_ == Part::kContent) {
      size_t size = static_cast<size_t>(std::min<uint64_t>(left_, in->size()));
      out->append(in->data(), size);
      in->remove_prefix(size);
      left_ -= size;
      if (left_ == 0) part_ = Part::kContentCr;
      continue;
    }
    if (!TakeByte(in->front())) return State::kBad;
    in->remove_prefix(1);
  }
  return part_ == Part::kDone ? State::kDone : State::kMore;
}

bool ChunkDecoder::TakeByte(char c) {
  auto expect = [&](char wanted, Part next) {
    part_ = next;
    return c == wanted;
  };
  switch (part_) {
    case Part::kSize:
      if (c != '\r' || digits_ == 0) return TakeSizeDigit(c);
      part_ = Part::kSizeEnd;
      return true;
    case Part::kSizeEnd:
      digits_ = 0;
      return expect('\n', left_ == 0 ? Part::kLastCr : Part::kContent);
    case Part::kContentCr:
      return expect('\r', Part::kContentLf);
    case Part::kContentLf:
      return expect('\n', Part::kSize);
    case Part::kLastCr:
      return expect('\r', Part::kLastLf);
    case Part::kLastLf:
      return expect('\n', Part::kDone);
    case Part::kContent:
    case Part::kDone:
      break;
  }
  return false;
}

bool ChunkDecoder::TakeSizeDigit(char c) {
  char lower = Lower(c);
  int value = c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  if (value < 0 || ++digits_ > kMostChunkDigits) return false;
  left_ = left_ * 16 + static_cast<uint64_t>(value);
  return true;
}

std::string_view ReasonPhrase(int status) {
  static constexpr std::pair<int, std::string_view> kPhrases[] = {
      {200, "OK"},
      {204, "No Content"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"}};
  for (const auto& [code, phrase] : kPhrases) {
    if (code == status) return phrase;
  }
  return "";
}

}  // namespace usage
