#include "grafana/sync.h"

#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "grafana/org_api.h"
#include "grafana/server_api.h"
#include "grafana/verify.h"
#include "grafana/wanted.h"
#include "grafana/workers.h"
#include "sources/postgres/source_factory.h"
#include "sources/postgres/tenant_users.h"
#include "storage/store.h"

namespace usage::grafana {
namespace {

OrgsConfig OrgsOf(const Config& config) {
  if (config.grafana && config.grafana->orgs) return *config.grafana->orgs;
  throw std::runtime_error(
      "the configuration has no 'grafana.orgs', which says how Grafana's orgs are made; "
      "docs/grafana.md has an example");
}

std::string PasswordIn(const std::string& file) {
  std::ifstream in(file);
  std::string password;
  std::getline(in, password);
  if (password.empty()) {
    throw std::runtime_error(file + ": has no password in its first line; write that of " +
                             "grafana.orgs.user there");
  }
  return password;
}

std::vector<GrafanaUser> UsersOf(const Config& config) {
  std::vector<GrafanaUser> users = config.grafana->orgs->users;
  const std::string& sql = config.grafana->orgs->users_sql;
  if (sql.empty()) return users;
  for (GrafanaUser& user : ReadTenantUsers(config.tenants.database, sql)) {
    users.push_back(std::move(user));
  }
  return users;
}

bool HasDataSource(Client& client, int64_t org) {
  // A server admin sees nothing of an org that it is no member of: 403, not an empty list.
  const Answer answer = client.Send("GET", "/api/datasources", OrgId(org));
  if (answer.status != 200) return false;
  for (const auto& source : nlohmann::json::parse(answer.body)) {
    if (source.at("uid") == kDataSourceUid) return true;
  }
  return false;
}

std::string LabelOf(const OrgChange& change) {
  return (change.is_operator() ? "operator" : "tenant " + change.tenant_id) + " \"" + change.name +
         "\"";
}

bool Touches(const OrgChange& change, PartKind kind) {
  for (const PartChange& part : change.parts) {
    if (part.part == KindName(kind)) return true;
  }
  return false;
}

}  // namespace

Login LoginOf(const Config& config) {
  const OrgsConfig orgs = OrgsOf(config);
  return {config.grafana->url, config.grafana->ca_file, orgs.user, PasswordIn(orgs.password_file)};
}

Sync::Sync(const Config& config, const SyncOptions& options)
    : options_(options),
      config_(OrgsOf(config)),
      store_(config.storage),
      session_(LoginOf(config)),
      tokens_(config_.tokens_file) {
  if (options_.apply && !store_.TakeLock()) {
    throw std::runtime_error("another usagectl applies right now; wait until it has ended");
  }
  ReadWanted(config);
  ReadGrafana();
  if (options_.verify) Verify();
  plan_ = MakePlan(input_);
}

Sync::~Sync() = default;

void Sync::ReadWanted(const Config& config) {
  WantedInput wanted{config_,
                     MakeTenantSource(config.tenants)->Read(),
                     UsersOf(config),
                     {},
                     config.grafana->live.has_value()};
  if (wanted.tenants.empty()) {
    throw std::runtime_error(
        "the list of tenants is empty: every org would be locked; see the section 'tenants' of "
        "the configuration");
  }
  wanted.dashboards = {ValueOf(ReadDashboards(config_.dashboards + "/tenant")),
                       ValueOf(ReadDashboards(config_.dashboards + "/operator"))};
  input_.wanted = WantedOrgs(wanted);
  input_.only = options_.only;
  input_.prune = options_.prune;
  for (const WantedOrg& org : input_.wanted) wanted_[org.tenant_id] = &org;
}

void Sync::ReadGrafana() {
  input_.kept = store_.Load();
  input_.token_ids = tokens_.Ids();
  Client client(session_);
  input_.orgs = ServerApi(client).Orgs();
  RefuseOtherGrafana();
  for (const KeptOrg& kept : input_.kept) kept_[kept.tenant_id] = kept;
  for (const std::string& tenant : options_.only) {
    if (wanted_.contains(tenant) || kept_.contains(tenant)) continue;
    throw std::runtime_error("--tenant " + tenant +
                             ": is not in the list of tenants, and has no org");
  }
}

// The ids that were kept may mean other people's orgs in another Grafana, or in one that was set
// up anew. An org that has our data source was only renamed.
void Sync::RefuseOtherGrafana() {
  Client client(session_);
  for (const KeptOrg& kept : input_.kept) {
    auto org = kept.org_id ? input_.orgs.find(*kept.org_id) : input_.orgs.end();
    if (org == input_.orgs.end() || org->second == kept.name) continue;
    if (HasDataSource(client, org->first)) continue;
    throw std::runtime_error(
        "org " + std::to_string(org->first) + " is \"" + org->second +
        "\", where usagectl made \"" + kept.name + "\" for tenant " + kept.tenant_id +
        ", and has no data source of usagectl's: is grafana.url another Grafana? If it was set up "
        "anew, empty the table grafana_org of the ledger's schema");
  }
}

void Sync::Verify() {
  std::vector<KeptOrg*> there;
  for (KeptOrg& kept : input_.kept) {
    const bool is_meant = options_.only.empty() || options_.only.contains(kept.tenant_id);
    const bool is_there = kept.org_id && input_.orgs.contains(*kept.org_id);
    if (is_meant && is_there && wanted_.contains(kept.tenant_id)) there.push_back(&kept);
  }
  std::mutex mutex;
  ForEach(there.size(), options_.parallel, session_, [&](Client& client, size_t i) {
    auto odd = VerifyOrg(client, *wanted_.at(there[i]->tenant_id), config_.user, there[i]);
    std::lock_guard lock(mutex);
    warnings_.insert(warnings_.end(), odd.begin(), odd.end());
    kept_[there[i]->tenant_id] = *there[i];
  });
}

// --- Apply.

// A tenant that left may look at nothing more, with whatever token it was given.
std::set<std::string> Sync::TokensToRevoke() const {
  std::set<std::string> leaving;
  for (const OrgChange& change : plan_.changes) {
    if (change.action == Action::kLock) leaving.insert(change.tenant_id);
  }
  std::set<std::string> ids;
  for (const auto& [id, tenant] : input_.token_ids) {
    if (leaving.contains(tenant)) ids.insert(id);
  }
  return ids;
}

std::map<std::string, GatewayToken> Sync::NewGatewayTokens() {
  std::set<std::string> tenants;
  std::set<std::string> in_use;
  for (const auto& [tenant, kept] : kept_) in_use.insert(kept.gateway_token);
  for (const OrgChange& change : plan_.changes) {
    if (!Touches(change, PartKind::kDataSource)) continue;
    const std::string& token = kept_.at(change.tenant_id).gateway_token;
    if (!input_.token_ids.contains(token)) tenants.insert(change.tenant_id);
  }
  return tokens_.Make(tenants, in_use);
}

// What is about to be made is kept first: so whoever goes on after a crash knows whose it is.
void Sync::KeepIntents() {
  std::vector<KeptOrg> begun;
  for (const OrgChange& change : plan_.changes) {
    if (change.action != Action::kCreate) continue;
    KeptOrg kept;
    kept.tenant_id = change.tenant_id;
    kept.name = change.name;
    kept_[change.tenant_id] = kept;
    begun.push_back(std::move(kept));
  }
  store_.Save(begun);
}

ApplyResult Sync::Apply(Invitations& invitations,
                        const std::function<void(const Progress&)>& tell) {
  std::set<std::string> begun;
  std::set<int64_t> ours;
  for (const auto& [tenant, kept] : kept_) {
    if (kept.org_id) ours.insert(*kept.org_id);
    if (!kept.org_id) begun.insert(tenant);
  }
  KeepIntents();
  tokens_.Revoke(TokensToRevoke());
  const auto tokens = NewGatewayTokens();
  std::mutex mutex;  // guards `progress`, `result` and `ours`
  const ApplyContext context{input_.orgs,
                             begun,
                             tokens,
                             [&](int64_t org) {
                               std::lock_guard lock(mutex);
                               return ours.contains(org);
                             },
                             config_.user,
                             invitations};
  ApplyResult result;
  Progress progress{0, plan_.changes.size(), 0, ""};
  ForEach(plan_.changes.size(), options_.parallel, session_, [&](Client& client, size_t i) {
    const OrgChange& change = plan_.changes[i];
    std::string fault;
    try {
      ApplyOne(client, context, change);
    } catch (const StoreError&) {
      throw;  // nothing could be kept any more
    } catch (const std::exception& e) {
      fault = e.what();
    }
    std::lock_guard lock(mutex);
    if (auto id = kept_.at(change.tenant_id).org_id) ours.insert(*id);
    progress.org = LabelOf(change);
    ++progress.done;
    if (!fault.empty()) {
      ++progress.failed;
      result.failures.push_back({progress.org, fault});
    }
    tell(progress);
  });
  result.done = progress.done - progress.failed;
  result.requests = session_.requests();
  return result;
}

// Keeps what is so by then, whatever happens in between.
void Sync::ApplyOne(Client& client, const ApplyContext& context, const OrgChange& change) {
  OrgWriter writer(client, context);
  if (change.action == Action::kDelete) {
    writer.Delete(change);
    return store_.Forget(change.tenant_id);
  }
  KeptOrg& kept = kept_.at(change.tenant_id);
  try {
    if (change.action == Action::kLock) {
      writer.Lock(change, &kept);
    } else {
      writer.Bring(change, *wanted_.at(change.tenant_id), &kept);
    }
  } catch (const std::exception&) {
    store_.Save(kept);
    throw;
  }
  store_.Save(kept);
}

}  // namespace usage::grafana
