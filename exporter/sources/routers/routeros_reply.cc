#include "sources/routers/routeros_reply.h"

#include <openssl/evp.h>

#include <array>
#include <charconv>

namespace usage {
namespace {

constexpr std::string_view kTag = ".tag=";
constexpr size_t kChallengeDigits = 32;

ApiReplyKind KindOf(std::string_view word) {
  if (word == "!re") return ApiReplyKind::kRow;
  if (word == "!done") return ApiReplyKind::kDone;
  if (word == "!empty") return ApiReplyKind::kEmpty;
  if (word == "!trap") return ApiReplyKind::kTrap;
  if (word == "!fatal") return ApiReplyKind::kFatal;
  return ApiReplyKind::kUnknown;
}

uint64_t TagOf(std::string_view text) {
  uint64_t tag = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, tag);
  return error == std::errc() && stop == end ? tag : 0;
}

void ReadWord(std::string_view word, ApiReply* reply) {
  if (word.starts_with(kTag)) {
    reply->tag = TagOf(word.substr(kTag.size()));
    return;
  }
  const size_t equals = word.find('=', 1);
  if (!word.starts_with('=') || equals == word.npos) {
    if (reply->text.empty()) reply->text = word;
    return;
  }
  reply->attributes.push_back({word.substr(1, equals - 1), word.substr(equals + 1)});
}

std::optional<std::string> FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t at = 0; at + 1 < hex.size(); at += 2) {
    unsigned byte = 0;
    const char* end = hex.data() + at + 2;
    if (std::from_chars(hex.data() + at, end, byte, 16).ptr != end) return std::nullopt;
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

std::string HexMd5(const std::string& bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_md5(), nullptr);
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += "0123456789abcdef"[digest[i] >> 4];
    text += "0123456789abcdef"[digest[i] & 15];
  }
  return text;
}

}  // namespace

std::string_view ApiReply::Value(std::string_view name) const {
  for (const OsAttribute& attribute : attributes) {
    if (attribute.name == name) return attribute.value;
  }
  return "";
}

void ReadApiReply(const std::vector<std::string_view>& words, ApiReply* reply) {
  reply->kind = KindOf(words[0]);
  reply->tag = 0;
  reply->text = reply->kind == ApiReplyKind::kUnknown ? words[0] : "";
  reply->attributes.clear();
  for (size_t i = 1; i < words.size(); ++i) ReadWord(words[i], reply);
}

std::optional<std::string> ChallengeResponse(const std::string& password, std::string_view hex) {
  if (hex.size() != kChallengeDigits) return std::nullopt;
  const auto challenge = FromHex(hex);
  if (!challenge) return std::nullopt;
  return "00" + HexMd5('\0' + password + *challenge);
}

}  // namespace usage
