// The one list of all metrics. /metrics, docs/metrics.md and the tests are made from it.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <variant>

#include "metrics/history.h"
#include "metrics/snapshot.h"
#include "metrics/value.h"

namespace usage {

// What a family counts. A subject is an item of the snapshot or the history and the labels that
// tell its items apart; a family has one sample per item. (series.h and history_series.h find the
// items and render the labels.)
template <typename ItemType, size_t kLabels>
struct Subject {
  using Item = ItemType;
  using Labels = std::array<std::string_view, kLabels>;
};

struct PerExporter : Subject<Snapshot, 0> {
  static constexpr Labels kLabels = {};
};
struct PerBuild : Subject<Snapshot, 2> {
  static constexpr Labels kLabels = {"version", "revision"};
};
struct PerTenant : Subject<TenantUsage, 1> {
  static constexpr Labels kLabels = {"tenant_id"};
};
struct PerTenantInfo : Subject<TenantUsage, 4> {
  static constexpr Labels kLabels = {"tenant_id", "tenant", "plan", "time_zone"};
};
struct PerQuantile : Subject<TenantUsage, 2> {
  static constexpr Labels kLabels = {"tenant_id", "quantile"};
};
struct PerAlert : Subject<double, 2> {
  static constexpr Labels kLabels = {"tenant_id", "alert"};
};
struct PerAccess : Subject<AccessUsage, 2> {
  static constexpr Labels kLabels = {"tenant_id", "access"};
};
// A subscriber without its name.
struct SubscriberFigures {
  Volume today;
  Volume month;
  uint64_t sessions;
};
struct PerSubscriber : Subject<SubscriberFigures, 3> {
  static constexpr Labels kLabels = {"tenant_id", "access", "subscriber"};
};
// Only where a router tells.
struct PerLiveSubscriber : Subject<LiveRate, 3> {
  static constexpr Labels kLabels = {"tenant_id", "access", "subscriber"};
};
struct PerDrift : Subject<double, 6> {
  static constexpr Labels kLabels = {"tenant_id", "access", "router", "direction", "span", "cause"};
};
struct PerDriftRatio : Subject<DriftRow, 4> {
  static constexpr Labels kLabels = {"tenant_id", "access", "router", "span"};
};
struct PerSource : Subject<SourceStatus, 1> {
  static constexpr Labels kLabels = {"source"};
};
struct PerSourceInfo : Subject<SourceStatus, 2> {
  static constexpr Labels kLabels = {"source", "type"};
};
struct PerCase : Subject<CaseCount, 2> {
  static constexpr Labels kLabels = {"source", "case"};
};
struct PerRouter : Subject<RouterStatus, 2> {
  static constexpr Labels kLabels = {"tenant_id", "router"};
};
struct PerRouterInfo : Subject<RouterStatus, 6> {
  static constexpr Labels kLabels = {"tenant_id", "router",  "protocol",
                                     "identity",  "version", "board"};
};
struct PerRouterInterface : Subject<RouterInterface, 3> {
  static constexpr Labels kLabels = {"tenant_id", "router", "interface"};
};
// Of a router's rows by one access.
struct RowCounts {
  uint64_t all = 0;
  uint64_t matched = 0;
};
struct PerRouterAccess : Subject<RowCounts, 3> {
  static constexpr Labels kLabels = {"tenant_id", "router", "access"};
};
struct PerLie : Subject<CaseCount, 3> {
  static constexpr Labels kLabels = {"tenant_id", "router", "case"};
};
struct PerUnattributed : Subject<UnattributedRows, 3> {
  static constexpr Labels kLabels = {"tenant_id", "router", "reason"};
};

struct PerHistory : Subject<History, 0> {
  static constexpr Labels kLabels = {};
};
struct PerDay : Subject<DatedVolume, 3> {
  static constexpr Labels kLabels = {"tenant_id", "access", "day"};
};
struct PerMonth : Subject<DatedVolume, 3> {
  static constexpr Labels kLabels = {"tenant_id", "access", "month"};
};
struct PerCurveDay : Subject<CurvePoint, 3> {
  static constexpr Labels kLabels = {"tenant_id", "month", "day"};
};

// How a family reads its value off an item of its subject.
template <typename S>
struct Of {
  using Subject = S;
  Value (*value)(const typename S::Item& item);
};

using ValueReader =
    std::variant<Of<PerExporter>, Of<PerBuild>, Of<PerTenant>, Of<PerTenantInfo>, Of<PerQuantile>,
                 Of<PerAlert>, Of<PerAccess>, Of<PerSubscriber>, Of<PerSource>, Of<PerSourceInfo>,
                 Of<PerCase>, Of<PerRouter>, Of<PerRouterInfo>, Of<PerRouterInterface>,
                 Of<PerLiveSubscriber>, Of<PerDrift>, Of<PerDriftRatio>, Of<PerRouterAccess>,
                 Of<PerLie>, Of<PerUnattributed>, Of<PerHistory>, Of<PerDay>, Of<PerMonth>,
                 Of<PerCurveDay>>;

// kInfo is OpenMetrics' info: a gauge that is always 1 in the text format. Counters and infos are
// named with _total and _info here; OpenMetrics' family names lack the suffix.
enum class Type { kCounter, kGauge, kInfo };
std::string_view TypeName(Type type);

enum class Topic {
  kUsage,
  kAlerts,
  kSubscribers,
  kLive,
  kAccounting,
  kSources,
  kRouters,
  kExporter,
  kProcess,
  kHistory
};

struct Family {
  Topic topic;
  std::string_view name;
  Type type;
  std::string_view unit;  // OpenMetrics' UNIT, "" for none: then the name ends with _unit
  std::string_view help;  // one line, nothing to escape
  ValueReader reader;
};

// Every family of /metrics, by topic.
std::span<const Family> Catalogue();

// Every family of /metrics/history.
std::span<const Family> HistoryCatalogue();

std::span<const std::string_view> LabelNames(const Family& family);

}  // namespace usage
