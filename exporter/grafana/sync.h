// Keeps Grafana's orgs in step with the tenants: what `usagectl grafana plan` and `apply` do.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/config.h"
#include "grafana/client.h"
#include "grafana/gateway_tokens.h"
#include "grafana/invitations.h"
#include "grafana/org_writer.h"
#include "grafana/plan.h"
#include "storage/org_store.h"

namespace usage::grafana {

// How usagectl signs in; reads the password file. Throws std::runtime_error when the configuration
// has no grafana.orgs, or the file no password.
Login LoginOf(const Config& config);

struct SyncOptions {
  bool apply = false;          // take the lock, so that the plan stays true until it is applied
  std::set<std::string> only;  // not empty: of these tenants alone; "" is the operator
  bool prune = false;          // delete the orgs of tenants that left and are locked
  bool verify = false;         // read everything back instead of trusting what was kept
  int parallel = 4;            // connections to Grafana
};

struct Progress {
  size_t done = 0;
  size_t total = 0;
  size_t failed = 0;
  std::string org;  // the one just ended
};

struct Failure {
  std::string org;  // "tenant 7 \"Acme\""
  std::string message;
};

struct ApplyResult {
  size_t done = 0;
  std::vector<Failure> failures;
  uint64_t requests = 0;  // to Grafana, the plan's included
};

class Sync {
 public:
  // Reads tenants, users, dashboards and what was kept, and asks Grafana for its orgs. Throws
  // std::runtime_error for what is wrong with any of these, and when another usagectl applies.
  Sync(const Config& config, const SyncOptions& options);
  ~Sync();

  const Plan& plan() const { return plan_; }
  // What is odd and is left alone: data sources and admins that usagectl did not make.
  const std::vector<std::string>& warnings() const { return warnings_; }

  // Does what the plan says, several orgs at once. `tell` is called after each, one thread at a
  // time. One org's failure is no other's. Throws when the ledger's database is away.
  ApplyResult Apply(Invitations& invitations, const std::function<void(const Progress&)>& tell);

 private:
  void ReadWanted(const Config& config);
  void ReadGrafana();
  void RefuseOtherGrafana();
  void Verify();
  std::set<std::string> TokensToRevoke() const;
  std::map<std::string, GatewayToken> NewGatewayTokens();
  void KeepIntents();
  void ApplyOne(Client& client, const ApplyContext& context, const OrgChange& change);

  const SyncOptions options_;
  const OrgsConfig config_;
  OrgStore store_;
  Session session_;
  GatewayTokens tokens_;
  PlanInput input_;
  Plan plan_;
  std::vector<std::string> warnings_;
  // By tenant. While a plan is applied each thread has its own org's row, and none is added.
  std::map<std::string, KeptOrg> kept_;
  std::map<std::string, const WantedOrg*> wanted_;
};

}  // namespace usage::grafana
