// What one org of Grafana should have, part by part.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace usage::grafana {

// In the order in which they are made: a dashboard needs its folder, the home its dashboard.
enum class PartKind { kUser, kLiveAccount, kDataSource, kFolder, kDashboard, kPreferences };

// "user", "data source", … as people read it in a plan.
const char* KindName(PartKind kind);

// A part is compared by the hash of what was applied; so a plan needs no reading of Grafana.
struct Part {
  PartKind kind = PartKind::kUser;
  std::string key;  // a login or uid; "" where an org has one of the kind
  // The request's JSON without its secrets; thousands of orgs share one dashboard.
  std::shared_ptr<const std::string> body;
  std::string hash;
  std::string role;  // of a user

  // "dashboard usage": unique in an org, and what is kept.
  std::string name() const;
};

Part MakePart(PartKind kind, std::string key, std::shared_ptr<const std::string> body,
              std::string role = "");

// The kind and key of a part's name(); parts that are gone are known by nothing else.
struct PartName {
  PartKind kind = PartKind::kUser;
  std::string key;
};
PartName ParsePartName(const std::string& name);

struct WantedOrg {
  std::string tenant_id;  // "": the operator's own
  std::string name;       // unique over all orgs, 190 characters at most (Grafana's limit)
  std::vector<Part> parts;

  bool is_operator() const { return tenant_id.empty(); }
};

}  // namespace usage::grafana
