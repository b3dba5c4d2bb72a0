#include "metrics/series.h"

#include <algorithm>
#include <set>
#include <utility>

#include "metrics/label_text.h"

namespace usage {
namespace {

template <typename S>
std::string LabelText(const typename S::Labels& values) {
  std::string text;
  AppendLabels<S>(values, text);
  return text;
}

bool HasTwins(const std::vector<std::string>& names) {
  std::vector<std::string_view> sorted(names.begin(), names.end());
  std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
}

// Adds to each name that was there before, from the back, as many ~ as it takes.
void TellTwinsApart(std::vector<std::string>& names) {
  std::set<std::string_view> taken;
  for (size_t i = names.size(); i-- > 0;) {
    while (taken.contains(names[i])) names[i] += '~';
    taken.insert(names[i]);
  }
}

// The names of the top as they are shown, and "other" behind them. Prometheus refuses a page with
// the same series twice, and a broken name can become what another one is, if somebody tries.
std::vector<std::string> ShownNames(const std::vector<SubscriberUsage>& top) {
  std::vector<std::string> names;
  names.reserve(top.size() + 1);
  for (const SubscriberUsage& s : top) names.push_back(ValidName(s.name));
  names.emplace_back("other");
  if (HasTwins(names)) TellTwinsApart(names);
  return names;
}

template <typename Item, typename Name>
bool SameNames(const std::vector<std::string>& kept, const std::vector<Item>& items,
               Name Item::*name) {
  return std::equal(kept.begin(), kept.end(), items.begin(), items.end(),
                    [&](const std::string& old, const Item& item) { return old == item.*name; });
}

SubscriberFigures Figures(const SubscriberUsage& s) { return {s.today, s.month, s.sessions}; }

}  // namespace

void SeriesTable::Clear() {
  const auto clear = [](auto& list) {
    list.all.clear();
    list.label_bytes = 0;
  };
  std::apply([&](auto&... lists) { (clear(lists), ...); }, lists_);
}

void SeriesCache::Update(const Snapshot& snapshot) {
  table_.Clear();
  AddExporter(snapshot);
  sources_.resize(snapshot.sources.size());
  for (size_t i = 0; i < sources_.size(); ++i) AddSource(snapshot.sources[i], sources_[i]);
  routers_.resize(snapshot.routers.size());
  for (size_t i = 0; i < routers_.size(); ++i) AddRouter(snapshot.routers[i], routers_[i]);
  tenants_.resize(snapshot.tenants.size());
  for (size_t i = 0; i < tenants_.size(); ++i) AddTenant(snapshot.tenants[i], tenants_[i]);
}

void SeriesCache::AddExporter(const Snapshot& snapshot) {
  const ExporterStatus& e = snapshot.exporter;
  if (build_.labels.empty() || build_.version != e.version || build_.revision != e.revision) {
    build_ = {e.version, e.revision,
              LabelText<PerBuild>({ValidText(e.version), ValidText(e.revision)})};
  }
  table_.Add<PerExporter>(snapshot, " ");
  table_.Add<PerBuild>(snapshot, build_.labels);
}

void SeriesCache::Refresh(const TenantUsage& tenant, TenantSlots& slots) {
  const bool same_id = !slots.labels.empty() && slots.id == tenant.id;
  if (same_id && slots.name == tenant.name && slots.plan == tenant.plan &&
      slots.time_zone == tenant.time_zone) {
    return;
  }
  const std::string id = ValidName(tenant.id);
  if (!same_id) Relabel(id, slots);
  slots.id = tenant.id;
  slots.name = tenant.name;
  slots.plan = tenant.plan;
  slots.time_zone = tenant.time_zone;
  slots.info = LabelText<PerTenantInfo>(
      {id, ValidText(tenant.name), ValidText(tenant.plan), ValidText(tenant.time_zone)});
}

// All labels but those of the info, which has more in it than the id.
void SeriesCache::Relabel(std::string_view id, TenantSlots& slots) {
  slots.labels = LabelText<PerTenant>({id});
  slots.forecast = LabelText<PerQuantile>({id, "0.5"});
  slots.alerts.Clear();
  for (const AlertKind& kind : kAlertKinds) slots.alerts.Add<PerAlert>({id, kind.name});
  slots.access = {};
}

void SeriesCache::AddTenant(const TenantUsage& tenant, TenantSlots& slots) {
  Refresh(tenant, slots);
  table_.Add<PerTenant>(tenant, slots.labels);
  table_.Add<PerTenantInfo>(tenant, slots.info);
  table_.Add<PerQuantile>(tenant, slots.forecast);
  AddAlerts(tenant, slots);
  for (const Access access : kAllAccess) {
    const auto i = static_cast<size_t>(access);
    if (tenant.access[i]) AddAccess(*tenant.access[i], tenant.id, access, slots.access[i]);
  }
}

void SeriesCache::AddAlerts(const TenantUsage& tenant, const TenantSlots& slots) {
  for (size_t i = 0; i < kAlertKinds.size(); ++i) {
    const bool applies = tenant.quota_bytes || !kAlertKinds[i].needs_quota;
    if (applies && tenant.alerts[i]) table_.Add<PerAlert>(*tenant.alerts[i], slots.alerts[i]);
  }
}

void SeriesCache::Refresh(const AccessUsage& usage, std::string_view tenant_id, Access access,
                          AccessSlots& slots) {
  if (!slots.labels.empty() && SameNames(slots.top, usage.top, &SubscriberUsage::name)) return;
  const std::string id = ValidName(tenant_id);
  slots.labels = LabelText<PerAccess>({id, AccessName(access)});
  slots.top.clear();
  for (const SubscriberUsage& s : usage.top) slots.top.push_back(s.name);
  slots.subscribers.Clear();
  for (const std::string& name : ShownNames(usage.top)) {
    slots.subscribers.Add<PerSubscriber>({id, AccessName(access), name});
  }
}

void SeriesCache::AddAccess(const AccessUsage& usage, std::string_view tenant_id, Access access,
                            AccessSlots& slots) {
  Refresh(usage, tenant_id, access, slots);
  table_.Add<PerAccess>(usage, slots.labels);
  for (size_t i = 0; i < usage.top.size(); ++i) {
    table_.Add<PerSubscriber>(Figures(usage.top[i]), slots.subscribers[i]);
  }
  table_.Add<PerSubscriber>(Figures(usage.other), slots.subscribers[usage.top.size()]);
  AddRates(usage, slots);
  RefreshDrift(usage, tenant_id, access, slots);
  AddDrift(usage, slots);
}

void SeriesCache::AddRates(const AccessUsage& usage, const AccessSlots& slots) {
  for (size_t i = 0; i < usage.top.size(); ++i) {
    const auto& rate = usage.top[i].rate;
    if (rate) table_.Add<PerLiveSubscriber>(*rate, slots.subscribers[i]);
  }
  const auto& others = usage.other.rate;
  if (others) table_.Add<PerLiveSubscriber>(*others, slots.subscribers[usage.top.size()]);
}

// A router has the same rows and causes always: its name tells whether they are the same.
void SeriesCache::RefreshDrift(const AccessUsage& usage, std::string_view tenant_id, Access access,
                               AccessSlots& slots) {
  if (SameNames(slots.drift_routers, usage.drift, &DriftRow::router)) return;
  const std::string id = ValidName(tenant_id);
  slots.drift_routers.clear();
  slots.drift.Clear();
  slots.drift_ratio.Clear();
  for (const DriftRow& row : usage.drift) {
    slots.drift_routers.push_back(row.router);
    const std::string router = ValidName(row.router);
    slots.drift_ratio.Add<PerDriftRatio>({id, AccessName(access), router, row.span});
    for (const Drift& drift : row.causes) {
      for (const char* direction : {"upload", "download"}) {
        slots.drift.Add<PerDrift>(
            {id, AccessName(access), router, direction, row.span, drift.cause});
      }
    }
  }
}

void SeriesCache::AddDrift(const AccessUsage& usage, const AccessSlots& slots) {
  size_t next = 0;
  for (size_t i = 0; i < usage.drift.size(); ++i) {
    table_.Add<PerDriftRatio>(usage.drift[i], slots.drift_ratio[i]);
    for (const Drift& drift : usage.drift[i].causes) {
      table_.Add<PerDrift>(drift.upload_bytes, slots.drift[next++]);
      table_.Add<PerDrift>(drift.download_bytes, slots.drift[next++]);
    }
  }
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
    slots.case_labels.Add<PerCase>({name, c.name});
  }
}

void SeriesCache::AddSource(const SourceStatus& source, SourceSlots& slots) {
  Refresh(source, slots);
  table_.Add<PerSource>(source, slots.labels);
  table_.Add<PerSourceInfo>(source, slots.info);
  for (size_t i = 0; i < source.cases.size(); ++i) {
    table_.Add<PerCase>(source.cases[i], slots.case_labels[i]);
  }
}

void SeriesCache::Refresh(const RouterStatus& router, RouterSlots& slots) {
  const bool is_same =
      !slots.labels.empty() && slots.name == router.name && slots.tenant == router.tenant;
  if (!is_same) {
    slots = {};
    slots.name = router.name;
    slots.tenant = router.tenant;
    slots.labels = LabelText<PerRouter>({ValidName(router.tenant), ValidName(router.name)});
  }
  RefreshInfo(router, slots);
  RefreshInterfaces(router, slots);
  RefreshJoin(router, slots);
}

void SeriesCache::RefreshJoin(const RouterStatus& router, RouterSlots& slots) {
  if (SameNames(slots.lies, router.lies, &CaseCount::name) &&
      SameNames(slots.reasons, router.unattributed, &UnattributedRows::reason)) {
    return;
  }
  const std::string tenant = ValidName(router.tenant), name = ValidName(router.name);
  slots.lies.clear();
  slots.reasons.clear();
  slots.access_labels.Clear();
  slots.lie_labels.Clear();
  slots.reason_labels.Clear();
  for (const Access access : kAllAccess) {
    slots.access_labels.Add<PerRouterAccess>({tenant, name, AccessName(access)});
  }
  for (const CaseCount& lie : router.lies) {
    slots.lies.emplace_back(lie.name);
    slots.lie_labels.Add<PerLie>({tenant, name, lie.name});
  }
  for (const UnattributedRows& rows : router.unattributed) {
    slots.reasons.emplace_back(rows.reason);
    slots.reason_labels.Add<PerUnattributed>({tenant, name, rows.reason});
  }
}

// Before the first reading the join has nothing to say.
void SeriesCache::AddJoin(const RouterStatus& router, const RouterSlots& slots) {
  if (router.lies.empty()) return;
  for (size_t i = 0; i < kAccessCount; ++i) {
    table_.Add<PerRouterAccess>({router.rows[i], router.matched[i]}, slots.access_labels[i]);
  }
  for (size_t i = 0; i < router.lies.size(); ++i) {
    table_.Add<PerLie>(router.lies[i], slots.lie_labels[i]);
  }
  for (size_t i = 0; i < router.unattributed.size(); ++i) {
    table_.Add<PerUnattributed>(router.unattributed[i], slots.reason_labels[i]);
  }
}

void SeriesCache::RefreshInfo(const RouterStatus& router, RouterSlots& slots) {
  const RouterFacts& facts = router.facts;
  if (!slots.info.empty() && slots.protocol == router.protocol &&
      slots.identity == facts.identity && slots.version == facts.version &&
      slots.board == facts.board) {
    return;
  }
  slots.protocol = router.protocol;
  slots.identity = facts.identity;
  slots.version = facts.version;
  slots.board = facts.board;
  slots.info = LabelText<PerRouterInfo>({ValidName(router.tenant), ValidName(router.name),
                                         ValidText(router.protocol), ValidText(facts.identity),
                                         ValidText(facts.version), ValidText(facts.board)});
}

void SeriesCache::RefreshInterfaces(const RouterStatus& router, RouterSlots& slots) {
  if (SameNames(slots.interfaces, router.interfaces, &RouterInterface::name)) return;
  std::vector<std::string> shown;
  slots.interfaces.clear();
  for (const RouterInterface& one : router.interfaces) {
    slots.interfaces.push_back(one.name);
    shown.push_back(ValidName(one.name));
  }
  if (HasTwins(shown)) TellTwinsApart(shown);
  slots.interface_labels.Clear();
  const std::string tenant = ValidName(router.tenant), name = ValidName(router.name);
  for (const std::string& one : shown) {
    slots.interface_labels.Add<PerRouterInterface>({tenant, name, one});
  }
}

void SeriesCache::AddRouter(const RouterStatus& router, RouterSlots& slots) {
  Refresh(router, slots);
  table_.Add<PerRouter>(router, slots.labels);
  table_.Add<PerRouterInfo>(router, slots.info);
  AddJoin(router, slots);
  for (size_t i = 0; i < router.interfaces.size(); ++i) {
    table_.Add<PerRouterInterface>(router.interfaces[i], slots.interface_labels[i]);
  }
}

}  // namespace usage
