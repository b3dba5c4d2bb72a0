// A router by RouterOS' REST interface (RouterOS 7.1 and later).
#pragma once

#include <memory>

#include "sources/routers/router_source.h"

namespace usage {

std::unique_ptr<RouterSource> MakeRouterOsRest(const RouterConfig& router, const Clock& clock);

}  // namespace usage
