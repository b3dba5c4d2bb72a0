#include "gateway/response_filter.h"

#include <nlohmann/json.hpp>

namespace usage::gateway {
namespace {

using Json = nlohmann::json;

// null: not a successful answer with an object or a list as its data.
Json Parse(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  bool good =
      json.is_object() && json.value("status", Json()) == "success" && json.contains("data");
  return good ? json : Json();
}

std::string Print(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool IsOfTenant(const Json& item, const TenantMatcher& tenant) {
  if (!item.is_object()) return false;
  auto labels = item.find("labels");
  if (labels == item.end() || !labels->is_object()) return false;
  auto value = labels->find(tenant.label);
  return value != labels->end() && value->is_string() &&
         value->get_ref<const std::string&>() == tenant.value;
}

// Leaves those elements of a list that are the tenant's. What is no list is emptied.
void KeepOfTenant(Json* list, const TenantMatcher& tenant) {
  Json kept = Json::array();
  if (list->is_array()) {
    for (Json& item : *list) {
      if (IsOfTenant(item, tenant)) kept.push_back(std::move(item));
    }
  }
  *list = std::move(kept);
}

// False: nothing of it is left.
bool KeepRules(Json* group, const TenantMatcher& tenant) {
  if (!group->is_object() || !group->contains("rules")) return false;
  Json& rules = (*group)["rules"];
  KeepOfTenant(&rules, tenant);
  for (Json& rule : rules) {
    if (rule.contains("alerts")) KeepOfTenant(&rule["alerts"], tenant);
  }
  return !rules.empty();
}

bool HasSeriesOf(const std::string& family, const std::set<std::string>& names) {
  for (const char* suffix :
       {"", "_total", "_bucket", "_count", "_sum", "_created", "_info", "_gcount", "_gsum"}) {
    if (names.contains(family + suffix)) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> FilterRules(std::string_view text, const TenantMatcher& tenant) {
  Json json = Parse(text);
  if (!json.is_object() || !json["data"].is_object() || !json["data"]["groups"].is_array()) {
    return std::nullopt;
  }
  Json kept = Json::array();
  for (Json& group : json["data"]["groups"]) {
    if (KeepRules(&group, tenant)) kept.push_back(std::move(group));
  }
  // Of the rest of the answer nothing is known to be the tenant's.
  return Print({{"status", "success"}, {"data", {{"groups", std::move(kept)}}}});
}

std::optional<std::string> FilterAlerts(std::string_view text, const TenantMatcher& tenant) {
  Json json = Parse(text);
  if (!json.is_object() || !json["data"].is_object() || !json["data"]["alerts"].is_array()) {
    return std::nullopt;
  }
  KeepOfTenant(&json["data"]["alerts"], tenant);
  return Print({{"status", "success"}, {"data", {{"alerts", std::move(json["data"]["alerts"])}}}});
}

std::optional<std::string> FilterMetadata(std::string_view text, const std::set<std::string>* names,
                                          const MetadataLimits& limits) {
  Json json = Parse(text);
  if (!json.is_object() || !json["data"].is_object()) return std::nullopt;
  Json kept = Json::object();
  for (auto& [family, entries] : json["data"].items()) {
    if (limits.metrics && kept.size() >= *limits.metrics) break;
    if (names != nullptr && !HasSeriesOf(family, *names)) continue;
    bool cut = limits.per_metric && entries.is_array() && entries.size() > *limits.per_metric;
    if (cut) entries.erase(entries.begin() + static_cast<long>(*limits.per_metric), entries.end());
    kept[family] = std::move(entries);
  }
  return Print({{"status", "success"}, {"data", std::move(kept)}});
}

std::optional<std::set<std::string>> ReadLabelValues(std::string_view text) {
  Json json = Parse(text);
  if (!json.is_object() || !json["data"].is_array()) return std::nullopt;
  std::set<std::string> values;
  for (const Json& value : json["data"]) {
    if (value.is_string()) values.insert(value.get<std::string>());
  }
  return values;
}

}  // namespace usage::gateway
