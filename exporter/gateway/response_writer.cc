#include "gateway/response_writer.h"

#include <cstdio>
#include <ctime>

#include "net/http_message.h"

namespace usage::gateway {
namespace {

// A client that takes nothing for so long is gone.
constexpr std::chrono::seconds kProgress(30);

// RFC 9110 6.6.1. Made once a second.
const std::string& DateOfNow() {
  thread_local std::time_t made = 0;
  thread_local std::string text;
  std::time_t now = std::time(nullptr);
  if (now == made) return text;
  made = now;
  std::tm utc{};
  gmtime_r(&now, &utc);
  char buffer[40];
  std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text = buffer;
}

void AppendHeader(std::string_view name, std::string_view value, std::string* out) {
  if (!value.empty()) out->append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string ResponseWriter::HeadText(const AnswerHead& head, std::optional<uint64_t> length) {
  std::string text = "HTTP/1.1 " + std::to_string(head.status) + " ";
  text.append(ReasonPhrase(head.status)).append("\r\n");
  AppendHeader("Date", DateOfNow(), &text);
  AppendHeader("Content-Type", head.content_type, &text);
  AppendHeader("Content-Encoding", head.content_encoding, &text);
  for (const auto& [name, value] : head.headers) {
    if (!fixed_.contains(name)) AppendHeader(name, value, &text);
  }
  for (const auto& [name, value] : fixed_) AppendHeader(name, value, &text);
  if (length) AppendHeader("Content-Length", std::to_string(*length), &text);
  if (chunked_) text.append("Transfer-Encoding: chunked\r\n");
  if (closes_) text.append("Connection: close\r\n");
  return text.append("\r\n");
}

void ResponseWriter::Send(const AnswerHead& head, std::string_view body) {
  status_ = head.status;
  body_bytes_ = body.size();
  std::string text = HeadText(head, body.size());
  text.append(body);
  Out(text);
}

void ResponseWriter::Begin(const AnswerHead& head, std::optional<uint64_t> length) {
  status_ = head.status;
  chunked_ = !length && !is_http_10_;
  if (!length && is_http_10_) closes_ = true;
  pending_ = HeadText(head, length);
}

bool ResponseWriter::Write(std::string_view piece) {
  if (piece.empty()) return !failed_;
  body_bytes_ += piece.size();
  if (chunked_) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    pending_.append(size);
  }
  // Small parts in one packet; a big piece is not copied.
  Out(pending_);
  pending_.clear();
  Out(piece);
  if (chunked_) pending_ = "\r\n";
  return !failed_;
}

void ResponseWriter::End() {
  if (chunked_) pending_.append("0\r\n\r\n");
  Out(pending_);
  pending_.clear();
}

void ResponseWriter::Out(std::string_view bytes) {
  if (failed_ || bytes.empty()) return;
  failed_ = channel_->Write(bytes, kProgress) != Io::kOk;
}

}  // namespace usage::gateway
