// The items of a snapshot, each with the rendered text of its labels.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "metrics/catalogue.h"
#include "metrics/label_block.h"

namespace usage {

// A large item is pointed at. A small one is copied: subscribers are most of all series, and their
// numbers are scattered all over the snapshot, for each family to be looked for again.
template <typename Item>
class Held {
 public:
  explicit Held(const Item& item) : held_(Hold(item)) {}
  const Item& operator*() const {
    if constexpr (kSmall) return held_;
    if constexpr (!kSmall) return *held_;
  }

 private:
  static constexpr bool kSmall = sizeof(Item) <= 40;
  using Content = std::conditional_t<kSmall, Item, const Item*>;

  static Content Hold(const Item& item) {
    if constexpr (kSmall) return item;
    if constexpr (!kSmall) return &item;
  }

  Content held_;
};

template <typename S>
struct Series {
  Held<typename S::Item> item;
  std::string_view labels;  // `{tenant_id="7",access="pppoe"} `, or " " where there are none
};

template <typename S>
struct SeriesList {
  std::vector<Series<S>> all;
  size_t label_bytes = 0;  // together
};

// The series of one page, by subject.
class SeriesTable {
 public:
  template <typename S>
  const SeriesList<S>& Get() const {
    return std::get<SeriesList<S>>(lists_);
  }

  // `labels` must outlive the table; a large item too.
  template <typename S>
  void Add(const typename S::Item& item, std::string_view labels) {
    SeriesList<S>& list = std::get<SeriesList<S>>(lists_);
    list.all.push_back({Held<typename S::Item>(item), labels});
    list.label_bytes += labels.size();
  }

  void Clear();

 private:
  template <typename Reader>
  struct ListsOf;
  template <typename... S>
  struct ListsOf<std::variant<Of<S>...>> {
    using Type = std::tuple<SeriesList<S>...>;
  };

  ListsOf<ValueReader>::Type lists_;
};

// Escaping 100,000 series' labels takes far longer than writing their values, and labels hardly
// ever change: their text is kept from snapshot to snapshot, and made anew only for a tenant,
// source or subscriber that differs from the one that stood in its place before. As one text
// serves all families of a subject, what is kept is a tenth of a page. Not thread-safe.
class SeriesCache {
 public:
  // From now on table() speaks of `snapshot`, which must live until it was used for the last time.
  void Update(const Snapshot& snapshot);

  const SeriesTable& table() const { return table_; }

 private:
  struct AccessSlots {
    std::string labels;
    std::vector<std::string> top;            // raw names
    LabelBlock subscribers;                  // the top's, then other's
    std::vector<std::string> drift_routers;  // raw names, of each row
    LabelBlock drift, drift_ratio;
  };
  struct TenantSlots {
    std::string id, name, plan, time_zone;  // raw
    std::string labels;
    std::string info;
    std::string forecast;
    LabelBlock alerts;  // by kind
    std::array<AccessSlots, kAccessCount> access;
  };
  struct SourceSlots {
    std::string name, type;
    std::string labels;
    std::string info;
    std::vector<std::string> cases;
    LabelBlock case_labels;
  };
  struct RouterSlots {
    std::string name, tenant;                        // raw
    std::string protocol, identity, version, board;  // raw
    std::string labels;
    std::string info;
    std::vector<std::string> interfaces;  // raw names
    LabelBlock interface_labels;
    std::vector<std::string> lies, reasons;
    LabelBlock access_labels, lie_labels, reason_labels;
  };
  struct BuildSlot {
    std::string version, revision;
    std::string labels;
  };

  static void Refresh(const TenantUsage& tenant, TenantSlots& slots);
  static void Relabel(std::string_view id, TenantSlots& slots);
  static void Refresh(const AccessUsage& usage, std::string_view tenant_id, Access access,
                      AccessSlots& slots);
  static void Refresh(const SourceStatus& source, SourceSlots& slots);
  static void RefreshDrift(const AccessUsage& usage, std::string_view tenant_id, Access access,
                           AccessSlots& slots);
  static void Refresh(const RouterStatus& router, RouterSlots& slots);
  static void RefreshJoin(const RouterStatus& router, RouterSlots& slots);
  static void RefreshInfo(const RouterStatus& router, RouterSlots& slots);
  static void RefreshInterfaces(const RouterStatus& router, RouterSlots& slots);
  void AddExporter(const Snapshot& snapshot);
  void AddTenant(const TenantUsage& tenant, TenantSlots& slots);
  void AddAlerts(const TenantUsage& tenant, const TenantSlots& slots);
  void AddAccess(const AccessUsage& usage, std::string_view tenant_id, Access access,
                 AccessSlots& slots);
  void AddRates(const AccessUsage& usage, const AccessSlots& slots);
  void AddDrift(const AccessUsage& usage, const AccessSlots& slots);
  void AddJoin(const RouterStatus& router, const RouterSlots& slots);
  void AddSource(const SourceStatus& source, SourceSlots& slots);
  void AddRouter(const RouterStatus& router, RouterSlots& slots);

  std::vector<TenantSlots> tenants_;
  std::vector<SourceSlots> sources_;
  std::vector<RouterSlots> routers_;
  BuildSlot build_;
  SeriesTable table_;
};

}  // namespace usage
