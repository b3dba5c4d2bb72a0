#include "api/json_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "metrics/label_text.h"

namespace usage {
namespace {

void AppendControl(std::string* out, char c) {
  constexpr char kHex[] = "0123456789abcdef";
  *out += "\\u00";
  *out += kHex[static_cast<unsigned char>(c) >> 4];
  *out += kHex[static_cast<unsigned char>(c) & 15];
}

// Most texts are: they go as they are.
bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; });
}

void AppendChar(std::string* out, char c) {
  if (c == '"' || c == '\\') {
    *out += '\\';
    *out += c;
  } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
    AppendControl(out, c);
  } else {
    *out += c;
  }
}

template <typename T>
void AppendNumber(std::string* out, T value) {
  char buffer[32];
  auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  out->append(buffer, end);
}

}  // namespace

JsonWriter& JsonWriter::Key(std::string_view name) {
  Comma();
  *out_ += '"';
  *out_ += name;
  *out_ += "\":";
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view bytes) {
  Comma();
  *out_ += '"';
  if (IsPlain(bytes)) {
    *out_ += bytes;
  } else {
    for (char c : ValidText(bytes)) AppendChar(out_, c);
  }
  *out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::Integer(int64_t value) {
  Comma();
  AppendNumber(out_, value);
  return *this;
}

JsonWriter& JsonWriter::Integer(uint64_t value) {
  Comma();
  AppendNumber(out_, value);
  return *this;
}

JsonWriter& JsonWriter::Exact(uint64_t value) {
  Comma();
  *out_ += '"';
  AppendNumber(out_, value);
  *out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::Number(double value) {
  if (!std::isfinite(value)) return Null();
  Comma();
  AppendNumber(out_, value);
  return *this;
}

JsonWriter& JsonWriter::Raw(std::string_view json) {
  Comma();
  *out_ += json;
  return *this;
}

JsonWriter& JsonWriter::Open(char bracket) {
  Comma();
  *out_ += bracket;
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::Close(char bracket) {
  *out_ += bracket;
  comma_ = true;
  return *this;
}

void JsonWriter::Comma() {
  if (comma_) *out_ += ',';
  comma_ = true;
}

}  // namespace usage
