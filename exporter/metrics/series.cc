#include "metrics/series.h"

#include <algorithm>
#include <set>
#include <utility>

#include "metrics/label_text.h"

namespace usage {
namespace {

constexpr std::string_view kOther = "other";

// The labels of subject S with these values, valid UTF-8, as they stand between name and value.
template <typename S>
std::string LabelText(const typename S::Labels& values) {
  std::string text;
  for (size_t i = 0; i < values.size(); ++i) {
    text += i == 0 ? "{" : ",";
    text += S::kLabels[i];
    text += "=\"";
    AppendEscaped(values[i], text);
    text += '"';
  }
  return text + (values.empty() ? " " : "} ");
}

// Prometheus refuses a page with the same series twice. A broken name can become what another one
// is, if somebody tries.
std::string Unique(std::string name, std::set<std::string>& taken) {
  while (!taken.insert(name).second) name += '~';
  return name;
}

template <typename Item, typename Name>
bool SameNames(const std::vector<std::string>& kept, const std::vector<Item>& items,
               Name Item::*name) {
  return std::equal(kept.begin(), kept.end(), items.begin(), items.end(),
                    [&](const std::string& old, const Item& item) { return old == item.*name; });
}

}  // namespace

void SeriesCache::Block::Clear() {
  text_.clear();
  ends_ = {0};
}

void SeriesCache::Block::Add(const std::string& text) {
  text_ += text;
  ends_.push_back(static_cast<uint32_t>(text_.size()));
}

void SeriesCache::Update(const Snapshot& snapshot) {
  Clear();
  AddExporter(snapshot);
  sources_.resize(snapshot.sources.size());
  for (size_t i = 0; i < sources_.size(); ++i) AddSource(snapshot.sources[i], sources_[i]);
  tenants_.resize(snapshot.tenants.size());
  for (size_t i = 0; i < tenants_.size(); ++i) AddTenant(snapshot.tenants[i], tenants_[i]);
}

void SeriesCache::Clear() {
  const auto clear = [](auto& list) {
    list.all.clear();
    list.label_bytes = 0;
  };
  std::apply([&](auto&... lists) { (clear(lists), ...); }, series_);
}

void SeriesCache::AddExporter(const Snapshot& snapshot) {
  const ExporterStatus& e = snapshot.exporter;
  if (build_.labels.empty() || build_.version != e.version || build_.revision != e.revision) {
    build_ = {e.version, e.revision,
              LabelText<PerBuild>({ValidText(e.version), ValidText(e.revision)})};
  }
  Add<PerExporter>(snapshot, " ");
  Add<PerBuild>(snapshot, build_.labels);
}

void SeriesCache::Refresh(const TenantUsage& tenant, TenantSlots& slots) {
  const bool same_id = !slots.labels.empty() && slots.id == tenant.id;
  if (same_id && slots.name == tenant.name && slots.plan == tenant.plan &&
      slots.time_zone == tenant.time_zone) {
    return;
  }
  if (!same_id) slots.access = {};  // its labels too have the id within
  const std::string id = ValidName(tenant.id);
  slots.id = tenant.id;
  slots.name = tenant.name;
  slots.plan = tenant.plan;
  slots.time_zone = tenant.time_zone;
  slots.labels = LabelText<PerTenant>({id});
  slots.info = LabelText<PerTenantInfo>(
      {id, ValidText(tenant.name), ValidText(tenant.plan), ValidText(tenant.time_zone)});
}

void SeriesCache::AddTenant(const TenantUsage& tenant, TenantSlots& slots) {
  Refresh(tenant, slots);
  Add<PerTenant>(tenant, slots.labels);
  Add<PerTenantInfo>(tenant, slots.info);
  for (const Access access : kAllAccess) {
    const auto i = static_cast<size_t>(access);
    if (tenant.access[i]) AddAccess(*tenant.access[i], tenant.id, access, slots.access[i]);
  }
}

void SeriesCache::Refresh(const AccessUsage& usage, std::string_view tenant_id, Access access,
                          AccessSlots& slots) {
  if (!slots.labels.empty() && SameNames(slots.top, usage.top, &SubscriberUsage::name)) return;
  const std::string id = ValidName(tenant_id);
  slots.labels = LabelText<PerAccess>({id, AccessName(access)});
  slots.top.clear();
  slots.subscribers.Clear();
  std::set<std::string> taken = {std::string(kOther)};
  for (const SubscriberUsage& s : usage.top) {
    slots.top.push_back(s.name);
    const std::string name = Unique(ValidName(s.name), taken);
    slots.subscribers.Add(LabelText<PerSubscriber>({id, AccessName(access), name}));
  }
  slots.subscribers.Add(LabelText<PerSubscriber>({id, AccessName(access), kOther}));
}

void SeriesCache::AddAccess(const AccessUsage& usage, std::string_view tenant_id, Access access,
                            AccessSlots& slots) {
  Refresh(usage, tenant_id, access, slots);
  Add<PerAccess>(usage, slots.labels);
  for (size_t i = 0; i < usage.top.size(); ++i) {
    Add<PerSubscriber>(usage.top[i], slots.subscribers[i]);
  }
  Add<PerSubscriber>(usage.other, slots.subscribers[usage.top.size()]);
}

void SeriesCache::Refresh(const SourceStatus& source, SourceSlots& slots) {
  if (!slots.labels.empty() && slots.name == source.name && slots.type == source.type &&
      SameNames(slots.cases, source.cases, &CaseCount::name)) {
    return;
  }
  const std::string name = ValidName(source.name);
  slots = {source.name,
           source.type,
           LabelText<PerSource>({name}),
           LabelText<PerSourceInfo>({name, ValidText(source.type)}),
           {},
           {}};
  for (const CaseCount& c : source.cases) {
    slots.cases.emplace_back(c.name);
    slots.case_labels.Add(LabelText<PerCase>({name, c.name}));
  }
}

void SeriesCache::AddSource(const SourceStatus& source, SourceSlots& slots) {
  Refresh(source, slots);
  Add<PerSource>(source, slots.labels);
  Add<PerSourceInfo>(source, slots.info);
  for (size_t i = 0; i < source.cases.size(); ++i) {
    Add<PerCase>(source.cases[i], slots.case_labels[i]);
  }
}

}  // namespace usage
