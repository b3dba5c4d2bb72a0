#include "metrics/live_rows.h"

#include <algorithm>
#include <unordered_map>

namespace usage {
namespace {

LiveRate RateOf(const Carry::Rate& rate) { return {rate.upload, rate.download}; }

LiveUsage LiveRow(const LiveFigures& figures) {
  return {figures.total, figures.carry, figures.held, figures.sessions, RateOf(figures.rate)};
}

DriftRow RowOf(const std::string& router, std::string_view span, DriftTally tally, Volume lost) {
  tally.AddLostStop(lost);
  DriftRow row{router, span, {}, tally.router(), tally.accounting()};
  for (size_t i = 0; i < static_cast<size_t>(DriftCause::kCount); ++i) {
    const auto cause = static_cast<DriftCause>(i);
    const Balance balance = tally.by(cause);
    row.causes.push_back({DriftCauseName(cause), static_cast<double>(balance.upload),
                          static_cast<double>(balance.download)});
  }
  return row;
}

std::vector<DriftRow> DriftRows(const std::map<std::string, DriftSpans>& drifts) {
  std::vector<DriftRow> rows;
  for (const auto& [router, drift] : drifts) {
    rows.push_back(RowOf(router, "closed", drift.closed, drift.lost));
    rows.push_back(RowOf(router, "today", drift.today, drift.lost_today));
  }
  return rows;
}

using RateSlots = std::unordered_map<AccountRef, SubscriberUsage*>;

// The accounts in the order of the rows that were made from them (tenant_rows.cc).
void NoteTop(const Tenant& tenant, size_t access, AccessUsage* usage, RateSlots* slots) {
  const auto& top = tenant.access[access]->top.in(tenant.period);
  for (size_t i = 0; i < usage->top.size() && i < top.size(); ++i) {
    (*slots)[top[i]->ref] = &usage->top[i];
  }
}

// What the top ones leave of the access's; never less than nothing by rounding.
void SetRateOfOthers(AccessUsage* usage) {
  LiveRate other = usage->live->rate;
  for (const SubscriberUsage& top : usage->top) {
    if (!top.rate) continue;
    other.upload = std::max(0.0, other.upload - top.rate->upload);
    other.download = std::max(0.0, other.download - top.rate->download);
  }
  usage->other.rate = other;
}

void AddTenant(const Ledger& ledger, const RouterBooks& books, TenantUsage* row, RateSlots* slots) {
  const Tenant& tenant = *ledger.FindTenant(row->id);
  for (Access access : kAllAccess) {
    const auto i = static_cast<size_t>(access);
    if (!row->access[i]) continue;
    AccessUsage& usage = *row->access[i];
    const LiveFigures* live = books.Live(row->id, access);
    if (live != nullptr) usage.live = LiveRow(*live);
    if (live != nullptr) NoteTop(tenant, i, &usage, slots);
    const auto* drifts = books.Drifts(row->id, access);
    if (drifts != nullptr) usage.drift = DriftRows(*drifts);
  }
}

void AddRates(const RouterBooks& books, const RateSlots& slots, Snapshot* snapshot) {
  books.EachRate(snapshot->at, [&](AccountRef account, const Carry::Rate& rate) {
    const auto slot = slots.find(account);
    if (slot == slots.end()) return;
    LiveRate& sum = slot->second->rate ? *slot->second->rate : slot->second->rate.emplace();
    sum.upload += rate.upload;
    sum.download += rate.download;
  });
  for (TenantUsage& tenant : snapshot->tenants) {
    for (auto& usage : tenant.access) {
      if (usage && usage->live) SetRateOfOthers(&*usage);
    }
  }
}

void AddRouter(const RouterFigures& figures, RouterStatus* status) {
  status->rows = figures.rows;
  status->matched = figures.matched;
  for (size_t i = 0; i < figures.lies.size(); ++i) {
    status->lies.push_back({RouterLieName(static_cast<RouterLie>(i)), figures.lies[i]});
  }
  status->unattributed = {{"unmatched", figures.unmatched.rows, figures.unmatched.bytes},
                          {"ambiguous", figures.ambiguous.rows, figures.ambiguous.bytes}};
}

}  // namespace

void AddLiveRows(const Ledger& ledger, const RouterBooks& books, Snapshot* snapshot) {
  RateSlots slots;
  for (TenantUsage& tenant : snapshot->tenants) AddTenant(ledger, books, &tenant, &slots);
  AddRates(books, slots, snapshot);
  for (RouterStatus& status : snapshot->routers) {
    const RouterFigures* figures = books.Figures(status.name);
    if (figures != nullptr) AddRouter(*figures, &status);
  }
}

}  // namespace usage
