// What has to be done in Grafana, as a diff that people read. Pure: it asks nobody.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "grafana/org_parts.h"
#include "storage/org_store.h"

namespace usage::grafana {

enum class Action { kCreate, kChange, kLock, kDelete };

enum class How { kAdd, kChange, kRemove };

struct PartChange {
  How how = How::kAdd;
  std::string part;  // Part::name()

  friend bool operator==(const PartChange&, const PartChange&) = default;
};

struct OrgChange {
  Action action = Action::kChange;
  std::string tenant_id;
  std::string name;      // as it shall be; as it is, of an org to lock or delete
  std::string old_name;  // differs where the org is renamed
  int64_t org_id = 0;    // 0: to be made
  bool unlocks = false;  // the tenant is back
  std::vector<PartChange> parts;

  bool is_operator() const { return tenant_id.empty(); }
};

struct Plan {
  std::vector<OrgChange> changes;  // by tenant id, the operator's first
  size_t unchanged = 0;
  size_t locked = 0;  // of tenants that left, and stay

  size_t count(Action action) const;
  bool empty() const { return changes.empty(); }
};

struct PlanInput {
  std::vector<WantedOrg> wanted;
  std::vector<KeptOrg> kept;
  std::map<int64_t, std::string> orgs;  // as Grafana lists them
  // The data sources' tokens that the gateway still takes: others are to be replaced.
  std::map<std::string, std::string> token_ids;  // id → tenant
  std::set<std::string> only;                    // not empty: of these tenants alone
  bool prune = false;
};

Plan MakePlan(const PlanInput& input);

// As a diff: one paragraph an org, and a last line that sums up.
std::string PlanText(const Plan& plan);
// An object with "changes" and "summary".
std::string PlanJson(const Plan& plan);

}  // namespace usage::grafana
