#include <stdexcept>

#include "sources/routers/router_source.h"
#include "sources/routers/routeros_api.h"
#include "sources/routers/routeros_rest.h"
#include "sources/routers/snmp.h"

namespace usage {
namespace {

struct Maker {
  RouterProtocol protocol;
  std::unique_ptr<RouterSource> (*make)(const RouterConfig& router, const Clock& clock);
};

constexpr Maker kMakers[] = {
    {RouterProtocol::kRest, MakeRouterOsRest},
    {RouterProtocol::kApi, MakeRouterOsApi},
    {RouterProtocol::kSnmp, MakeSnmpRouter},
};

}  // namespace

std::unique_ptr<RouterSource> MakeRouterSource(const RouterConfig& config, const Clock& clock) {
  for (const Maker& maker : kMakers) {
    if (maker.protocol == config.protocol) return maker.make(config, clock);
  }
  throw std::logic_error("a router's protocol without a reader");
}

}  // namespace usage
