#include "metrics/tenant_rows.h"

namespace usage {
namespace {

SubscriberUsage SubscriberRow(const Account& account, const Tenant& tenant) {
  return {account.name.subscriber, account.usage.TodayOn(tenant.today),
          account.usage.MonthIn(tenant.period), account.open};
}

// What the top ones leave of the totals.
SubscriberUsage Others(const AccessUsage& usage) {
  SubscriberUsage other{"other", usage.today, usage.month, usage.sessions};
  for (const SubscriberUsage& top : usage.top) {
    other.today -= top.today;
    other.month -= top.month;
    other.sessions -= top.sessions;
  }
  return other;
}

AccessUsage AccessRow(const AccessTotals& totals, const Tenant& tenant) {
  AccessUsage row;
  row.total = totals.total;
  row.today = totals.usage.TodayOn(tenant.today);
  row.month = totals.usage.MonthIn(tenant.period);
  row.late = totals.late;
  row.sessions = totals.open;
  row.sessions_started = totals.started;
  row.sessions_ended = totals.ended;
  row.stale_sessions = totals.stale;
  row.data_timestamp = totals.data_at;
  for (const Account* account : totals.top.in(tenant.period)) {
    row.top.push_back(SubscriberRow(*account, tenant));
  }
  row.other = Others(row);
  return row;
}

TenantUsage TenantRow(const Tenant& tenant, Instant now) {
  TenantUsage row;
  row.id = tenant.profile.id;
  row.name = tenant.profile.name;
  row.plan = tenant.profile.plan;
  row.time_zone = tenant.profile.calendar.zone().name();
  row.quota_bytes = tenant.profile.quota_bytes;
  row.today_start = tenant.today_start;
  row.month_start = tenant.month_start;
  row.month_end = tenant.next_month;
  row.time_zone_offset = tenant.profile.calendar.OffsetAt(now);
  for (Access access : kAllAccess) {
    auto i = static_cast<size_t>(access);
    if (tenant.access[i]) row.access[i] = AccessRow(*tenant.access[i], tenant);
  }
  return row;
}

}  // namespace

std::vector<TenantUsage> TenantRows(const Ledger& ledger, Instant now, Duration keep_for) {
  std::vector<TenantUsage> rows;
  rows.reserve(ledger.tenants().size());
  for (const auto& [id, tenant] : ledger.tenants()) {
    if (tenant.known && tenant.profile.IsShown(now, keep_for))
      rows.push_back(TenantRow(tenant, now));
  }
  return rows;
}

}  // namespace usage
