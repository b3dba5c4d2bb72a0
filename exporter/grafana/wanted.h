// Which orgs there should be, from the tenants, their users and the dashboards.
#pragma once

#include <vector>

#include "config/config.h"
#include "grafana/dashboard_files.h"
#include "grafana/org_parts.h"
#include "sources/tenant_source.h"

namespace usage::grafana {

// The names by which dashboards, live feed and tests know things in every org.
inline constexpr char kDataSourceUid[] = "usage-prometheus";
inline constexpr char kLiveAccount[] = "usage-live";

struct Dashboards {
  std::vector<DashboardFile> tenant;
  std::vector<DashboardFile> for_operator;
};

struct WantedInput {
  OrgsConfig config;
  std::vector<TenantInfo> tenants;
  std::vector<GrafanaUser> users;  // of tenants that are not in the list: left out
  Dashboards dashboards;
  bool live = false;  // with an account that pushes
};

// The operator's first, then the tenants in their order. Names that two tenants have are told
// apart by the tenant's id. Throws std::runtime_error for what can't be: a login twice in an org,
// an id that a gateway token can't have.
std::vector<WantedOrg> WantedOrgs(const WantedInput& input);

}  // namespace usage::grafana
