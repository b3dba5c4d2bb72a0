// A router by RouterOS' binary API (ports 8728 and, under TLS, 8729).
#pragma once

#include <memory>

#include "sources/routers/router_source.h"

namespace usage {

std::unique_ptr<RouterSource> MakeRouterOsApi(const RouterConfig& router, const Clock& clock);

}  // namespace usage
