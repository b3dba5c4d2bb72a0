// Does what a plan says of one org.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "grafana/client.h"
#include "grafana/gateway_tokens.h"
#include "grafana/invitations.h"
#include "grafana/org_api.h"
#include "grafana/plan.h"
#include "grafana/server_api.h"

namespace usage::grafana {

// What all orgs share while a plan is applied. Only read by then.
struct ApplyContext {
  const std::map<int64_t, std::string>& orgs_before;  // as Grafana listed them
  const std::set<std::string>& begun;  // tenants whose org an earlier usagectl may have made
  const std::map<std::string, GatewayToken>& gateway_tokens;  // new ones, by tenant
  std::function<bool(int64_t)> is_ours;                       // an org that usagectl made
  std::string admin;                                          // usagectl's own login
  Invitations& invitations;                                   // thread-safe
};

// Each call leaves in `kept` what is so by then, also when it throws: so the next usagectl goes on
// from there. Throws GrafanaError and std::runtime_error. One thread at a time.
class OrgWriter {
 public:
  OrgWriter(Client& client, const ApplyContext& context)
      : client_(client), server_(client), context_(context) {}

  // kCreate and kChange.
  void Bring(const OrgChange& change, const WantedOrg& wanted, KeptOrg* kept);
  void Lock(const OrgChange& change, KeptOrg* kept);
  void Delete(const OrgChange& change);

 private:
  OrgId Create(const OrgChange& change);
  void Unlock(OrgApi& org);
  void Apply(OrgApi& org, const PartChange& change, const WantedOrg& wanted, KeptOrg* kept);
  void Put(OrgApi& org, const Part& part, const PartChange& change, KeptOrg* kept);
  void Remove(OrgApi& org, const PartName& part, KeptOrg* kept);
  void LockOut(OrgApi& org, const OrgUser& user, KeptOrg* kept);

  Client& client_;
  ServerApi server_;
  const ApplyContext& context_;
};

}  // namespace usage::grafana
