// Answers of the upstream that no matcher can narrow: cut down to what is the tenant's.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "gateway/enforce.h"

namespace usage::gateway {

// JSON in, JSON out; none when the text is not such an answer. The functions keep what they know to
// be the tenant's, and drop the rest.

// /api/v1/rules: rules whose own labels have the tenant's, with their alerts that have it; groups
// that have none of them left are dropped.
std::optional<std::string> FilterRules(std::string_view json, const TenantMatcher& tenant);
// /api/v1/alerts: alerts with the tenant's label.
std::optional<std::string> FilterAlerts(std::string_view json, const TenantMatcher& tenant);

struct MetadataLimits {
  std::optional<uint64_t> metrics, per_metric;
};
// /api/v1/metadata: metrics of which the tenant has a series. Metadata is of families: a histogram
// named x has the series x_bucket, x_count and x_sum. `names` null: an operator's, all stay.
std::optional<std::string> FilterMetadata(std::string_view json, const std::set<std::string>* names,
                                          const MetadataLimits& limits);

// The strings of the answer of label/…/values.
std::optional<std::set<std::string>> ReadLabelValues(std::string_view json);

}  // namespace usage::gateway
