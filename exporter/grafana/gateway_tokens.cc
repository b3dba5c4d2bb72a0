#include "grafana/gateway_tokens.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "core/atomic_file.h"
#include "core/clock.h"
#include "gateway/token_file.h"

namespace usage::grafana {
namespace {

using gateway::Scope;
using gateway::TokenRecord;

// Tells ours from those that people made by hand, which are left alone.
constexpr char kNote[] = "usagectl grafana";

std::vector<TokenRecord> Load(const std::string& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return {};
  return ValueOf(gateway::ReadTokenFile(file));
}

TokenRecord RecordOf(const std::string& tenant, const std::string& token) {
  TokenRecord record;
  record.sha256 = gateway::Sha256Hex(token);
  record.scope = tenant.empty() ? Scope::kOperator : Scope::kTenant;
  record.tenant = tenant;
  record.created = SystemClock().Now();
  record.note = kNote;
  return record;
}

}  // namespace

std::map<std::string, std::string> GatewayTokens::Ids() const {
  std::map<std::string, std::string> ids;
  const Instant now = SystemClock().Now();
  for (const TokenRecord& record : Load(file_)) {
    if (!record.is_expired(now)) ids[record.id()] = record.tenant;
  }
  return ids;
}

std::map<std::string, GatewayToken> GatewayTokens::Make(const std::set<std::string>& tenants,
                                                        const std::set<std::string>& in_use) {
  std::map<std::string, GatewayToken> made;
  if (tenants.empty()) return made;
  FileLock lock(file_);
  std::vector<TokenRecord> records = Load(file_);
  std::erase_if(records, [&](const TokenRecord& record) {
    return record.note == kNote && !in_use.contains(record.id());
  });
  for (const std::string& tenant : tenants) {
    std::string token = gateway::NewToken();
    records.push_back(RecordOf(tenant, token));
    made[tenant] = {token, records.back().id()};
  }
  gateway::WriteTokenFile(file_, records);
  return made;
}

void GatewayTokens::Revoke(const std::set<std::string>& ids) {
  if (ids.empty()) return;
  FileLock lock(file_);
  std::vector<TokenRecord> records = Load(file_);
  std::erase_if(records, [&](const TokenRecord& record) { return ids.contains(record.id()); });
  gateway::WriteTokenFile(file_, records);
}

}  // namespace usage::grafana
