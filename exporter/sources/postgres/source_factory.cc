#include "sources/postgres/source_factory.h"

#include <variant>

#include "sources/postgres/radacct.h"
#include "sources/postgres/routers.h"
#include "sources/postgres/session_tracker.h"
#include "sources/postgres/tenants.h"
#include "sources/postgres/user_sessions.h"
#include "sources/routers_file.h"
#include "sources/tenants_file.h"

namespace usage {
namespace {

// A new kind of source is a new alternative of SourceConfig::kind, and one more function here.
struct Maker {
  const SourceConfig& config;
  const Clock& clock;
  bool with_whereabouts;

  std::unique_ptr<SessionSource> operator()(UserSessionsConfig kind) const {
    kind.with_whereabouts = with_whereabouts;
    auto table =
        std::make_unique<UserSessionsTable>(config.name, config.database, config.timeout, kind);
    return std::make_unique<SessionTracker>(config.name, std::move(table), clock);
  }

  std::unique_ptr<SessionSource> operator()(RadacctConfig kind) const {
    kind.with_whereabouts = with_whereabouts;
    return std::make_unique<RadacctSource>(config.name, config.database, config.timeout, kind,
                                           clock);
  }
};

}  // namespace

std::unique_ptr<SessionSource> MakeSource(const SourceConfig& config, const Clock& clock,
                                          bool with_whereabouts) {
  return std::visit(Maker{config, clock, with_whereabouts}, config.kind);
}

std::unique_ptr<TenantSource> MakeTenantSource(const TenantsConfig& config) {
  if (!config.file.empty()) return std::make_unique<FileTenantSource>(config);
  return std::make_unique<SqlTenantSource>(config);
}

std::unique_ptr<RouterListSource> MakeRouterListSource(const RoutersConfig& config) {
  if (!config.file.empty()) return std::make_unique<RoutersFile>(config);
  return std::make_unique<SqlRouterList>(config);
}

}  // namespace usage
