#include "app/alert_settings.h"

#include <algorithm>

#include "metrics/label_text.h"

namespace usage {
namespace {

std::string Remedy(const TenantInfo& tenant) {
  std::string faults = tenant.alerts_fault;
  std::replace(faults.begin(), faults.end(), '\n', ' ');  // one line of the log
  return "tenant " + ValidName(tenant.id) + ": " + ValidText(faults) +
         "; the defaults stand in for what is faulty: correct the column alerts of that tenant";
}

}  // namespace

std::vector<std::string> AlertSettings::Update(const std::vector<TenantInfo>& tenants) {
  std::map<std::string, Entry> entries;
  std::vector<std::string> news;
  std::lock_guard lock(mutex_);
  for (const TenantInfo& tenant : tenants) {
    const std::string id = ValidName(tenant.id);
    const auto before = tenants_.find(id);
    const bool is_old = before != tenants_.end() && before->second.fault == tenant.alerts_fault;
    if (!tenant.alerts_fault.empty() && !is_old) news.push_back(Remedy(tenant));
    entries.emplace(id, Entry{tenant.alerts, tenant.alerts_fault});
  }
  tenants_ = std::move(entries);
  return news;
}

// Both are sorted by id.
void AlertSettings::Describe(Snapshot* snapshot) const {
  std::lock_guard lock(mutex_);
  uint64_t faulty = 0;
  for (const auto& [id, entry] : tenants_) faulty += entry.fault.empty() ? 0 : 1;
  snapshot->exporter.tenants_with_bad_alerts = faulty;
  auto entry = tenants_.begin();
  for (TenantUsage& tenant : snapshot->tenants) {
    while (entry != tenants_.end() && entry->first < tenant.id) ++entry;
    const bool is_listed = entry != tenants_.end() && entry->first == tenant.id;
    tenant.alerts = is_listed ? entry->second.thresholds : defaults_;
  }
}

}  // namespace usage
