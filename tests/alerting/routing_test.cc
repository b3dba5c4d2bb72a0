#include "alerting/routing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "alerting/changes.h"
#include "alerting/names.h"
#include "alerting/routing_text.h"

namespace usage::alerting {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

AlertContact Webhook(const std::string& tenant, const std::string& path,
                     AlertSeverity severity = AlertSeverity::kInfo) {
  return {tenant, AlertChannel::kWebhook, "http://127.0.0.1:9/" + path, "", severity, {}};
}

RoutingInput HouseOf(int tenants) {
  RoutingInput input;
  input.config.watchdog = WatchdogConfig();
  input.watchdog_url = "http://127.0.0.1:9/watchdog";
  input.contacts = {Webhook("", "operator")};
  for (int i = 0; i < tenants; ++i) {
    const std::string id = "t" + std::to_string(i);
    input.tenants.push_back({id, "Tenant " + id, "Africa/Nairobi", 1, std::nullopt, ""});
    input.contacts.push_back(Webhook(id, id));
    input.contacts.push_back(Webhook(id, id + "/pager", AlertSeverity::kCritical));
  }
  return input;
}

std::string TextOf(const RoutingInput& input) {
  return RoutingText(MakeRouting(input), input, Secrets::kShown);
}

const Route& TenantsRoute(const Routing& routing) { return routing.root.routes.at(1); }

const Receiver& ReceiverOf(const Routing& routing, const std::string& name) {
  return *std::find_if(routing.receivers.begin(), routing.receivers.end(),
                       [&](const Receiver& receiver) { return receiver.name == name; });
}

// With this and the tests of amtool on some of the routes, none of a thousand can lead astray.
TEST(Routing, OfAThousandTenantsLeadsEachToItsOwnContactsAlone) {
  const RoutingInput input = HouseOf(1000);
  const Routing routing = MakeRouting(input);
  EXPECT_THAT(TenantsRoute(routing).matchers, ElementsAre("audience=\"tenant\""));
  ASSERT_EQ(TenantsRoute(routing).routes.size(), 1000u);
  std::set<std::string> tenants;
  for (const Route& route : TenantsRoute(routing).routes) {
    ASSERT_EQ(route.matchers.size(), 1u);
    EXPECT_FALSE(route.goes_on);
    EXPECT_EQ(route.receiver, kNobody);
    EXPECT_THAT(route.group_by, ElementsAre("tenant_id"));
    ASSERT_EQ(route.routes.size(), 2u);
    for (const Route& child : route.routes) {
      EXPECT_TRUE(child.goes_on);
      for (const AlertContact& contact : ReceiverOf(routing, child.receiver).contacts) {
        EXPECT_EQ(Matcher("tenant_id", contact.tenant), route.matchers[0]);
        tenants.insert(contact.tenant);
      }
    }
  }
  EXPECT_EQ(tenants.size(), 1000u);
}

TEST(Routing, IsTheSameWhateverTheOrderOfItsSources) {
  RoutingInput input = HouseOf(20);
  const std::string text = TextOf(input);
  std::mt19937 dice(6);
  std::shuffle(input.tenants.begin(), input.tenants.end(), dice);
  std::shuffle(input.contacts.begin(), input.contacts.end(), dice);
  EXPECT_EQ(TextOf(input), text);
}

TEST(Routing, TellsNobodyTwiceAndKeepsTheContactsOfStrangersOut) {
  RoutingInput input = HouseOf(1);
  const std::string text = TextOf(input);
  input.contacts.push_back(Webhook("t0", "t0"));
  input.contacts.push_back(Webhook("gone", "gone"));
  EXPECT_EQ(TextOf(input), text);
}

TEST(Routing, OnlyAlertsWithATenantMuteOthersOfIt) {
  for (const Inhibition& rule : MakeRouting(HouseOf(1)).inhibitions) {
    const bool reaches_tenants = std::find(rule.target.begin(), rule.target.end(),
                                           "audience=\"operator\"") == rule.target.end();
    if (!reaches_tenants) continue;
    EXPECT_THAT(rule.equal, ElementsAre("tenant_id"));
    EXPECT_THAT(rule.source, ::testing::Contains("tenant_id!=\"\""));
    EXPECT_THAT(rule.target, ::testing::Contains("tenant_id!=\"\""));
  }
}

TEST(Routing, WithoutAWatchdogSaysWhatThatMeans) {
  RoutingInput input = HouseOf(1);
  EXPECT_THAT(MakeRouting(input).warnings, IsEmpty());
  input.watchdog_url.clear();
  const Routing routing = MakeRouting(input);
  ASSERT_EQ(routing.warnings.size(), 1u);
  EXPECT_EQ(routing.root.routes.at(0).receiver, kNobody);
}

TEST(Routing, AlertsOfTenantsWithoutContactsMayGoToNobody) {
  RoutingInput input = HouseOf(1);
  EXPECT_EQ(TenantsRoute(MakeRouting(input)).receiver, kOperator);
  input.config.orphans_to_operator = false;
  EXPECT_EQ(TenantsRoute(MakeRouting(input)).receiver, kNobody);
}

TEST(Names, OfNoTwoTenantsAreTheSame) {
  const std::string ids[] = {"a", "a/critical", "a%2Fcritical", "a critical", "A", "a/22:00-06:00",
                             ""};
  std::set<std::string> names;
  for (const std::string& id : ids) {
    for (auto severity : {AlertSeverity::kInfo, AlertSeverity::kCritical}) {
      for (const QuietTime& quiet : {QuietTime(), QuietTime{1320, 360, {}}}) {
        names.insert(ReceiverName(TenantName(id), severity, quiet));
      }
    }
  }
  EXPECT_EQ(names.size(), std::size(ids) * 4);
}

TEST(Changes, NameEachTenantThatIsTouched) {
  RoutingInput input = HouseOf(4);
  const std::string before = TextOf(input);
  input.tenants.erase(input.tenants.begin());
  input.contacts.push_back(Webhook("t1", "more"));
  input.tenants.push_back({"new", "New", "UTC", 1, std::nullopt, ""});
  input.contacts.push_back(Webhook("new", "new"));
  const Changes changes = ChangesBetween(before, TextOf(input));
  EXPECT_THAT(changes.added, ElementsAre("tenant/new"));
  EXPECT_THAT(changes.changed, ElementsAre("tenant/t1"));
  EXPECT_THAT(changes.removed, ElementsAre("tenant/t0"));
  EXPECT_EQ(changes.unchanged, 2u);
  EXPECT_FALSE(changes.shared);
}

TEST(Changes, OfWhatAllShareAreNoTenants) {
  RoutingInput input = HouseOf(2);
  const std::string before = TextOf(input);
  input.config.operator_times.repeat_interval = std::chrono::hours(1);
  const Changes changes = ChangesBetween(before, TextOf(input));
  EXPECT_TRUE(changes.shared);
  EXPECT_EQ(changes.unchanged, 2u);
  EXPECT_TRUE(ChangesBetween(before, before).empty());
}

TEST(Changes, ThatDropManyTenantsAreRefused) {
  const auto dropping = [](int all, int dropped) {
    return RefusalOf(ChangesBetween(TextOf(HouseOf(all)), TextOf(HouseOf(all - dropped))));
  };
  EXPECT_EQ(dropping(10, 3), "");
  EXPECT_NE(dropping(10, 4), "");
  EXPECT_EQ(dropping(100, 10), "");
  EXPECT_NE(dropping(100, 11), "");
  EXPECT_NE(dropping(10, 10), "");
}

}  // namespace
}  // namespace usage::alerting
