#include "metrics/history_series.h"

#include "metrics/label_text.h"

namespace usage {
namespace {

std::string TwoDigits(int n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); }

}  // namespace

HistorySeries::HistorySeries(const History& history) {
  table_.Add<PerHistory>(history, " ");
  for (const TenantHistory& tenant : history.tenants) AddTenant(tenant);
}

void HistorySeries::AddTenant(const TenantHistory& tenant) {
  const std::string id = ValidName(tenant.id);
  for (const Access access : kAllAccess) {
    AddAccess(tenant.access[static_cast<size_t>(access)], id, access);
  }
  AddCurve(tenant.last_month, id, "last");
  AddCurve(tenant.this_month, id, "this");
}

// All texts of a block are made before the first is pointed at: it moves while it grows.
template <typename S, typename Items, typename LabelsOf>
void HistorySeries::AddAll(const Items& items, LabelsOf labels_of) {
  LabelBlock& block = blocks_.emplace_back();
  for (const auto& item : items) labels_of(block, item);
  for (size_t i = 0; i < items.size(); ++i) table_.Add<S>(items[i], block[i]);
}

void HistorySeries::AddAccess(const AccessPast& past, std::string_view tenant_id, Access access) {
  AddAll<PerDay>(past.days, [&](LabelBlock& block, const DatedVolume& day) {
    block.Add<PerDay>({tenant_id, AccessName(access), day.first.ToString()});
  });
  AddAll<PerMonth>(past.months, [&](LabelBlock& block, const DatedVolume& month) {
    block.Add<PerMonth>({tenant_id, AccessName(access), month.first.ToString()});
  });
}

void HistorySeries::AddCurve(const std::vector<CurvePoint>& curve, std::string_view tenant_id,
                             std::string_view month) {
  AddAll<PerCurveDay>(curve, [&](LabelBlock& block, const CurvePoint& point) {
    block.Add<PerCurveDay>({tenant_id, month, TwoDigits(point.day)});
  });
}

}  // namespace usage
