#include "gateway/refusal.h"

#include "core/utf8.h"

namespace usage::gateway {
namespace {

void AppendEscaped(std::string_view character, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  auto byte = static_cast<unsigned char>(character[0]);
  if (byte == '"' || byte == '\\') {
    out->push_back('\\');
    out->push_back(character[0]);
  } else if (byte < 0x20) {
    out->append("\\u00");
    out->push_back(kHex[byte >> 4]);
    out->push_back(kHex[byte & 15]);
  } else {
    out->append(character);
  }
}

}  // namespace

Refusal LimitHit(const char* limit, const std::string& what) {
  return {422, "execution", what + " (limit " + limit + " of usage_gateway)", "limit", limit};
}

Refusal BadParameter(std::string_view name, const std::string& what) {
  return {400, "bad_data", "invalid parameter \"" + std::string(name) + "\": " + what};
}

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  for (size_t at = 0; at < text.size();) {
    size_t size = Utf8CharacterSize(text, at);
    if (size == 0) out.append("\xEF\xBF\xBD");  // U+FFFD
    if (size > 0) AppendEscaped(text.substr(at, size), &out);
    at += size == 0 ? 1 : size;
  }
  return out + "\"";
}

std::string ErrorJson(std::string_view error_type, std::string_view message) {
  return "{\"status\":\"error\",\"errorType\":" + JsonString(error_type) +
         ",\"error\":" + JsonString(message) + "}";
}

}  // namespace usage::gateway
