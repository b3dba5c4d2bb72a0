#include "gateway/endpoints.h"

#include <algorithm>

namespace usage::gateway {
namespace {

using enum ParameterKind;

// Prometheus 3's parameters; an older one ignores those that it does not know.
constexpr ParameterRule kInstant[] = {{"query", kQuery, false, true}, {"time", kTime},
                                      {"timeout", kDuration},         {"limit", kCount},
                                      {"lookback_delta", kDuration},  {"stats", kText}};
constexpr ParameterRule kRange[] = {{"query", kQuery, false, true}, {"start", kTime, false, true},
                                    {"end", kTime, false, true},    {"step", kStep, false, true},
                                    {"timeout", kDuration},         {"limit", kCount},
                                    {"lookback_delta", kDuration},  {"stats", kText}};
constexpr ParameterRule kExemplars[] = {
    {"query", kQuery, false, true}, {"start", kTime}, {"end", kTime}};
constexpr ParameterRule kExpression[] = {{"query", kQuery, false, true}};
constexpr ParameterRule kSeries[] = {
    {"match[]", kSelector, true}, {"start", kTime}, {"end", kTime}, {"limit", kCount}};
constexpr ParameterRule kFederate[] = {{"match[]", kSelector, true}};
// group_limit cuts a list in which other tenants' groups are: it is left out, and the answer is
// whole. A group_next_token is then never given, so that none can come back.
constexpr ParameterRule kRules[] = {{"type", kText},
                                    {"rule_name[]", kText, true},
                                    {"rule_group[]", kText, true},
                                    {"file[]", kText, true},
                                    {"exclude_alerts", kText},
                                    {"match[]", kSelector, true},
                                    {"group_limit", kCount, false, false, true}};
// The limits are for what the tenant has, not for what the upstream has.
constexpr ParameterRule kMetadata[] = {{"metric", kText},
                                       {"limit", kCount, false, false, true},
                                       {"limit_per_metric", kCount, false, false, true}};

constexpr auto kPass = Treatment::kPass;
constexpr auto kRefused = MissingSelector::kRefused;
constexpr auto kTenant = MissingSelector::kTenant;
constexpr auto kLeftOut = MissingSelector::kLeftOut;

constexpr Endpoint kEndpoints[] = {
    {"query", "/api/v1/query", true, kPass, kLeftOut, kInstant},
    {"query_range", "/api/v1/query_range", true, kPass, kLeftOut, kRange},
    {"query_exemplars", "/api/v1/query_exemplars", true, kPass, kLeftOut, kExemplars},
    {"format_query", "/api/v1/format_query", true, kPass, kLeftOut, kExpression},
    {"parse_query", "/api/v1/parse_query", true, kPass, kLeftOut, kExpression},
    {"series", "/api/v1/series", true, kPass, kRefused, kSeries},
    {"labels", "/api/v1/labels", true, kPass, kTenant, kSeries},
    {"federate", "/federate", false, kPass, kRefused, kFederate},
    {"rules", "/api/v1/rules", false, Treatment::kFilterRules, kLeftOut, kRules},
    {"alerts", "/api/v1/alerts", false, Treatment::kFilterAlerts, kLeftOut, {}},
    {"metadata", "/api/v1/metadata", false, Treatment::kFilterMetadata, kLeftOut, kMetadata},
    {"buildinfo", "/api/v1/status/buildinfo", false, Treatment::kOwnBuildInfo, kLeftOut, {}},
};
constexpr Endpoint kLabelValues = {"label_values", "", false, kPass, kTenant, kSeries};

bool IsNameChar(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

// /api/v1/label/NAME/values. Names beyond [a-zA-Z0-9_] come escaped (U__…), which needs no others.
bool IsLabelValues(std::string_view path) {
  constexpr std::string_view kBefore = "/api/v1/label/", kAfter = "/values";
  bool framed = path.size() > kBefore.size() + kAfter.size() && path.starts_with(kBefore) &&
                path.ends_with(kAfter);
  if (!framed) return false;
  path.remove_prefix(kBefore.size());
  path.remove_suffix(kAfter.size());
  bool begins_well = path.front() < '0' || path.front() > '9';
  return begins_well && std::all_of(path.begin(), path.end(), IsNameChar);
}

}  // namespace

const ParameterRule* Endpoint::Find(std::string_view parameter) const {
  for (const ParameterRule& rule : parameters) {
    if (rule.name == parameter) return &rule;
  }
  return nullptr;
}

const Endpoint* FindEndpoint(std::string_view path) {
  for (const Endpoint& endpoint : kEndpoints) {
    if (endpoint.path == path) return &endpoint;
  }
  return IsLabelValues(path) ? &kLabelValues : nullptr;
}

}  // namespace usage::gateway
