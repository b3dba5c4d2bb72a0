// `usagectl token`: makes, shows and takes away the gateway's tokens.
#pragma once

#include <iosfwd>
#include <string>

namespace CLI {
class App;
}

namespace usage {

struct TokenFlags {
  std::string file = "tokens.json";
  std::string tenant;
  std::string scope = "tenant";
  std::string expires;  // a duration from now ("90d") or a time; "": never
  std::string note;
  std::string id;  // of the token to revoke
  bool json = false;
};

// Each returns the exit status; what went wrong goes to `err`.
// Prints the token, which is shown this once.
int CreateToken(const TokenFlags& flags, std::ostream& out, std::ostream& err);
int ListTokens(const TokenFlags& flags, std::ostream& out, std::ostream& err);
int RevokeToken(const TokenFlags& flags, std::ostream& out, std::ostream& err);

// Adds `usagectl token`; it sets `status`, which must outlive `app`, to the exit status.
void AddTokenCommands(CLI::App& app, int& status);

}  // namespace usage
