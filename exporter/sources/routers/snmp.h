// A router by SNMP (v2c, v3).
#pragma once

#include <memory>

#include "sources/routers/router_source.h"

namespace usage {

// As MakeRouterSource.
std::unique_ptr<RouterSource> MakeSnmpRouter(const RouterConfig& config, const Clock& clock);

}  // namespace usage
