#include "gateway/form.h"

#include <algorithm>

namespace usage::gateway {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> Decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c <= 0x20 || c >= 0x7f || c == ';') return std::nullopt;
    if (c == '%') {
      if (text.size() - i < 3) return std::nullopt;
      int high = HexValue(text[i + 1]), low = HexValue(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+') {
      c = ' ';
    }
    out.push_back(c);
  }
  return out;
}

bool IsPlain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

void Encode(std::string_view text, std::string* out) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  for (char c : text) {
    if (IsPlain(c)) {
      out->push_back(c);
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    out->push_back('%');
    out->push_back(kHex[byte >> 4]);
    out->push_back(kHex[byte & 15]);
  }
}

}  // namespace

bool ParseForm(std::string_view text, Form* form) {
  while (!text.empty()) {
    size_t end = text.find('&');
    std::string_view field = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (field.empty()) continue;
    size_t equals = field.find('=');
    if (equals == 0 || equals == std::string_view::npos) return false;
    auto name = Decode(field.substr(0, equals));
    auto value = Decode(field.substr(equals + 1));
    if (!name || !value) return false;
    form->emplace_back(std::move(*name), std::move(*value));
  }
  return true;
}

std::string EncodeForm(const Form& form) {
  std::string out;
  for (const auto& [name, value] : form) {
    if (!out.empty()) out.push_back('&');
    Encode(name, &out);
    out.push_back('=');
    Encode(value, &out);
  }
  return out;
}

}  // namespace usage::gateway
