#include "grafana/wanted.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "core/utf8.h"
#include "gateway/token_file.h"

namespace usage::grafana {
namespace {

using nlohmann::ordered_json;
using Body = std::shared_ptr<const std::string>;

constexpr size_t kMostNameBytes = 190;
constexpr char kFolder[] = "usage";
// In the operator's org: the dashboards that tenants have, with the tenant to choose.
constexpr char kTenantsFolder[] = "usage-tenants";
constexpr char kTenantHome[] = "usage";
constexpr char kOperatorHome[] = "usage-fleet";

Body BodyOf(const ordered_json& json) { return std::make_shared<const std::string>(json.dump()); }

// As /apis takes it. The file's own text goes in: numbers stay as they are written.
Body DashboardBody(const DashboardFile& file, const char* folder) {
  return std::make_shared<const std::string>(
      R"({"apiVersion":"dashboard.grafana.app/v0alpha1","kind":"Dashboard","metadata":{"name":")" +
      file.uid + R"(","annotations":{"grafana.app/folder":")" + folder + R"("}},"spec":)" +
      file.json + "}");
}

Part FolderPart(const char* uid, const char* title) {
  return MakePart(PartKind::kFolder, uid, BodyOf({{"uid", uid}, {"title", title}}));
}

std::vector<Part> DashboardParts(const std::vector<DashboardFile>& files, const char* folder) {
  std::vector<Part> parts;
  for (const DashboardFile& file : files) {
    parts.push_back(MakePart(PartKind::kDashboard, file.uid, DashboardBody(file, folder)));
  }
  return parts;
}

Part UserPart(const GrafanaUser& user) {
  ordered_json body = {{"login", user.login},
                       {"email", user.email.empty() ? user.login : user.email},
                       {"name", user.name.empty() ? user.login : user.name}};
  return MakePart(PartKind::kUser, user.login, BodyOf(body), user.is_editor ? "Editor" : "Viewer");
}

Part LivePart() {
  ordered_json body = {{"name", kLiveAccount}, {"role", "None"}};
  return MakePart(PartKind::kLiveAccount, "", BodyOf(body));
}

Part DataSourcePart(const OrgsConfig& config) {
  ordered_json body = {{"name", "Usage"},
                       {"uid", kDataSourceUid},
                       {"type", "prometheus"},
                       {"access", "proxy"},
                       {"url", config.gateway_url},
                       {"isDefault", true},
                       {"jsonData",
                        {{"httpMethod", "POST"},
                         {"timeInterval", "5s"},
                         {"httpHeaderName1", "X-Usage-Token"},
                         {"prometheusType", "Prometheus"},
                         {"manageAlerts", false},
                         {"disableRecordingRules", true}}}};
  return MakePart(PartKind::kDataSource, "", BodyOf(body));
}

Part PreferencesPart(const OrgsConfig& config, const char* home, const std::string& zone,
                     const std::string& week_start) {
  ordered_json body = {{"homeDashboardUID", home},
                       {"theme", config.theme},
                       {"timezone", zone},
                       {"weekStart", week_start.empty() ? config.week_start : week_start}};
  return MakePart(PartKind::kPreferences, "", BodyOf(body));
}

// At most `most` bytes, cut where a character ends.
std::string FittingName(const std::string& name, size_t most = kMostNameBytes) {
  size_t end = 0;
  while (end < name.size()) {
    size_t next = end + std::max<size_t>(1, Utf8CharacterSize(name, end));
    if (next > most) break;
    end = next;
  }
  return name.substr(0, end);
}

class OrgNames {
 public:
  explicit OrgNames(const WantedInput& input) {
    ++count_[input.config.operator_name];
    for (const TenantInfo& tenant : input.tenants) ++count_[FittingName(tenant.name)];
  }

  std::string Of(const TenantInfo& tenant) const {
    std::string name = FittingName(tenant.name);
    bool alone = !name.empty() && count_.at(name) == 1;
    if (alone) return name;
    std::string mark = " (" + tenant.id + ")";
    return FittingName(name, kMostNameBytes - std::min(kMostNameBytes, mark.size())) + mark;
  }

 private:
  std::map<std::string, int> count_;
};

class Builder {
 public:
  explicit Builder(const WantedInput& input)
      : input_(input),
        names_(input),
        data_source_(DataSourcePart(input.config)),
        live_(LivePart()),
        folder_(FolderPart(kFolder, "Usage")),
        dashboards_(DashboardParts(input.dashboards.tenant, kFolder)) {
    for (const GrafanaUser& user : input.users) users_[user.tenant].push_back(user);
  }

  WantedOrg Operator() {
    WantedOrg org{"", input_.config.operator_name, {}};
    AddUsers("", &org);
    org.parts.push_back(data_source_);
    org.parts.push_back(folder_);
    org.parts.push_back(FolderPart(kTenantsFolder, "Tenants"));
    Add(DashboardParts(input_.dashboards.for_operator, kFolder), &org);
    Add(DashboardParts(input_.dashboards.tenant, kTenantsFolder), &org);
    org.parts.push_back(PreferencesPart(input_.config, kOperatorHome, "", ""));
    return org;
  }

  WantedOrg OfTenant(const TenantInfo& tenant) {
    std::string fault = gateway::TenantFault(tenant.id);
    if (!fault.empty()) throw std::runtime_error("tenant '" + tenant.id + "' " + fault);
    WantedOrg org{tenant.id, names_.Of(tenant), {}};
    AddUsers(tenant.id, &org);
    if (input_.live) org.parts.push_back(live_);
    org.parts.push_back(data_source_);
    org.parts.push_back(folder_);
    Add(dashboards_, &org);
    org.parts.push_back(
        PreferencesPart(input_.config, kTenantHome, tenant.time_zone, tenant.week_start));
    return org;
  }

 private:
  static void Add(const std::vector<Part>& parts, WantedOrg* org) {
    org->parts.insert(org->parts.end(), parts.begin(), parts.end());
  }

  void AddUsers(const std::string& tenant, WantedOrg* org) {
    std::set<std::string> logins;
    for (const GrafanaUser& user : users_[tenant]) {
      if (!logins.insert(user.login).second) {
        throw std::runtime_error("the login '" + user.login + "' comes twice in " +
                                 (tenant.empty() ? "the operator's org" : "tenant " + tenant) +
                                 "; name each of its users once");
      }
      org->parts.push_back(UserPart(user));
    }
  }

  const WantedInput& input_;
  const OrgNames names_;
  const Part data_source_;
  const Part live_;
  const Part folder_;
  const std::vector<Part> dashboards_;
  std::map<std::string, std::vector<GrafanaUser>> users_;
};

}  // namespace

std::vector<WantedOrg> WantedOrgs(const WantedInput& input) {
  Builder builder(input);
  std::vector<WantedOrg> orgs = {builder.Operator()};
  for (const TenantInfo& tenant : input.tenants) orgs.push_back(builder.OfTenant(tenant));
  return orgs;
}

}  // namespace usage::grafana
