// Which tenants have an org in Grafana, and what pushes into it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "config/config.h"
#include "net/postgres.h"

namespace usage::grafana {

// By tenant. Secrets.
using LiveTokenMap = std::map<std::string, std::string>;

// Reads the table grafana_org, which usagectl writes, on a connection of its own. Of one thread.
class LiveTokens {
 public:
  explicit LiveTokens(const StorageConfig& storage);

  // Those of tenants that have not left; the operator's own org gets no frames. Throws
  // std::runtime_error without a secret in it.
  LiveTokenMap Read();

 private:
  const StorageConfig storage_;
  std::unique_ptr<PgConnection> connection_;
};

}  // namespace usage::grafana
