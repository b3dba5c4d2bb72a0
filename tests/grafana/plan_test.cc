#include "grafana/plan.h"

#include <gtest/gtest.h>

#include "grafana/client.h"
#include "grafana/wanted.h"

namespace usage::grafana {
namespace {

DashboardFile Dashboard(const std::string& uid, const std::string& title) {
  return {uid, title, R"({"uid":")" + uid + R"(","title":")" + title + R"("})"};
}

WantedInput TwoTenants() {
  WantedInput input;
  input.config.gateway_url = "http://127.0.0.1:9813";
  input.tenants = {{"acme", "Acme", "Africa/Nairobi", 1, std::nullopt, ""},
                   {"beta", "Beta", "UTC", 1, std::nullopt, ""}};
  input.users = {{"acme", "anna", "anna@acme.example", "Anna", false},
                 {"acme", "otto", "", "", true},
                 {"", "noc", "", "", false}};
  input.dashboards = {{Dashboard("usage", "Usage"), Dashboard("usage-history", "History")},
                      {Dashboard("usage-fleet", "Fleet")}};
  input.live = true;
  return input;
}

// What is kept after everything wanted was applied, org ids from 2 on.
PlanInput AllApplied(const WantedInput& wanted) {
  PlanInput input;
  input.wanted = WantedOrgs(wanted);
  int64_t id = 2;
  for (const WantedOrg& org : input.wanted) {
    KeptOrg kept{org.tenant_id, id, org.name, {}, "token" + std::to_string(id), "glsa_x", false};
    for (const Part& part : org.parts) kept.applied[part.name()] = part.hash;
    input.orgs[id] = org.name;
    input.token_ids[kept.gateway_token] = org.tenant_id;
    input.kept.push_back(kept);
    ++id;
  }
  return input;
}

std::string TextOf(const PlanInput& input) { return PlanText(MakePlan(input)); }

TEST(Plan, OfAnEmptyGrafanaMakesEveryOrgWhole) {
  PlanInput input;
  input.wanted = WantedOrgs(TwoTenants());
  EXPECT_EQ(TextOf(input), R"(+ the operator: new org "Operator"
    + user noc
    + data source
    + folder usage, usage-tenants
    + dashboard usage-fleet, usage, usage-history
    + preferences

+ tenant acme: new org "Acme"
    + user anna, otto
    + live account
    + data source
    + folder usage
    + dashboard usage, usage-history
    + preferences

+ tenant beta: new org "Beta"
    + live account
    + data source
    + folder usage
    + dashboard usage, usage-history
    + preferences

Plan: 3 to create, 0 to change, 0 to lock, 0 to delete; 0 unchanged, 0 stay locked.
)");
}

TEST(Plan, OfWhatWasAppliedIsEmpty) {
  EXPECT_EQ(
      TextOf(AllApplied(TwoTenants())),
      "Plan: 0 to create, 0 to change, 0 to lock, 0 to delete; 3 unchanged, 0 stay locked.\n");
}

TEST(Plan, NamesEachPartThatDiffers) {
  WantedInput now = TwoTenants();
  PlanInput input = AllApplied(now);
  now.tenants[0].name = "Acme Ltd";
  now.tenants[1].time_zone = "Asia/Kathmandu";
  now.users.erase(now.users.begin());
  now.users[0].is_editor = false;
  now.dashboards.tenant[1] = Dashboard("usage-history", "The past");
  input.wanted = WantedOrgs(now);
  EXPECT_EQ(TextOf(input), R"(~ the operator: org 2 "Operator"
    ~ dashboard usage-history

~ tenant acme: org 3 "Acme"
    ~ name "Acme" -> "Acme Ltd"
    ~ user otto
    ~ dashboard usage-history
    - user anna

~ tenant beta: org 4 "Beta"
    ~ dashboard usage-history
    ~ preferences

Plan: 0 to create, 3 to change, 0 to lock, 0 to delete; 0 unchanged, 0 stay locked.
)");
}

TEST(Plan, RenamesBackWhatWasRenamedByHand) {
  PlanInput input = AllApplied(TwoTenants());
  input.orgs[3] = "acme!!";
  EXPECT_EQ(TextOf(input), R"(~ tenant acme: org 3 "acme!!"
    ~ name "acme!!" -> "Acme"

Plan: 0 to create, 1 to change, 0 to lock, 0 to delete; 2 unchanged, 0 stay locked.
)");
}

TEST(Plan, MakesSecretsAnewThatAreLostOrRevoked) {
  PlanInput input = AllApplied(TwoTenants());
  input.token_ids.erase("token3");
  input.kept[2].live_token.clear();
  EXPECT_EQ(TextOf(input), R"(~ tenant acme: org 3 "Acme"
    ~ data source

~ tenant beta: org 4 "Beta"
    ~ live account

Plan: 0 to create, 2 to change, 0 to lock, 0 to delete; 1 unchanged, 0 stay locked.
)");
}

TEST(Plan, NeverTakesAnotherTenantsToken) {
  PlanInput input = AllApplied(TwoTenants());
  input.token_ids["token3"] = "beta";
  EXPECT_EQ(MakePlan(input).changes.at(0).parts,
            (std::vector<PartChange>{{How::kChange, "data source"}}));
}

TEST(Plan, LocksWhoLeftAndDeletesOnlyLockedOnesWithPrune) {
  WantedInput now = TwoTenants();
  PlanInput input = AllApplied(now);
  now.tenants.pop_back();
  input.wanted = WantedOrgs(now);
  input.prune = true;
  EXPECT_EQ(TextOf(input),
            R"(! tenant beta left: lock org 4 "Beta" (users disabled, tokens revoked)

Plan: 0 to create, 0 to change, 1 to lock, 0 to delete; 2 unchanged, 0 stay locked.
)");
  input.kept[2].locked = true;
  EXPECT_EQ(TextOf(input), R"(- tenant beta left: delete org 4 "Beta" with everything in it

Plan: 0 to create, 0 to change, 0 to lock, 1 to delete; 2 unchanged, 0 stay locked.
)");
  input.prune = false;
  EXPECT_EQ(
      TextOf(input),
      "Plan: 0 to create, 0 to change, 0 to lock, 0 to delete; 2 unchanged, 1 stay locked.\n");
}

TEST(Plan, UnlocksWhoIsBack) {
  PlanInput input = AllApplied(TwoTenants());
  input.kept[2].locked = true;
  input.kept[2].live_token.clear();
  EXPECT_EQ(TextOf(input), R"(~ tenant beta: org 4 "Beta"
    ~ unlocked: the tenant is back
    ~ live account

Plan: 0 to create, 1 to change, 0 to lock, 0 to delete; 2 unchanged, 0 stay locked.
)");
}

TEST(Plan, MakesAnOrgAnewThatIsGone) {
  PlanInput input = AllApplied(TwoTenants());
  input.orgs.erase(4);
  Plan plan = MakePlan(input);
  ASSERT_EQ(plan.changes.size(), 1u);
  EXPECT_EQ(plan.changes[0].action, Action::kCreate);
  EXPECT_EQ(plan.changes[0].tenant_id, "beta");
}

TEST(Plan, OfOneTenantSaysNothingOfOthers) {
  PlanInput input;
  input.wanted = WantedOrgs(TwoTenants());
  input.only = {"beta"};
  Plan plan = MakePlan(input);
  ASSERT_EQ(plan.changes.size(), 1u);
  EXPECT_EQ(plan.changes[0].name, "Beta");
}

TEST(Plan, AsJsonHasEveryChangeAndTheSum) {
  PlanInput input = AllApplied(TwoTenants());
  input.kept[2].live_token.clear();
  EXPECT_EQ(PlanJson(MakePlan(input)), R"({
  "changes": [
    {
      "action": "change",
      "tenant_id": "beta",
      "operator": false,
      "name": "Beta",
      "org_id": 4,
      "parts": [
        {
          "change": "change",
          "part": "live account"
        }
      ]
    }
  ],
  "summary": {
    "create": 0,
    "change": 1,
    "lock": 0,
    "delete": 0,
    "unchanged": 2,
    "stay_locked": 0
  }
}
)");
}

// --- What is wanted.

TEST(Wanted, TellsTenantsOfOneNameApartByTheirIds) {
  WantedInput input = TwoTenants();
  input.tenants[1].name = "Acme";
  auto orgs = WantedOrgs(input);
  EXPECT_EQ(orgs[1].name, "Acme (acme)");
  EXPECT_EQ(orgs[2].name, "Acme (beta)");
}

TEST(Wanted, TellsATenantFromTheOperatorsOrgOfItsName) {
  WantedInput input = TwoTenants();
  input.tenants[0].name = "Operator";
  EXPECT_EQ(WantedOrgs(input)[1].name, "Operator (acme)");
}

TEST(Wanted, CutsALongNameWhereACharacterEnds) {
  WantedInput input = TwoTenants();
  input.tenants[0].name = std::string(189, 'a') + "\u00fc";
  EXPECT_EQ(WantedOrgs(input)[1].name, std::string(189, 'a'));
}

TEST(Wanted, RefusesALoginThatComesTwiceInAnOrg) {
  WantedInput input = TwoTenants();
  input.users.push_back({"acme", "anna", "", "", false});
  try {
    WantedOrgs(input);
    FAIL() << "was taken";
  } catch (const std::runtime_error& e) {
    EXPECT_STREQ(e.what(),
                 "the login 'anna' comes twice in tenant acme; name each of its users once");
  }
}

TEST(Wanted, TakesATenantsOwnWeekBeforeThatOfTheFile) {
  WantedInput input = TwoTenants();
  input.tenants[0].week_start = "saturday";
  const auto orgs = WantedOrgs(input);
  EXPECT_NE(orgs[1].parts.back().body->find(R"("weekStart":"saturday")"), std::string::npos);
  EXPECT_NE(orgs[2].parts.back().body->find(R"("weekStart":"monday")"), std::string::npos);
}

TEST(Wanted, HasNoLiveAccountWithoutLive) {
  WantedInput input = TwoTenants();
  input.live = false;
  const auto orgs = WantedOrgs(input);
  for (const Part& part : orgs[1].parts) EXPECT_NE(part.name(), "live account");
}

TEST(OrgId, IsNeverOneThatGrafanaIgnores) {
  EXPECT_THROW(OrgId(0), std::logic_error);
  EXPECT_THROW(OrgId(-1), std::logic_error);
  EXPECT_EQ(OrgId(7).text(), "7");
}

TEST(PartNames, AreReadAsTheyAreWritten) {
  for (const std::string name : {"user a b", "live account", "data source", "folder usage",
                                 "dashboard usage-history", "preferences"}) {
    PartName parsed = ParsePartName(name);
    EXPECT_EQ((Part{parsed.kind, parsed.key, {}, {}, {}}.name()), name);
  }
  EXPECT_THROW(ParsePartName("library panel x"), std::runtime_error);
}

}  // namespace
}  // namespace usage::grafana
