// The tokens that orgs' data sources show to usage_gateway.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace usage::grafana {

struct GatewayToken {
  std::string token;  // a secret
  std::string id;     // what usage_gateway's file and people call it
};

// usage_gateway's token file. Each call reads and writes it under the file's own lock.
class GatewayTokens {
 public:
  explicit GatewayTokens(std::string file) : file_(std::move(file)) {}

  // Those that are taken now: id → tenant, "" for an operator's. Throws std::runtime_error with
  // every fault of the file; a file that is not there has none.
  std::map<std::string, std::string> Ids() const;

  // One for each tenant ("": the operator), in one write; whoever is named twice gets one. Tokens
  // that an earlier usagectl made and could not place, which are in no org of `in_use`, go.
  std::map<std::string, GatewayToken> Make(const std::set<std::string>& tenants,
                                           const std::set<std::string>& in_use);
  // Usage_gateway refuses them from then on.
  void Revoke(const std::set<std::string>& ids);

 private:
  const std::string file_;
};

}  // namespace usage::grafana
