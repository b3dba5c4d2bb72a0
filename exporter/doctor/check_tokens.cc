// The gateway's tokens: who will be locked out soon.
#include "doctor/amounts.h"
#include "doctor/checks.h"
#include "gateway/token_file.h"

namespace usage::doctor {
namespace {

using gateway::TokenRecord;

constexpr auto kSoon = std::chrono::hours(24 * 14);

std::string NameOf(const TokenRecord& token) {
  const std::string owner =
      token.scope == gateway::Scope::kOperator ? "the operator" : "tenant " + token.tenant;
  return "token " + token.id() + " of " + owner;
}

std::string NewToken(const TokenRecord& token, const std::string& file) {
  const std::string owner =
      token.scope == gateway::Scope::kOperator ? "--scope operator" : "--tenant " + token.tenant;
  return "usagectl token create " + owner + " --expires 90d --file " + file;
}

// Returns whether there was something to say.
bool LookAt(const TokenRecord& token, const House& house, const std::string& file, Notes& notes) {
  if (!token.expires || *token.expires > house.now() + kSoon) return false;
  const std::string day = gateway::FormatUtc(*token.expires).substr(0, 10);
  if (token.is_expired(house.now())) {
    notes.Warn(NameOf(token), "has expired on " + day, "take it away if its owner has a new one",
               {"usagectl token revoke " + token.id() + " --file " + file});
  } else {
    notes.Warn(NameOf(token), "expires on " + day, "make a new one and give it to its owner",
               {NewToken(token, file)});
  }
  return true;
}

}  // namespace

void CheckTokens(const House& house, Notes& notes) {
  const std::string file = TokensFile(house.config());
  if (file.empty()) return notes.NotChecked("token file", "doctor.tokens_file");
  const auto tokens = gateway::ReadTokenFile(file);
  if (!tokens) return notes.Broken(file, tokens.error(), "is it the gateway's tokens.file?");
  size_t said = 0;
  for (const TokenRecord& token : *tokens) said += LookAt(token, house, file, notes) ? 1 : 0;
  if (said == 0) notes.Good(file, Count(tokens->size(), "token") + ", none expires in 14 days");
}

}  // namespace usage::doctor
