// Which class reads what the configuration names.
#pragma once

#include <memory>

#include "config/config.h"
#include "core/clock.h"
#include "sources/router_list.h"
#include "sources/session_source.h"
#include "sources/tenant_source.h"

namespace usage {

// None connects: the first Read does. The clock must outlive the source. Throws
// std::runtime_error for what a checked configuration does not have, such as an unknown time zone.
// `with_whereabouts`: observations say where their sessions are.
std::unique_ptr<SessionSource> MakeSource(const SourceConfig& config, const Clock& clock,
                                          bool with_whereabouts = false);
std::unique_ptr<TenantSource> MakeTenantSource(const TenantsConfig& config);
std::unique_ptr<RouterListSource> MakeRouterListSource(const RoutersConfig& config);

}  // namespace usage
