#include "alerting/routing.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "alerting/names.h"
#include "core/zone.h"

namespace usage::alerting {
namespace {

constexpr char kTenantHome[] = "/d/usage";
constexpr char kOperatorHome[] = "/d/usage-fleet";

// Who hears the same at the same time; the order is that of the routes.
using GroupKey = std::pair<AlertSeverity, QuietTime>;
using Groups = std::map<GroupKey, std::vector<AlertContact>>;

auto PlaceOf(const AlertContact& contact) {
  return std::tie(contact.channel, contact.address, contact.address_file);
}

// Nobody is told twice because he stands in two places.
Groups GroupsOf(std::vector<AlertContact> contacts) {
  std::sort(contacts.begin(), contacts.end(),
            [](const auto& a, const auto& b) { return PlaceOf(a) < PlaceOf(b); });
  Groups groups;
  for (AlertContact& contact : contacts) {
    auto& group = groups[{contact.severity, contact.quiet}];
    if (!group.empty() && PlaceOf(group.back()) == PlaceOf(contact)) continue;
    group.push_back(std::move(contact));
  }
  return groups;
}

std::vector<std::string> SeverityMatchers(AlertSeverity least) {
  switch (least) {
    case AlertSeverity::kInfo:
      return {};
    case AlertSeverity::kWarning:
      return {"severity=~\"warning|critical\""};
    case AlertSeverity::kCritical:
      return {Matcher("severity", "critical")};
  }
  return {};
}

std::string AlertMatcher(const std::string& names) {
  const bool is_one = names.find('|') == std::string::npos;
  return is_one ? Matcher("alertname", names) : "alertname=~\"" + names + "\"";
}

// --- Inhibition. What all tenants share: `equal` keeps them apart, so that one rule serves all. A
// copy for each would be a thousand times as many, each asked for every alert.

Inhibition OfOneTenant(const std::string& source, const std::string& target) {
  // Without the matcher on tenant_id, alerts that lack the label would be equal in it.
  return {{AlertMatcher(source), "tenant_id!=\"\""},
          {AlertMatcher(target), "audience=\"tenant\"", "tenant_id!=\"\""},
          {"tenant_id"}};
}

std::vector<Inhibition> Inhibitions() {
  return {
      // Not the lower levels of the quota: when it starts or loads a file, Alertmanager sends at
      // once what is old, before it knows what holds it back. Then a tenant would be told of 50 %
      // after 90 %, and of 90 % again. alerts/templates/usage.tmpl shows the highest.
      OfOneTenant("UsageQuotaUsedUp", "UsageQuotaForecast"),
      OfOneTenant("UsageNoSessions", "UsageTrafficCollapse"),
      // Numbers that do not come in look like silence: that is for the operator to mend.
      OfOneTenant("UsageDataStale", "UsageNoSessions|UsageTrafficCollapse"),
      // So many at once have one cause.
      {{AlertMatcher("UsageRoutersDown")},
       {AlertMatcher("UsageRouterDown"), "audience=\"operator\""},
       {}},
      // Nobody knows what a router counts that does not answer.
      {{AlertMatcher("UsageRouterDown")},
       {AlertMatcher("UsageRouterDrift|UsageRouterLies|UsageRouterUnattributed"),
        "audience=\"operator\""},
       {"tenant_id", "router"}},
      // It fires when no exporter answers: then it is the cause of these.
      {{AlertMatcher("UsageExporterDown")},
       {AlertMatcher("UsageExporterStuck|UsageHistoryStale|UsageDataStale|UsageCycleMissed|"
                     "UsageSourceDown|UsageSourceSlow|UsageNoWriter|UsageRouterDown|"
                     "UsageRoutersDown|UsageWriteBackFails"),
        "audience=\"operator\""},
       {}},
  };
}

// --- The tree.

class Builder {
 public:
  explicit Builder(const RoutingInput& input) : input_(input) {
    for (const AlertContact& contact : input.contacts) {
      contacts_[contact.tenant].push_back(contact);
    }
  }

  Routing Make() {
    routing_.root = {
        .receiver = kOperator, .group_by = {"alertname"}, .times = input_.config.operator_times};
    AddOperator();
    AddWatchdog();
    routing_.receivers.push_back(
        {.name = kNobody, .owner = "", .dashboard_url = "", .contacts = {}});
    AddTenants();
    AddOperatorsOthers();
    routing_.inhibitions = Inhibitions();
    for (auto& [name, mute] : mute_times_) routing_.mute_times.push_back(std::move(mute));
    return std::move(routing_);
  }

 private:
  std::string Link(const char* home, const std::string& tenant) const {
    const std::string& base = input_.config.dashboards_url;
    if (base.empty()) return "";
    const auto org = input_.orgs.find(tenant);
    return base + home + (org == input_.orgs.end() ? "" : "?orgId=" + std::to_string(org->second));
  }

  void AddReceiver(const std::string& name, const std::string& tenant, const std::string& owner,
                   std::vector<AlertContact> contacts) {
    const bool is_operator = tenant.empty();
    routing_.receivers.push_back(
        {.name = name,
         .owner = owner,
         .dashboard_url = Link(is_operator ? kOperatorHome : kTenantHome, tenant),
         .is_operator = is_operator,
         .contacts = std::move(contacts)});
  }

  // Those who hear everything: the root of the tree.
  void AddOperator() {
    operators_ = GroupsOf(contacts_[""]);
    auto all = operators_.extract(GroupKey());
    AddReceiver(kOperator, "", "", all ? std::move(all.mapped()) : std::vector<AlertContact>());
  }

  void AddWatchdog() {
    Route route{.receiver = kNobody,
                .matchers = {Matcher("alertname", "UsageWatchdog")},
                .group_by = {"alertname"}};
    if (input_.watchdog_url.empty()) {
      routing_.warnings.emplace_back(
          "alerting.watchdog is missing: nobody notices when alerts no longer come; name a webhook "
          "that raises the alarm when it is not called (docs/alerting.md)");
    } else {
      route.receiver = kWatchdog;
      // At half of it, or every second one would come a whole interval late.
      const auto repeat = input_.config.watchdog->repeat_interval;
      route.times = AlertTimes{std::chrono::seconds(0), repeat / 2, repeat};
      routing_.receivers.push_back(
          {.name = kWatchdog,
           .owner = "",
           .dashboard_url = "",
           .tells_of_the_end = false,
           .contacts = {{"", AlertChannel::kWebhook, input_.watchdog_url, "", {}, {}}}});
    }
    routing_.root.routes.push_back(std::move(route));
  }

  // Below one route: alerts of the operator are not asked whether they are any tenant's.
  void AddTenants() {
    Route tenants{.receiver = input_.config.orphans_to_operator ? kOperator : kNobody,
                  .matchers = {"audience=\"tenant\""},
                  .times = input_.config.tenant_times};
    std::map<std::string, const TenantInfo*> by_id;
    for (const TenantInfo& tenant : input_.tenants) by_id[tenant.id] = &tenant;
    for (const auto& [id, tenant] : by_id) {
      auto contacts = contacts_.find(id);
      if (id.empty() || contacts == contacts_.end()) continue;
      tenants.routes.push_back(OfTenant(*tenant, GroupsOf(contacts->second)));
    }
    routing_.root.routes.push_back(std::move(tenants));
  }

  Route OfTenant(const TenantInfo& tenant, Groups&& groups) {
    const std::string owner = TenantName(tenant.id);
    Route route{.receiver = kNobody,
                .matchers = {Matcher("tenant_id", tenant.id)},
                .group_by = {"tenant_id"},
                .owner = owner,
                .title = tenant.name};
    for (auto& [key, contacts] : groups) {
      route.routes.push_back(OfGroup(owner, key, tenant));
      AddReceiver(route.routes.back().receiver, tenant.id, owner, std::move(contacts));
    }
    return route;
  }

  Route OfGroup(const std::string& owner, const GroupKey& key, const TenantInfo& tenant) {
    const auto& [severity, quiet] = key;
    return {.receiver = ReceiverName(owner, severity, quiet),
            .matchers = SeverityMatchers(severity),
            .mute_time = MuteTimeOf(quiet, tenant),
            .goes_on = true};
  }

  std::string MuteTimeOf(const QuietTime& quiet, const TenantInfo& tenant) {
    if (quiet == QuietTime()) return "";
    const std::string zone = ZoneOf(tenant);
    std::string name = QuietName(quiet) + " " + zone;
    mute_times_.try_emplace(name, MuteTime{name, quiet, zone});
    return name;
  }

  // Alertmanager would refuse the whole file for one that it does not know.
  std::string ZoneOf(const TenantInfo& tenant) {
    const std::string& zone = tenant.time_zone;
    if (zone.empty() || Zone::Find(zone) != nullptr) return zone.empty() ? "UTC" : zone;
    if (unknown_zones_.insert(tenant.id).second) {
      routing_.warnings.push_back("tenant '" + tenant.id + "': the time zone '" + zone +
                                  "' is unknown, its quiet times are by UTC; correct it where the "
                                  "tenants are kept");
    }
    return "UTC";
  }

  // Operators who hear from some severity on or not at all times, beside the root's.
  void AddOperatorsOthers() {
    if (operators_.empty()) return;
    TenantInfo house;
    house.time_zone = input_.operator_zone;
    for (auto& [key, contacts] : operators_) {
      routing_.root.routes.push_back(OfGroup(kOperator, key, house));
      AddReceiver(routing_.root.routes.back().receiver, "", "", std::move(contacts));
    }
    // A route that matched keeps the alert from the root: hence the root's receiver once more.
    routing_.root.routes.push_back({.receiver = kOperator});
  }

  const RoutingInput& input_;
  std::map<std::string, std::vector<AlertContact>> contacts_;
  Groups operators_;
  std::map<std::string, MuteTime> mute_times_;
  std::set<std::string> unknown_zones_;
  Routing routing_;
};

}  // namespace

Routing MakeRouting(const RoutingInput& input) { return Builder(input).Make(); }

}  // namespace usage::alerting
