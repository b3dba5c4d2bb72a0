#include "metrics/catalogue.h"

#include <algorithm>

namespace usage {
namespace {

constexpr Topic kUsage = Topic::kUsage;
constexpr Topic kAlerts = Topic::kAlerts;
constexpr Topic kSubscribers = Topic::kSubscribers;
constexpr Topic kLive = Topic::kLive;
constexpr Topic kAccounting = Topic::kAccounting;
constexpr Topic kSources = Topic::kSources;
constexpr Topic kRouters = Topic::kRouters;
constexpr Topic kExporter = Topic::kExporter;
constexpr Topic kProcess = Topic::kProcess;
constexpr Topic kHistory = Topic::kHistory;

constexpr Type kCounter = Type::kCounter;
constexpr Type kGauge = Type::kGauge;
constexpr Type kInfo = Type::kInfo;

constexpr std::string_view kBytes = "bytes";
constexpr std::string_view kBytesPerSecond = "bytes_per_second";
constexpr std::string_view kSeconds = "seconds";
constexpr std::string_view kNoUnit = "";

Value Known(Duration d) { return d.count() == 0 ? Value(std::nullopt) : Value(d); }

// A figure of the feed of changes.
Value Notified(const SourceStatus& s, Value value) {
  return s.notify ? value : Value(std::nullopt);
}

// A figure of the live push.
template <auto kMember>
Value OfLive(const Snapshot& s) {
  return s.exporter.live ? Value((*s.exporter.live).*kMember) : Value(std::nullopt);
}

// A figure of the list of routers.
template <auto kMember>
Value OfRouterList(const Snapshot& s) {
  return s.router_list ? Value((*s.router_list).*kMember) : Value(std::nullopt);
}

// What the last poll of a router was; none before the first.
Value OfLastPoll(const RouterStatus& r, Value value) {
  return r.polls > 0 ? value : Value(std::nullopt);
}

// A figure of the write-back.
template <auto kMember>
Value OfWriteBack(const Snapshot& s) {
  return s.exporter.write_back ? Value((*s.exporter.write_back).*kMember) : Value(std::nullopt);
}

// A figure of an access that a router has carried.
template <auto kFigure>
Value OfCarried(const AccessUsage& u) {
  return u.live ? kFigure(*u.live) : Value(std::nullopt);
}

Value DriftRatio(const DriftRow& row) {
  const auto accounting = static_cast<double>(row.accounting_bytes.sum());
  if (accounting == 0) return std::nullopt;
  return (static_cast<double>(row.router_bytes.sum()) - accounting) / accounting;
}

// A new metric is a new row here: nothing else. Its labels and its samples follow from Of<...>.
constexpr Family kFamilies[] = {
    // --- What tenants used.
    {kUsage, "usage_upload_bytes_total", kCounter, kBytes,
     "Bytes from the tenant's subscribers, over all time.",
     Of<PerAccess>{[](const AccessUsage& u) -> Value { return u.total.upload; }}},
    {kUsage, "usage_download_bytes_total", kCounter, kBytes,
     "Bytes to the tenant's subscribers, over all time.",
     Of<PerAccess>{[](const AccessUsage& u) -> Value { return u.total.download; }}},
    {kUsage, "usage_today_upload_bytes", kGauge, kBytes,
     "Bytes from the subscribers since the tenant's local midnight.",
     Of<PerAccess>{[](const AccessUsage& u) -> Value { return u.today.upload; }}},
    {kUsage, "usage_today_download_bytes", kGauge, kBytes,
     "Bytes to the subscribers since the tenant's local midnight.",
     Of<PerAccess>{[](const AccessUsage& u) -> Value { return u.today.download; }}},
    {kUsage, "usage_month_upload_bytes", kGauge, kBytes,
     "Bytes from the subscribers since the tenant's last billing day.",
     Of<PerAccess>{[](const AccessUsage& u) -> Value { return u.month.upload; }}},
    {kUsage, "usage_month_download_bytes", kGauge, kBytes,
     "Bytes to the subscribers since the tenant's last billing day.",
     Of<PerAccess>{[](const AccessUsage& u) -> Value { return u.month.download; }}},
    {kUsage, "usage_sessions", kGauge, kNoUnit, "Sessions that are open now.",
     Of<PerAccess>{[](const AccessUsage& u) -> Value { return u.sessions; }}},
    {kUsage, "usage_sessions_started_total", kCounter, kNoUnit,
     "Sessions that were seen for the first time, over all time.",
     Of<PerAccess>{[](const AccessUsage& u) -> Value { return u.sessions_started; }}},
    {kUsage, "usage_sessions_ended_total", kCounter, kNoUnit, "Sessions that ended, over all time.",
     Of<PerAccess>{[](const AccessUsage& u) -> Value { return u.sessions_ended; }}},
    {kUsage, "usage_data_timestamp_seconds", kGauge, kSeconds,
     "Time of the newest accounting data behind the numbers.",
     Of<PerAccess>{[](const AccessUsage& u) -> Value { return u.data_timestamp; }}},
    {kUsage, "usage_quota_bytes", kGauge, kBytes,
     "Bytes in both directions that the tenant may use in a billing month; absent without a quota.",
     Of<PerTenant>{[](const TenantUsage& t) -> Value { return t.quota_bytes; }}},
    {kUsage, "usage_today_start_timestamp_seconds", kGauge, kSeconds,
     "When the tenant's day began: its local midnight.",
     Of<PerTenant>{[](const TenantUsage& t) -> Value { return t.today_start; }}},
    {kUsage, "usage_month_start_timestamp_seconds", kGauge, kSeconds,
     "When the tenant's billing month began: the local midnight of its last billing day.",
     Of<PerTenant>{[](const TenantUsage& t) -> Value { return t.month_start; }}},
    {kUsage, "usage_month_end_timestamp_seconds", kGauge, kSeconds,
     "When the tenant's billing month ends: the local midnight of its next billing day.",
     Of<PerTenant>{[](const TenantUsage& t) -> Value { return t.month_end; }}},
    {kUsage, "usage_time_zone_offset_seconds", kGauge, kSeconds,
     "The tenant's local time minus UTC, now.",
     Of<PerTenant>{[](const TenantUsage& t) -> Value { return t.time_zone_offset; }}},
    {kUsage, "usage_tenant_info", kInfo, kNoUnit, "The tenant's name, plan and time zone.",
     Of<PerTenantInfo>{[](const TenantUsage&) -> Value { return 1U; }}},

    // --- What alerts go by.
    {kAlerts, "usage_month_forecast_bytes", kGauge, kBytes,
     "Bytes in both directions that the billing month will have at its end.",
     Of<PerQuantile>{[](const TenantUsage& t) -> Value { return t.forecast.bytes; }}},
    {kAlerts, "usage_quota_exhausted_timestamp_seconds", kGauge, kSeconds,
     "When the quota is used up, or was; absent when it lasts to the billing month's end.",
     Of<PerTenant>{[](const TenantUsage& t) -> Value { return t.forecast.exhausted_at; }}},
    {kAlerts, "usage_alert_threshold", kGauge, kNoUnit,
     "From when on the tenant's alert fires: a ratio or a count; absent where it is off.",
     Of<PerAlert>{[](const double& threshold) -> Value { return threshold; }}},

    // --- The tenant's largest subscribers of this billing month, and the others as one.
    {kSubscribers, "usage_subscriber_today_upload_bytes", kGauge, kBytes,
     "Bytes from the subscriber since local midnight; those beyond the top N are one named other.",
     Of<PerSubscriber>{[](const SubscriberFigures& s) -> Value { return s.today.upload; }}},
    {kSubscribers, "usage_subscriber_today_download_bytes", kGauge, kBytes,
     "Bytes to the subscriber since local midnight; those beyond the top N are one named other.",
     Of<PerSubscriber>{[](const SubscriberFigures& s) -> Value { return s.today.download; }}},
    {kSubscribers, "usage_subscriber_month_upload_bytes", kGauge, kBytes,
     "Bytes from the subscriber since the last billing day; those beyond the top N are one named "
     "other.",
     Of<PerSubscriber>{[](const SubscriberFigures& s) -> Value { return s.month.upload; }}},
    {kSubscribers, "usage_subscriber_month_download_bytes", kGauge, kBytes,
     "Bytes to the subscriber since the last billing day; those beyond the top N are one named "
     "other.",
     Of<PerSubscriber>{[](const SubscriberFigures& s) -> Value { return s.month.download; }}},
    {kSubscribers, "usage_subscriber_sessions", kGauge, kNoUnit,
     "Sessions of the subscriber that are open now; those beyond the top N are one named other.",
     Of<PerSubscriber>{[](const SubscriberFigures& s) -> Value { return s.sessions; }}},

    // --- What routers say beside accounting.
    {kLive, "usage_live_upload_bytes_total", kCounter, kBytes,
     "Bytes from the subscribers, carried on by routers, since the exporter's start.",
     Of<PerAccess>{OfCarried<[](const LiveUsage& l) -> Value { return l.total.upload; }>}},
    {kLive, "usage_live_download_bytes_total", kCounter, kBytes,
     "Bytes to the subscribers, carried on by routers, since the exporter's start.",
     Of<PerAccess>{OfCarried<[](const LiveUsage& l) -> Value { return l.total.download; }>}},
    {kLive, "usage_live_upload_bytes_per_second", kGauge, kBytesPerSecond,
     "Bytes from the subscribers in a second, by the routers' last readings.",
     Of<PerAccess>{OfCarried<[](const LiveUsage& l) -> Value { return l.rate.upload; }>}},
    {kLive, "usage_live_download_bytes_per_second", kGauge, kBytesPerSecond,
     "Bytes to the subscribers in a second, by the routers' last readings.",
     Of<PerAccess>{OfCarried<[](const LiveUsage& l) -> Value { return l.rate.download; }>}},
    {kLive, "usage_carry_upload_bytes", kGauge, kBytes,
     "Bytes from the subscribers that routers counted since accounting's last word.",
     Of<PerAccess>{OfCarried<[](const LiveUsage& l) -> Value { return l.carry.upload; }>}},
    {kLive, "usage_carry_download_bytes", kGauge, kBytes,
     "Bytes to the subscribers that routers counted since accounting's last word.",
     Of<PerAccess>{OfCarried<[](const LiveUsage& l) -> Value { return l.carry.download; }>}},
    {kLive, "usage_carry_held_bytes", kGauge, kBytes,
     "Bytes by which the live counters are ahead and stand still until accounting has passed them.",
     Of<PerAccess>{OfCarried<[](const LiveUsage& l) -> Value { return l.held.sum(); }>}},
    {kLive, "usage_carry_sessions", kGauge, kNoUnit,
     "Sessions that a router shows and carries on, now.",
     Of<PerAccess>{OfCarried<[](const LiveUsage& l) -> Value { return l.sessions; }>}},
    {kLive, "usage_subscriber_live_upload_bytes_per_second", kGauge, kBytesPerSecond,
     "Bytes from the subscriber in a second; those beyond the top N are one named other.",
     Of<PerLiveSubscriber>{[](const LiveRate& r) -> Value { return r.upload; }}},
    {kLive, "usage_subscriber_live_download_bytes_per_second", kGauge, kBytesPerSecond,
     "Bytes to the subscriber in a second; those beyond the top N are one named other.",
     Of<PerLiveSubscriber>{[](const LiveRate& r) -> Value { return r.download; }}},
    {kLive, "usage_accounting_drift_bytes", kGauge, kBytes,
     "Bytes that the router counted minus those of accounting, by cause.",
     Of<PerDrift>{[](const double& bytes) -> Value { return bytes; }}},
    {kLive, "usage_accounting_drift_ratio", kGauge, kNoUnit,
     "What the router counted minus accounting, by accounting; absent where that is 0.",
     Of<PerDriftRatio>{DriftRatio}},
    {kLive, "usage_accounting_unattributed_router_bytes_total", kCounter, kBytes,
     "Bytes of router rows that are no session's, or not for certain, since the exporter's start.",
     Of<PerUnattributed>{[](const UnattributedRows& r) -> Value { return r.bytes.sum(); }}},
    {kLive, "usage_router_unattributed_rows", kGauge, kNoUnit,
     "Rows of the last reading that are no session's, or not for certain.",
     Of<PerUnattributed>{[](const UnattributedRows& r) -> Value { return r.rows; }}},
    {kLive, "usage_router_sessions", kGauge, kNoUnit,
     "Subscribers' sessions in the router's last reading.",
     Of<PerRouterAccess>{[](const RowCounts& r) -> Value { return r.all; }}},
    {kLive, "usage_router_matched_sessions", kGauge, kNoUnit,
     "Of the sessions of the router's last reading: those that accounting has.",
     Of<PerRouterAccess>{[](const RowCounts& r) -> Value { return r.matched; }}},
    {kLive, "usage_router_lies_total", kCounter, kNoUnit,
     "Rows that could not be true and were not used, since the exporter's start.",
     Of<PerLie>{[](const CaseCount& c) -> Value { return c.count; }}},

    // --- How sure the accounts are.
    {kAccounting, "usage_accounting_cases_total", kCounter, kNoUnit,
     "Doubtful cases met in the accounting data, by kind, since the exporter's start.",
     Of<PerCase>{[](const CaseCount& c) -> Value { return c.count; }}},
    {kAccounting, "usage_accounting_late_upload_bytes_total", kCounter, kBytes,
     "Bytes from subscribers that were booked on days closed already, over all time.",
     Of<PerAccess>{[](const AccessUsage& u) -> Value { return u.late.upload; }}},
    {kAccounting, "usage_accounting_late_download_bytes_total", kCounter, kBytes,
     "Bytes to subscribers that were booked on days closed already, over all time.",
     Of<PerAccess>{[](const AccessUsage& u) -> Value { return u.late.download; }}},
    {kAccounting, "usage_accounting_stale_sessions", kGauge, kNoUnit,
     "Open sessions without news for longer than ledger.stale_after.",
     Of<PerAccess>{[](const AccessUsage& u) -> Value { return u.stale_sessions; }}},
    {kAccounting, "usage_accounting_unattributed_sessions", kGauge, kNoUnit,
     "Sessions whose tenant is not known, now.",
     Of<PerSource>{[](const SourceStatus& s) -> Value { return s.unattributed_sessions; }}},
    {kAccounting, "usage_accounting_unattributed_upload_bytes", kGauge, kBytes,
     "Bytes from the subscribers of sessions whose tenant is not known, now.",
     Of<PerSource>{[](const SourceStatus& s) -> Value { return s.unattributed.upload; }}},
    {kAccounting, "usage_accounting_unattributed_download_bytes", kGauge, kBytes,
     "Bytes to the subscribers of sessions whose tenant is not known, now.",
     Of<PerSource>{[](const SourceStatus& s) -> Value { return s.unattributed.download; }}},
    {kAccounting, "usage_accounting_refused_sessions", kGauge, kNoUnit,
     "Sessions that grew faster than a line can carry: not counted until they are plausible again.",
     Of<PerSource>{[](const SourceStatus& s) -> Value { return s.refused_sessions; }}},
    {kAccounting, "usage_accounting_used_difference_bytes_total", kCounter, kBytes,
     "Bytes by which data_used differed from upload + download, since the exporter's start.",
     Of<PerSource>{[](const SourceStatus& s) -> Value { return s.used_difference_bytes; }}},
    {kAccounting, "usage_accounting_invariant_violations", kGauge, kNoUnit,
     "Sessions or days that do not sum to what they are part of, now; more than 0 is a defect.",
     Of<PerExporter>{
         [](const Snapshot& s) -> Value { return s.exporter.ledger.invariant_violations; }}},
    {kAccounting, "usage_accounting_restatements_total", kCounter, kNoUnit,
     "Closed days that were changed, as the audit lists them, over all time.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.ledger.restated_days; }}},

    // --- Where the numbers come from.
    {kSources, "usage_source_info", kInfo, kNoUnit, "The source's type.",
     Of<PerSourceInfo>{[](const SourceStatus&) -> Value { return 1U; }}},
    {kSources, "usage_source_up", kGauge, kNoUnit,
     "1 if the source's last reading was read and booked.",
     Of<PerSource>{[](const SourceStatus& s) -> Value { return s.up; }}},
    {kSources, "usage_source_last_success_timestamp_seconds", kGauge, kSeconds,
     "When the reading began that was booked last.",
     Of<PerSource>{[](const SourceStatus& s) -> Value { return s.last_success; }}},
    {kSources, "usage_source_cycle_duration_seconds", kGauge, kSeconds,
     "How long the last reading took, booking included.",
     Of<PerSource>{[](const SourceStatus& s) -> Value { return s.last_duration_seconds; }}},
    {kSources, "usage_source_cycles_total", kCounter, kNoUnit,
     "Readings tried, since the exporter's start.",
     Of<PerSource>{[](const SourceStatus& s) -> Value { return s.cycles; }}},
    {kSources, "usage_source_errors_total", kCounter, kNoUnit,
     "Readings that failed, since the exporter's start.",
     Of<PerSource>{[](const SourceStatus& s) -> Value { return s.errors; }}},
    {kSources, "usage_source_missed_cycles_total", kCounter, kNoUnit,
     "Intervals left out because a reading took too long, since the exporter's start.",
     Of<PerSource>{[](const SourceStatus& s) -> Value { return s.missed_cycles; }}},
    {kSources, "usage_source_interval_seconds", kGauge, kSeconds,
     "Time from one reading to the next, as configured.",
     Of<PerSource>{[](const SourceStatus& s) -> Value { return Known(s.interval); }}},
    {kSources, "usage_source_open_rows", kGauge, kNoUnit,
     "Rows of open sessions in the last reading.",
     Of<PerSource>{[](const SourceStatus& s) -> Value { return s.open_rows; }}},
    {kSources, "usage_source_changed_rows_total", kCounter, kNoUnit,
     "Changed rows that were booked, since the exporter's start.",
     Of<PerSource>{[](const SourceStatus& s) -> Value { return s.changed_rows; }}},
    {kSources, "usage_source_advice", kGauge, kNoUnit,
     "Pieces of advice about the source's database, as missing indexes; the log has their text.",
     Of<PerSource>{[](const SourceStatus& s) -> Value { return s.advice.size(); }}},
    {kSources, "usage_source_listening", kGauge, kNoUnit,
     "1 if the source listens for changes; absent without sources[].notify.",
     Of<PerSource>{[](const SourceStatus& s) { return Notified(s, s.listening); }}},
    {kSources, "usage_source_notifications_total", kCounter, kNoUnit,
     "Notifications of changes that came, since the exporter's start.",
     Of<PerSource>{[](const SourceStatus& s) { return Notified(s, s.notifications); }}},
    {kSources, "usage_source_woken_readings_total", kCounter, kNoUnit,
     "Readings of the rows that notifications named, since the exporter's start.",
     Of<PerSource>{[](const SourceStatus& s) { return Notified(s, s.woken); }}},
    {kSources, "usage_tenants_up", kGauge, kNoUnit, "1 if the list of tenants was read last time.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.tenants_up; }}},
    {kSources, "usage_tenants_timestamp_seconds", kGauge, kSeconds,
     "When the list of tenants was read last.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.tenants_timestamp; }}},
    {kSources, "usage_tenants_bad_alerts", kGauge, kNoUnit,
     "Tenants whose own alert thresholds have faults: defaults stand in for those.",
     Of<PerExporter>{
         [](const Snapshot& s) -> Value { return s.exporter.tenants_with_bad_alerts; }}},
    {kSources, "usage_tenants_unknown_time_zone", kGauge, kNoUnit,
     "Tenants whose time zone the time zone database lacks: their days are UTC's.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.ledger.unknown_zones; }}},

    // --- The routers; absent where none is configured.
    {kRouters, "usage_router_up", kGauge, kNoUnit, "1 if the router answered the last poll.",
     Of<PerRouter>{[](const RouterStatus& r) { return OfLastPoll(r, r.up); }}},
    {kRouters, "usage_router_info", kInfo, kNoUnit,
     "How the router is polled, and what it says it is.",
     Of<PerRouterInfo>{[](const RouterStatus&) -> Value { return 1U; }}},
    {kRouters, "usage_router_last_success_timestamp_seconds", kGauge, kSeconds,
     "When the router answered last.",
     Of<PerRouter>{[](const RouterStatus& r) -> Value { return r.last_success; }}},
    {kRouters, "usage_router_poll_duration_seconds", kGauge, kSeconds,
     "How long the last poll took.",
     Of<PerRouter>{[](const RouterStatus& r) { return OfLastPoll(r, r.last_duration_seconds); }}},
    {kRouters, "usage_router_polls_total", kCounter, kNoUnit,
     "Polls tried, since the exporter's start.",
     Of<PerRouter>{[](const RouterStatus& r) -> Value { return r.polls; }}},
    {kRouters, "usage_router_poll_errors_total", kCounter, kNoUnit,
     "Polls that failed, since the exporter's start.",
     Of<PerRouter>{[](const RouterStatus& r) -> Value { return r.errors; }}},
    {kRouters, "usage_router_skipped_polls_total", kCounter, kNoUnit,
     "Polls left out because one was under way or there was no room, since the exporter's start.",
     Of<PerRouter>{[](const RouterStatus& r) -> Value { return r.skipped; }}},
    {kRouters, "usage_router_resting", kGauge, kNoUnit,
     "1 if the router failed so often in a row that it is tried rarely.",
     Of<PerRouter>{[](const RouterStatus& r) -> Value { return r.is_resting; }}},
    {kRouters, "usage_router_bad_values_total", kCounter, kNoUnit,
     "Fields of the router's that could not be read, since the exporter's start.",
     Of<PerRouter>{[](const RouterStatus& r) -> Value { return r.bad_values; }}},
    {kRouters, "usage_router_uptime_seconds", kGauge, kSeconds, "Since the router's start.",
     Of<PerRouter>{[](const RouterStatus& r) -> Value { return r.facts.uptime; }}},
    {kRouters, "usage_router_cpu_load_ratio", kGauge, kNoUnit, "Load of the router's CPU, 0 to 1.",
     Of<PerRouter>{[](const RouterStatus& r) -> Value { return r.facts.cpu_load; }}},
    {kRouters, "usage_router_memory_free_bytes", kGauge, kBytes, "Free memory of the router.",
     Of<PerRouter>{[](const RouterStatus& r) -> Value { return r.facts.free_memory; }}},
    {kRouters, "usage_router_memory_total_bytes", kGauge, kBytes, "All memory of the router.",
     Of<PerRouter>{[](const RouterStatus& r) -> Value { return r.facts.total_memory; }}},
    {kRouters, "usage_router_interface_receive_bytes_total", kCounter, kBytes,
     "Bytes that the router received on the interface, as it counts them.",
     Of<PerRouterInterface>{[](const RouterInterface& i) -> Value { return i.receive_bytes; }}},
    {kRouters, "usage_router_interface_transmit_bytes_total", kCounter, kBytes,
     "Bytes that the router sent on the interface, as it counts them.",
     Of<PerRouterInterface>{[](const RouterInterface& i) -> Value { return i.transmit_bytes; }}},
    {kRouters, "usage_router_interface_receive_errors_total", kCounter, kNoUnit,
     "Packets received with errors, as the router counts them.",
     Of<PerRouterInterface>{[](const RouterInterface& i) -> Value { return i.receive_errors; }}},
    {kRouters, "usage_router_interface_transmit_errors_total", kCounter, kNoUnit,
     "Packets that could not be sent for errors, as the router counts them.",
     Of<PerRouterInterface>{[](const RouterInterface& i) -> Value { return i.transmit_errors; }}},
    {kRouters, "usage_router_interface_receive_drops_total", kCounter, kNoUnit,
     "Packets received and dropped, as the router counts them.",
     Of<PerRouterInterface>{[](const RouterInterface& i) -> Value { return i.receive_drops; }}},
    {kRouters, "usage_router_interface_transmit_drops_total", kCounter, kNoUnit,
     "Packets dropped instead of sent, as the router counts them.",
     Of<PerRouterInterface>{[](const RouterInterface& i) -> Value { return i.transmit_drops; }}},
    {kRouters, "usage_router_interface_up", kGauge, kNoUnit, "1 if the interface runs.",
     Of<PerRouterInterface>{[](const RouterInterface& i) -> Value { return i.running; }}},
    {kRouters, "usage_router_interface_link_downs_total", kCounter, kNoUnit,
     "Times that the interface lost its link, as the router counts them.",
     Of<PerRouterInterface>{[](const RouterInterface& i) -> Value { return i.link_downs; }}},
    {kRouters, "usage_routers_up", kGauge, kNoUnit, "1 if the list of routers was read last time.",
     Of<PerExporter>{OfRouterList<&RouterListStatus::up>}},
    {kRouters, "usage_routers_timestamp_seconds", kGauge, kSeconds,
     "When the list of routers was read last.",
     Of<PerExporter>{OfRouterList<&RouterListStatus::timestamp>}},
    {kRouters, "usage_routers_bad_rows", kGauge, kNoUnit,
     "Routers of the list with a fault: left out, or polled as they were before; the log has it.",
     Of<PerExporter>{OfRouterList<&RouterListStatus::bad_rows>}},

    // --- The exporter itself.
    {kExporter, "usage_exporter_build_info", kInfo, kNoUnit, "The exporter's version.",
     Of<PerBuild>{[](const Snapshot&) -> Value { return 1U; }}},
    {kExporter, "usage_exporter_ready", kGauge, kNoUnit,
     "1 once every source has had its first exact cycle.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.ready; }}},
    {kExporter, "usage_exporter_writer", kGauge, kNoUnit,
     "1 if this exporter holds the ledger's lock and writes it.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.ledger.writer; }}},
    {kExporter, "usage_exporter_snapshot_timestamp_seconds", kGauge, kSeconds,
     "When the numbers of this page were put together.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.at; }}},
    {kExporter, "usage_exporter_snapshot_build_duration_seconds", kGauge, kSeconds,
     "How long it took to put together the numbers of this page.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.snapshot_build_seconds; }}},
    {kExporter, "usage_exporter_cycles_total", kCounter, kNoUnit,
     "Snapshots published, since the exporter's start.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.cycles; }}},
    {kExporter, "usage_exporter_cycle_errors_total", kCounter, kNoUnit,
     "Cycles that ended with an unexpected error, since the exporter's start.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.cycle_errors; }}},
    {kExporter, "usage_exporter_ledger_up", kGauge, kNoUnit,
     "1 if the last write to the ledger's database succeeded.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.ledger.up; }}},
    {kExporter, "usage_exporter_ledger_write_duration_seconds", kGauge, kSeconds,
     "How long the last commit to the ledger's database took.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.ledger.write_seconds; }}},
    {kExporter, "usage_exporter_ledger_commits_total", kCounter, kNoUnit,
     "Commits to the ledger's database, since the exporter's start.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.ledger.commits; }}},
    {kExporter, "usage_exporter_ledger_errors_total", kCounter, kNoUnit,
     "Writes to the ledger's database that failed, since the exporter's start.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.ledger.errors; }}},
    {kExporter, "usage_exporter_config_last_reload_successful", kGauge, kNoUnit,
     "1 if the configuration was good when it was last loaded; else the one before is in force.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.config_reload_ok; }}},
    {kExporter, "usage_exporter_config_last_reload_success_timestamp_seconds", kGauge, kSeconds,
     "When a good configuration was loaded last.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.config_reload_success; }}},

    // --- The live push to Grafana; absent where it is not configured.
    {kExporter, "usage_exporter_live_up", kGauge, kNoUnit, "1 if Grafana took the last live frame.",
     Of<PerExporter>{OfLive<&LiveStatus::up>}},
    {kExporter, "usage_exporter_live_orgs", kGauge, kNoUnit,
     "Orgs in Grafana that get live frames.", Of<PerExporter>{OfLive<&LiveStatus::orgs>}},
    {kExporter, "usage_exporter_live_frames_total", kCounter, kNoUnit,
     "Live frames that Grafana took, since the exporter's start.",
     Of<PerExporter>{OfLive<&LiveStatus::frames>}},
    {kExporter, "usage_exporter_live_dropped_frames_total", kCounter, kNoUnit,
     "Live frames that gave way to a newer one before their push, since the exporter's start.",
     Of<PerExporter>{OfLive<&LiveStatus::dropped_frames>}},
    {kExporter, "usage_exporter_live_errors_total", kCounter, kNoUnit,
     "Live pushes that failed, since the exporter's start.",
     Of<PerExporter>{OfLive<&LiveStatus::errors>}},
    {kExporter, "usage_exporter_live_push_seconds_total", kCounter, kSeconds,
     "Time spent in live pushes, all connections together, since the exporter's start.",
     Of<PerExporter>{OfLive<&LiveStatus::push_seconds>}},
    {kExporter, "usage_exporter_live_last_success_timestamp_seconds", kGauge, kSeconds,
     "When Grafana took a live frame last.", Of<PerExporter>{OfLive<&LiveStatus::last_success>}},

    // --- Filling the panel's table of sessions; absent where it is not configured.
    {kExporter, "usage_exporter_write_back_writer", kGauge, kNoUnit,
     "1 if this exporter fills the panel's table; 0 while another one does.",
     Of<PerExporter>{OfWriteBack<&WriteBackStatus::is_writer>}},
    {kExporter, "usage_exporter_write_back_rows_total", kCounter, kNoUnit,
     "Rows of the panel that were changed, since the exporter's start.",
     Of<PerExporter>{OfWriteBack<&WriteBackStatus::rows>}},
    {kExporter, "usage_exporter_write_back_errors_total", kCounter, kNoUnit,
     "Looks at the panel's table and batches that failed, since the exporter's start.",
     Of<PerExporter>{OfWriteBack<&WriteBackStatus::errors>}},
    {kExporter, "usage_exporter_write_back_unmatched_rows", kGauge, kNoUnit,
     "Open rows of the panel that no router's row is for certain, at the last look.",
     Of<PerExporter>{OfWriteBack<&WriteBackStatus::unmatched_rows>}},
    {kExporter, "usage_exporter_write_back_last_success_timestamp_seconds", kGauge, kSeconds,
     "When the panel had last got all that there was to write.",
     Of<PerExporter>{OfWriteBack<&WriteBackStatus::last_success>}},

    // --- The process, by the names that every Prometheus client library gives.
    {kProcess, "process_cpu_seconds_total", kCounter, kSeconds,
     "Total user and system CPU time spent in seconds.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.cpu_seconds; }}},
    {kProcess, "process_open_fds", kGauge, kNoUnit, "Number of open file descriptors.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.open_fds; }}},
    {kProcess, "process_resident_memory_bytes", kGauge, kBytes, "Resident memory size in bytes.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.resident_bytes; }}},
    {kProcess, "process_start_time_seconds", kGauge, kSeconds,
     "Start time of the process since unix epoch in seconds.",
     Of<PerExporter>{[](const Snapshot& s) -> Value { return s.exporter.started; }}},
};

constexpr Family kHistoryFamilies[] = {
    {kHistory, "usage_day_upload_bytes", kGauge, kBytes,
     "Bytes from the tenant's subscribers on a closed local day, one of the last 31.",
     Of<PerDay>{[](const DatedVolume& d) -> Value { return d.volume.upload; }}},
    {kHistory, "usage_day_download_bytes", kGauge, kBytes,
     "Bytes to the tenant's subscribers on a closed local day, one of the last 31.",
     Of<PerDay>{[](const DatedVolume& d) -> Value { return d.volume.download; }}},
    {kHistory, "usage_past_month_upload_bytes", kGauge, kBytes,
     "Bytes from the tenant's subscribers in a closed billing month, one of the last 13.",
     Of<PerMonth>{[](const DatedVolume& m) -> Value { return m.volume.upload; }}},
    {kHistory, "usage_past_month_download_bytes", kGauge, kBytes,
     "Bytes to the tenant's subscribers in a closed billing month, one of the last 13.",
     Of<PerMonth>{[](const DatedVolume& m) -> Value { return m.volume.download; }}},
    {kHistory, "usage_month_curve_bytes", kGauge, kBytes,
     "Bytes in both directions since the billing month began, up to the end of its nth day.",
     Of<PerCurveDay>{[](const CurvePoint& p) -> Value { return p.bytes; }}},
    {kHistory, "usage_history_timestamp_seconds", kGauge, kSeconds,
     "When these numbers were read from the ledger's tables.",
     Of<PerHistory>{[](const History& h) -> Value { return h.read_at; }}},
};

// Exposition writes a line's number before its name and labels.
constexpr bool HasRoom(const Family& f) {
  return f.name.size() + std::string_view(" ").size() >= kDecimalScratch;
}
static_assert(std::all_of(std::begin(kFamilies), std::end(kFamilies), HasRoom));
static_assert(std::all_of(std::begin(kHistoryFamilies), std::end(kHistoryFamilies), HasRoom));

}  // namespace

std::string_view TypeName(Type type) {
  switch (type) {
    case Type::kCounter:
      return "counter";
    case Type::kGauge:
      return "gauge";
    case Type::kInfo:
      return "info";
  }
  return "unknown";
}

std::span<const Family> Catalogue() { return kFamilies; }
std::span<const Family> HistoryCatalogue() { return kHistoryFamilies; }

std::span<const std::string_view> LabelNames(const Family& family) {
  return std::visit(
      []<typename S>(const Of<S>&) -> std::span<const std::string_view> { return S::kLabels; },
      family.reader);
}

}  // namespace usage
