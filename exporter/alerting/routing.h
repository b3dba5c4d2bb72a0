// Who is told of what: Alertmanager's tree of routes, from the tenants and their contacts. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "sources/tenant_source.h"

namespace usage::alerting {

struct RoutingInput {
  AlertingConfig config;
  std::vector<TenantInfo> tenants;
  // With their addresses: nothing is in a file any more but Slack's URLs, which Alertmanager reads
  // itself. Those of tenants that are not in the list are left out.
  std::vector<AlertContact> contacts;
  std::string telegram_token;
  std::string watchdog_url;             // "": there is none
  std::map<std::string, int64_t> orgs;  // tenant → its org of Grafana; "" is the operator's
  std::string operator_zone = "UTC";    // of the operator's quiet times
  std::string templates_hash;           // what the templates hold: with it the file changes too
};

// Everybody of one owner who hears the same at the same time.
struct Receiver {
  std::string name;
  std::string owner;          // "tenant/acme"; "" for what all share
  std::string dashboard_url;  // where links of its messages lead; "": there are none
  bool is_operator = false;
  bool tells_of_the_end = true;
  std::vector<AlertContact> contacts;  // none: its notifications end here
};

struct Route {
  std::string receiver;
  std::vector<std::string> matchers = {};
  std::vector<std::string> group_by = {};  // none: as its parent
  std::optional<AlertTimes> times = {};    // likewise
  std::string mute_time = {};              // name of a MuteTime; "": none
  bool goes_on = false;                    // those behind it are asked as well
  std::string owner = {};                  // "tenant/acme", of a tenant's first route
  std::string title = {};                  // for people: the tenant's name
  std::vector<Route> routes = {};
};

struct MuteTime {
  std::string name;
  QuietTime quiet;
  std::string zone;  // IANA
};

// An alert of `source` mutes those of `target` that have the same values of `equal`.
struct Inhibition {
  std::vector<std::string> source;
  std::vector<std::string> target;
  std::vector<std::string> equal;
};

struct Routing {
  Route root;
  std::vector<Receiver> receivers;
  std::vector<MuteTime> mute_times;
  std::vector<Inhibition> inhibitions;
  std::vector<std::string> warnings;
};

// The same for the same input, whatever its order.
Routing MakeRouting(const RoutingInput& input);

}  // namespace usage::alerting
