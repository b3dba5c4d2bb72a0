#include "grafana/plan.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace usage::grafana {
namespace {

using nlohmann::ordered_json;

// An org that was made, and that Grafana still has.
bool IsThere(const KeptOrg& kept, const PlanInput& input) {
  return kept.org_id && input.orgs.contains(*kept.org_id);
}

// The hash says nothing of secrets: those that are lost or were revoked make their part new.
bool HasItsSecret(const Part& part, const KeptOrg& kept, const PlanInput& input) {
  if (part.kind == PartKind::kLiveAccount) return !kept.live_token.empty();
  if (part.kind != PartKind::kDataSource) return true;
  auto token = input.token_ids.find(kept.gateway_token);
  return token != input.token_ids.end() && token->second == kept.tenant_id;
}

std::vector<PartChange> PartChanges(const WantedOrg& wanted, const KeptOrg& kept,
                                    const PlanInput& input) {
  std::vector<PartChange> changes;
  std::set<std::string> names;
  for (const Part& part : wanted.parts) {
    std::string name = *names.insert(part.name()).first;
    auto applied = kept.applied.find(name);
    if (applied == kept.applied.end()) {
      changes.push_back({How::kAdd, name});
    } else if (applied->second != part.hash || !HasItsSecret(part, kept, input)) {
      changes.push_back({How::kChange, name});
    }
  }
  // By name: dashboards go before their folder.
  for (const auto& [name, hash] : kept.applied) {
    if (!names.contains(name)) changes.push_back({How::kRemove, name});
  }
  return changes;
}

OrgChange Creation(const WantedOrg& wanted) {
  OrgChange change{Action::kCreate, wanted.tenant_id, wanted.name, wanted.name, 0, false, {}};
  for (const Part& part : wanted.parts) change.parts.push_back({How::kAdd, part.name()});
  return change;
}

class Planner {
 public:
  explicit Planner(const PlanInput& input) : input_(input) {
    for (const KeptOrg& kept : input.kept) kept_[kept.tenant_id] = &kept;
  }

  Plan Make() {
    for (const WantedOrg& wanted : input_.wanted) {
      wanted_ids_.insert(wanted.tenant_id);
      if (IsMeant(wanted.tenant_id)) Compare(wanted);
    }
    for (const auto& [tenant, kept] : kept_) {
      if (!wanted_ids_.contains(tenant) && IsMeant(tenant)) Leave(*kept);
    }
    std::stable_sort(plan_.changes.begin(), plan_.changes.end(),
                     [](const auto& a, const auto& b) { return a.tenant_id < b.tenant_id; });
    return std::move(plan_);
  }

 private:
  bool IsMeant(const std::string& tenant) const {
    return input_.only.empty() || input_.only.contains(tenant);
  }

  void Compare(const WantedOrg& wanted) {
    auto it = kept_.find(wanted.tenant_id);
    if (it == kept_.end() || !IsThere(*it->second, input_)) {
      plan_.changes.push_back(Creation(wanted));
      return;
    }
    const KeptOrg& kept = *it->second;
    OrgChange change{Action::kChange,
                     wanted.tenant_id,
                     wanted.name,
                     input_.orgs.at(*kept.org_id),
                     *kept.org_id,
                     kept.locked,
                     PartChanges(wanted, kept, input_)};
    bool differs = !change.parts.empty() || change.old_name != change.name || change.unlocks;
    if (!differs) {
      ++plan_.unchanged;
      return;
    }
    plan_.changes.push_back(std::move(change));
  }

  // Of a tenant that is not in the list any more.
  void Leave(const KeptOrg& kept) {
    bool there = IsThere(kept, input_);
    if (kept.locked && !input_.prune) {
      ++plan_.locked;
      return;
    }
    OrgChange change;
    change.action = kept.locked && input_.prune ? Action::kDelete : Action::kLock;
    change.tenant_id = kept.tenant_id;
    change.name = change.old_name = there ? input_.orgs.at(*kept.org_id) : kept.name;
    change.org_id = there ? *kept.org_id : 0;
    plan_.changes.push_back(std::move(change));
  }

  const PlanInput& input_;
  std::map<std::string, const KeptOrg*> kept_;
  std::set<std::string> wanted_ids_;
  Plan plan_;
};

// --- As text.

std::string Owner(const OrgChange& change) {
  return change.is_operator() ? "the operator" : "tenant " + change.tenant_id;
}

std::string Quoted(const std::string& name) { return "\"" + name + "\""; }

const char* Sign(How how) { return how == How::kAdd ? "+" : how == How::kChange ? "~" : "-"; }

std::string Heading(const OrgChange& change) {
  std::string id = change.org_id > 0 ? "org " + std::to_string(change.org_id) : "its org is gone";
  switch (change.action) {
    case Action::kCreate:
      return "+ " + Owner(change) + ": new org " + Quoted(change.name);
    case Action::kChange:
      return "~ " + Owner(change) + ": " + id + " " + Quoted(change.old_name);
    case Action::kLock:
      return "! " + Owner(change) + " left: lock " + id + " " + Quoted(change.name) +
             " (users disabled, tokens revoked)";
    case Action::kDelete:
      return "- " + Owner(change) + " left: delete " + id + " " + Quoted(change.name) +
             " with everything in it";
  }
  return "";
}

// Parts of one kind that change in one way share a line: "+ dashboard usage, usage-history".
std::string PartLines(const OrgChange& change) {
  std::string text;
  std::string before;
  for (const PartChange& part : change.parts) {
    PartName name = ParsePartName(part.part);
    std::string start = std::string("    ") + Sign(part.how) + " " + KindName(name.kind);
    bool goes_on = start == before && !name.key.empty();
    if (goes_on) {
      text.insert(text.size() - 1, ", " + name.key);
    } else {
      text += start + (name.key.empty() ? "" : " " + name.key) + "\n";
    }
    before = start;
  }
  return text;
}

std::string Paragraph(const OrgChange& change) {
  std::string text = Heading(change) + "\n";
  if (change.old_name != change.name) {
    text += "    ~ name " + Quoted(change.old_name) + " -> " + Quoted(change.name) + "\n";
  }
  if (change.unlocks) text += "    ~ unlocked: the tenant is back\n";
  return text + PartLines(change);
}

std::string Summary(const Plan& plan) {
  auto count = [&](Action action) { return std::to_string(plan.count(action)); };
  return "Plan: " + count(Action::kCreate) + " to create, " + count(Action::kChange) +
         " to change, " + count(Action::kLock) + " to lock, " + count(Action::kDelete) +
         " to delete; " + std::to_string(plan.unchanged) + " unchanged, " +
         std::to_string(plan.locked) + " stay locked.\n";
}

const char* ActionWord(Action action) {
  switch (action) {
    case Action::kCreate:
      return "create";
    case Action::kChange:
      return "change";
    case Action::kLock:
      return "lock";
    case Action::kDelete:
      return "delete";
  }
  return "";
}

ordered_json JsonOf(const OrgChange& change) {
  ordered_json json;
  json["action"] = ActionWord(change.action);
  json["tenant_id"] = change.tenant_id;
  json["operator"] = change.is_operator();
  json["name"] = change.name;
  if (change.old_name != change.name) json["old_name"] = change.old_name;
  if (change.org_id > 0) json["org_id"] = change.org_id;
  if (change.unlocks) json["unlocks"] = true;
  json["parts"] = ordered_json::array();
  for (const PartChange& part : change.parts) {
    const char* how = part.how == How::kAdd      ? "add"
                      : part.how == How::kChange ? "change"
                                                 : "remove";
    json["parts"].push_back({{"change", how}, {"part", part.part}});
  }
  return json;
}

}  // namespace

size_t Plan::count(Action action) const {
  return static_cast<size_t>(std::count_if(
      changes.begin(), changes.end(), [&](const auto& change) { return change.action == action; }));
}

Plan MakePlan(const PlanInput& input) { return Planner(input).Make(); }

std::string PlanText(const Plan& plan) {
  std::string text;
  for (const OrgChange& change : plan.changes) text += Paragraph(change) + "\n";
  return text + Summary(plan);
}

std::string PlanJson(const Plan& plan) {
  ordered_json json;
  json["changes"] = ordered_json::array();
  for (const OrgChange& change : plan.changes) json["changes"].push_back(JsonOf(change));
  json["summary"] = {
      {"create", plan.count(Action::kCreate)}, {"change", plan.count(Action::kChange)},
      {"lock", plan.count(Action::kLock)},     {"delete", plan.count(Action::kDelete)},
      {"unchanged", plan.unchanged},           {"stay_locked", plan.locked}};
  return json.dump(2) + "\n";
}

}  // namespace usage::grafana
