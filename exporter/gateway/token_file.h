// Who may come in: the token file, which `usagectl token` writes and the gateway watches.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/expected.h"
#include "core/types.h"

namespace usage::gateway {

enum class Scope {
  kTenant,    // every selector is bound to the tenant
  kOperator,  // all tenants; parsed and limited all the same
};

// The token itself is nowhere: 256 random bits need no salt and no slow hash.
struct TokenRecord {
  std::string sha256;  // 64 hex digits, of the token's text
  Scope scope = Scope::kTenant;
  std::string tenant;  // "" for operators only
  Instant created{};
  std::optional<Instant> expires;
  std::string note;

  // What people call it: the first digits of the hash.
  std::string id() const { return sha256.substr(0, 12); }
  bool is_expired(Instant now) const { return expires && *expires <= now; }
  friend bool operator==(const TokenRecord&, const TokenRecord&) = default;
};

// "usage_" and 43 characters for 256 random bits.
std::string NewToken();
// 64 hex digits.
std::string Sha256Hex(std::string_view text);
// Why that can't be a tenant; "" for one that can. An empty one would match all series without the
// label.
std::string TenantFault(const std::string& tenant);

// "2026-11-23T07:46:57Z", as the file and the command line have it.
std::optional<Instant> ParseUtc(const std::string& text);
std::string FormatUtc(Instant t);

// JSON, read as strict YAML: every fault with its place.
Expected<std::vector<TokenRecord>> ReadTokenFile(const std::string& path);
Expected<std::vector<TokenRecord>> ParseTokenFile(const std::string& name, const std::string& text);

// Replaces the file in one step: mode 0600, and of the owner that the file (else its folder) has,
// so that root may write what the gateway reads. Throws std::runtime_error.
void WriteTokenFile(const std::string& path, const std::vector<TokenRecord>& records);

}  // namespace usage::gateway
