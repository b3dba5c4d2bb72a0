#include "sources/tenants_file.h"

#include <map>
#include <stdexcept>

#include "core/strict_yaml.h"
#include "core/zone.h"

namespace usage {
namespace {

void CheckZone(const YamlValue& value, const std::string& zone) {
  if (!value.present() || Zone::Find(zone) != nullptr) return;
  value.Fail("the time zone database has no zone '" + zone +
             "'; write a name such as Africa/Nairobi");
}

TenantInfo ReadTenant(const YamlValue& value, const TenantsConfig& config) {
  TenantInfo tenant;
  tenant.time_zone = config.default_time_zone;
  tenant.billing_day = config.default_billing_day;
  YamlMap map(value);
  map.Required("id", "write the id as the sessions' rows have it").Read(&tenant.id);
  tenant.name = tenant.id;
  map["name"].Read(&tenant.name);
  const YamlValue zone = map["time_zone"];
  zone.Read(&tenant.time_zone);
  CheckZone(zone, tenant.time_zone);
  map["billing_day"].Read(&tenant.billing_day, 1, 31);
  map["week_start"].ReadWord<std::string>(
      &tenant.week_start, {{"monday", "monday"}, {"saturday", "saturday"}, {"sunday", "sunday"}});
  const YamlValue quota = map["quota"];
  uint64_t bytes = 0;
  quota.ReadByteSize(&bytes);
  if (quota.present()) tenant.quota_bytes = bytes;
  map["plan"].Read(&tenant.plan);
  tenant.alerts = config.default_alerts;
  ReadAlertThresholds(map["alerts"], &tenant.alerts);
  return tenant;
}

}  // namespace

std::vector<TenantInfo> FileTenantSource::Read() {
  YamlFile file = YamlFile::Load(config_.file);
  std::vector<TenantInfo> tenants;
  {
    YamlMap root(file.root());
    std::map<std::string, int> lines;  // by id
    for (const YamlValue& value : root.Required("tenants", "write a list of tenants").Items()) {
      TenantInfo tenant = ReadTenant(value, config_);
      const auto [first, is_new] = lines.emplace(tenant.id, value.line());
      if (!is_new && !tenant.id.empty()) {
        value.Fail("the id '" + tenant.id + "' is that of the tenant in line " +
                   std::to_string(first->second) + " already; an id names one tenant");
      }
      tenants.push_back(std::move(tenant));
    }
  }
  if (!file.ok()) throw std::runtime_error(file.faults());
  return tenants;
}

}  // namespace usage
