#include "metrics/forecasts.h"

#include <algorithm>

namespace usage {
namespace {

uint64_t Saturated(Wide bytes) {
  return bytes > UINT64_MAX ? UINT64_MAX : static_cast<uint64_t>(bytes);
}

MonthSoFar MonthOf(const TenantUsage& tenant, Instant now) {
  Wide today = 0, month = 0;
  for (const std::optional<AccessUsage>& access : tenant.access) {
    if (!access) continue;
    today += Wide{access->today.upload} + access->today.download;
    month += Wide{access->month.upload} + access->month.download;
  }
  return {now,
          tenant.month_start,
          tenant.month_end,
          tenant.today_start,
          Saturated(today),
          Saturated(month)};
}

bool HasData(const TenantUsage& tenant) {
  return std::any_of(tenant.access.begin(), tenant.access.end(),
                     [](const auto& access) { return access.has_value(); });
}

}  // namespace

// Both are sorted by id.
void AddForecasts(const History& history, Snapshot* snapshot) {
  static const ForecastBasis kNone;
  auto past = history.tenants.begin();
  for (TenantUsage& tenant : snapshot->tenants) {
    while (past != history.tenants.end() && past->id < tenant.id) ++past;
    const bool is_known = past != history.tenants.end() && past->id == tenant.id;
    tenant.forecast = {};
    if (!HasData(tenant)) continue;
    tenant.forecast = ForecastOf(is_known ? past->basis : kNone, MonthOf(tenant, snapshot->at),
                                 tenant.quota_bytes);
  }
}

}  // namespace usage
