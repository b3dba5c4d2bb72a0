#include "sources/routers_file.h"

#include <stdexcept>

#include "config/router_fields.h"
#include "config/router_values.h"

namespace usage {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

void ReadTables(const YamlValue& value, std::vector<RouterTable>* out) {
  if (!value.present()) return;
  out->clear();
  for (const YamlValue& item : value.Items()) {
    RouterTable table{};
    item.ReadWord(&table, {{"hotspot_active", RouterTable::kHotspotActive},
                           {"pppoe_interface", RouterTable::kPppoeInterface},
                           {"queue", RouterTable::kQueue}});
    out->push_back(table);
  }
}

void ReadName(YamlMap* map, std::string* out) {
  const YamlValue name = map->Required("name", "write the router's name, one for each router");
  name.Read(out);
  const std::string fault = out->empty() ? "" : RouterNameFault(*out);
  if (!fault.empty()) name.Fail(fault);
}

// Tells the second router of a name from the first.
class UniqueNames {
 public:
  void Check(const YamlValue& value, const std::string& name) {
    const auto [first, is_new] = lines_.emplace(name, value.line());
    if (is_new || name.empty()) return;
    value.Fail("the name '" + name + "' is that of the router in line " +
               std::to_string(first->second) + " already; a name is one router's");
  }

 private:
  std::map<std::string, int> lines_;
};

}  // namespace

RouterList RoutersFile::Read() {
  YamlFile file = YamlFile::Load(config_.file);
  RouterList list;
  size_t own_faults = 0;  // of the routers
  {
    YamlMap root(file.root());
    UniqueNames names;
    for (const YamlValue& value : root.Required("routers", "write a list of routers").Items()) {
      const size_t before = file.fault_count();
      RouterConfig router = ReadRouter(value, file);
      names.Check(value, router.name);
      own_faults += file.fault_count() - before;
      if (file.fault_count() == before) {
        list.routers.push_back(std::move(router));
      } else {
        list.bad.push_back({router.name, file.faults_after(before)});
      }
    }
  }
  if (file.fault_count() != own_faults) throw std::runtime_error(file.faults());
  list.warnings = file.warnings();
  return list;
}

RouterConfig RoutersFile::ReadRouter(const YamlValue& value, const YamlFile& file) const {
  YamlMap map(value);
  RouterConfig router;
  ReadName(&map, &router.name);
  map["tenant"].Read(&router.tenant);
  router.protocol = config_.default_protocol;
  ReadRouterProtocol(map["protocol"], &router.protocol);
  ReadTls(map["tls"], &router);
  ReadAddress(map.Required("address", "write host or host:port"), &router);
  ReadCredentials(map["credentials"], file, &router);
  ReadTables(map["tables"], &router.tables);
  map["uplinks"].Read(&router.uplinks);
  router.timeout = config_.timeout;
  map["timeout"].ReadDuration(&router.timeout, milliseconds(100), minutes(1));
  return router;
}

void RoutersFile::ReadTls(const YamlValue& value, RouterConfig* router) const {
  router->use_tls = config_.default_use_tls;
  router->tls = config_.default_tls;
  if (!value.present()) return;
  if (router->protocol == RouterProtocol::kSnmp) {
    value.Fail("has no effect: SNMP has no TLS here; take it out");
  }
  router->tls = {};
  router->use_tls = ReadRouterTls(value, folder_, &router->tls);
}

void RoutersFile::ReadAddress(const YamlValue& value, RouterConfig* router) const {
  std::string text;
  value.Read(&text);
  if (text.empty()) return;
  const auto address = ParseRouterAddress(text);
  if (!address) return value.Fail(address.error());
  router->host = address->host;
  router->port =
      address->port != 0 ? address->port : DefaultRouterPort(router->protocol, router->use_tls);
}

// A secret that is not to be had is noted once, by whoever finds it first.
void RoutersFile::ReadCredentials(const YamlValue& value, const YamlFile& file,
                                  RouterConfig* router) const {
  std::string fault;
  if (value.is_map()) {
    const size_t before = file.fault_count();
    const RouterCredentials own = ReadRouterCredentials(value, folder_);
    if (file.fault_count() == before) fault = SignIn(own, router);
  } else {
    std::string name;
    value.Read(&name);
    if (value.present() && name.empty()) return;
    fault = SignIn(name, config_, router);
  }
  if (!fault.empty()) value.Fail(fault);
}

}  // namespace usage
