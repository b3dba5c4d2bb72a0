// What the sentences of RouterOS' binary API say. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/routers/routeros_tables.h"

namespace usage {

enum class ApiReplyKind {
  kRow,    // !re
  kDone,   // !done
  kEmpty,  // !empty, from RouterOS 7.18 on: there are no rows, !done follows
  kTrap,   // !trap: an error or the end of a cancelled command, !done follows
  kFatal,  // !fatal: the router closes
  kUnknown,
};

// Views into the sentence.
struct ApiReply {
  ApiReplyKind kind = ApiReplyKind::kUnknown;
  uint64_t tag = 0;            // 0: none, or not one of ours
  std::string_view text = {};  // of !fatal, and the first word of an unknown one
  OsAttributes attributes = {};

  // "" where it is not said.
  std::string_view Value(std::string_view name) const;
};

// `words` has one at least. The reply is filled anew, so that its memory can be used again.
void ReadApiReply(const std::vector<std::string_view>& words, ApiReply* reply);

// The answer to the challenge of a RouterOS older than 6.43, whose !done has =ret=HEX: "00" and
// the MD5 of a zero byte, the password and the challenge. No value where it is not 16 bytes in hex.
std::optional<std::string> ChallengeResponse(const std::string& password, std::string_view hex);

}  // namespace usage
