// One moment of everything that is shown: what /metrics, the landing page and the event stream
// are made from. Built once a cycle, never changed afterwards, shared between threads.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/alert_thresholds.h"
#include "core/router_reading.h"
#include "core/types.h"
#include "ledger/forecast.h"

namespace usage {

// Bytes a second, now.
struct LiveRate {
  double upload = 0;
  double download = 0;

  friend bool operator==(const LiveRate&, const LiveRate&) = default;
};

// What routers add to accounting's numbers. In no other total.
struct LiveUsage {
  Volume
      total;  // since the exporter's start: accounting's growth, carried on by routers; monotonic
  Volume carry;  // counted by routers since accounting's last word, now
  Volume held;   // `total` is so far ahead of accounting, and stands still until that has passed
  uint64_t sessions = 0;  // that a router carries on, now
  LiveRate rate;
};

// Router minus accounting.
struct Drift {
  std::string_view cause;  // a literal
  double upload_bytes = 0;
  double download_bytes = 0;
};

// Of one tenant by one access at one router, over one span.
struct DriftRow {
  std::string router;
  std::string_view span;      // a literal: "today", or "closed" since the exporter's start
  std::vector<Drift> causes;  // every cause, zero included
  Volume router_bytes;        // of the sessions compared
  Volume accounting_bytes;
};

struct SubscriberUsage {
  std::string name;  // raw bytes of the database; made valid where it is shown
  Volume today;
  Volume month;
  uint64_t sessions = 0;                        // open now
  std::optional<LiveRate> rate = std::nullopt;  // none: no router tells

  friend bool operator==(const SubscriberUsage&, const SubscriberUsage&) = default;
};

// One tenant's usage by one access. Absent (no value) until the tenant's first session of that
// access: "no data" and "0" are different things.
struct AccessUsage {
  Volume total;                           // monotonic for ever
  Volume today;                           // the tenant's own local day
  Volume month;                           // the tenant's own billing month
  Volume late;                            // of the total: booked on days that were closed already
  uint64_t sessions = 0;                  // open now
  uint64_t sessions_started = 0;          // for ever
  uint64_t sessions_ended = 0;            // for ever
  uint64_t stale_sessions = 0;            // open, without news for longer than ledger.stale_after
  std::optional<Instant> data_timestamp;  // the newest accounting data
  // The top N by this month's bytes, largest first; together with `other` they sum to today and
  // month and sessions above. `other` holds everybody else, anybody literally named "other"
  // included.
  std::vector<SubscriberUsage> top;
  SubscriberUsage other;
  std::optional<LiveUsage> live;  // none: no router has carried a session of it since the start
  std::vector<DriftRow> drift;
};

struct TenantUsage {
  std::string id;
  std::string name;
  std::string plan;
  std::string time_zone;
  std::optional<uint64_t> quota_bytes;
  Forecast forecast;
  AlertThresholds alerts{};      // those of a quota count only where there is one
  Instant today_start;           // the local midnight before now
  Instant month_start;           // the local midnight of the last billing day
  Instant month_end;             // and of the next one
  Duration time_zone_offset{0};  // local time minus UTC, now
  std::array<std::optional<AccessUsage>, kAccessCount> access;  // by Access
};

struct CaseCount {
  std::string_view name;  // a literal
  uint64_t count = 0;     // since the exporter's start
};

struct SourceStatus {
  std::string name;
  std::string type;                     // "user_sessions", "radacct"
  bool up = false;                      // the last reading was read and booked
  Duration interval{0};                 // from one reading to the next, as configured; 0: not known
  std::optional<Instant> last_success;  // when the reading that was booked last began
  double last_duration_seconds = 0;     // reading and booking
  uint64_t cycles = 0;                  // readings tried
  uint64_t errors = 0;                  // readings that failed
  uint64_t missed_cycles = 0;           // intervals skipped because a reading took too long
  std::string last_error;               // "" when up; names remedy, holds no secret
  std::optional<Instant> last_error_at;
  bool notify = false;  // listening for changes is configured
  bool listening = false;
  uint64_t notifications = 0;  // since start
  uint64_t woken = 0;          // readings of rows by key, since start
  uint64_t open_rows = 0;
  uint64_t changed_rows = 0;           // observations booked since start
  uint64_t unattributed_sessions = 0;  // sessions of unknown tenants, now
  Volume unattributed;                 // their bytes, now
  uint64_t refused_sessions = 0;       // sessions whose growth is implausible, now
  uint64_t used_difference_bytes = 0;  // since start
  std::vector<CaseCount> cases;        // every case, zero included
  std::vector<std::string> advice;     // missing indexes and the like, with the remedy
};

// A router's bytes that are no session's, or not for certain.
struct UnattributedRows {
  std::string_view reason;  // a literal: "unmatched" or "ambiguous"
  uint64_t rows = 0;        // in the last reading
  Volume bytes;             // grown since the exporter's start
};

struct RouterStatus {
  std::string name;
  std::string tenant;       // "": several tenants'
  std::string protocol;     // "routeros_rest", "routeros_api", "snmp"
  bool up = false;          // the last poll succeeded
  bool is_resting = false;  // the circuit breaker is open: it is tried rarely
  uint64_t polls = 0;       // tried since start
  uint64_t errors = 0;      // of these, failed
  uint64_t skipped = 0;     // intervals without a poll: one was under way, or all threads busy
  double last_duration_seconds = 0;
  std::optional<Instant> last_success;
  std::string last_error;   // "" when up; names the remedy, holds no secret
  uint64_t bad_values = 0;  // since start
  RouterFacts facts;
  std::vector<RouterInterface> interfaces;
  std::array<uint64_t, kAccessCount> rows{};     // of subscribers in the last reading
  std::array<uint64_t, kAccessCount> matched{};  // of these, a session's
  std::vector<CaseCount> lies;                   // every way to lie, zero included; since start
  std::vector<UnattributedRows> unattributed;    // both reasons
};

// The list of routers, wherever it comes from.
struct RouterListStatus {
  bool up = false;                   // it was read last time
  std::string error;                 // "" when up
  std::optional<Instant> timestamp;  // when it was read last
  uint64_t bad_rows = 0;             // these routers are left out, or polled as they were
};

struct LedgerStatus {
  bool writer = false;                // holds the ledger's lock
  bool up = false;                    // the last write to the ledger's database succeeded
  std::string error;                  // "" when up
  uint64_t errors = 0;                // since start
  double write_seconds = 0;           // the last commit
  uint64_t commits = 0;               // since start
  uint64_t invariant_violations = 0;  // sessions or days that do not sum, now
  uint64_t restated_days = 0;         // lines of the audit, for ever
  uint64_t unknown_zones = 0;         // tenants whose zone the time zone database lacks
};

// The live push to Grafana, since the exporter's start or the last change of its configuration.
struct LiveStatus {
  std::optional<bool> up;       // Grafana took the last frame; none: there was none yet
  uint64_t orgs = 0;            // that get frames, now
  uint64_t frames = 0;          // taken
  uint64_t dropped_frames = 0;  // gave way to a newer one before they were pushed
  uint64_t errors = 0;          // pushes that failed
  double push_seconds = 0;      // of all pushes together
  std::optional<Instant> last_success;
};

// Filling the panel's table, since the exporter's start or the last change of its configuration.
struct WriteBackStatus {
  bool is_writer = false;       // no other exporter does it
  uint64_t rows = 0;            // changed
  uint64_t errors = 0;          // looks and batches that failed
  uint64_t unmatched_rows = 0;  // open in the panel, and no router's for certain, at the last look
  std::optional<Instant> last_success;  // the panel had all that was to be written
};

struct ExporterStatus {
  std::string version;
  std::string revision;
  Instant started;
  LedgerStatus ledger;
  uint64_t cycles = 0;        // snapshots published
  uint64_t cycle_errors = 0;  // exceptions caught at the end of a cycle
  double snapshot_build_seconds = 0;
  bool config_reload_ok = true;
  std::optional<Instant> config_reload_success;
  bool tenants_up = false;
  std::string tenants_error;
  std::optional<Instant> tenants_timestamp;   // when the list of tenants was read last
  uint64_t tenants_with_bad_alerts = 0;       // their own thresholds have faults
  std::optional<LiveStatus> live;             // none: not configured
  std::optional<WriteBackStatus> write_back;  // none: not configured
  double cpu_seconds = 0;
  uint64_t resident_bytes = 0;
  uint64_t open_fds = 0;
};

struct Snapshot {
  Instant at;          // when it was made
  bool ready = false;  // every source has had its first exact cycle
  ExporterStatus exporter;
  std::vector<SourceStatus> sources;
  std::vector<RouterStatus> routers;            // by name
  std::optional<RouterListStatus> router_list;  // none: not configured
  std::vector<TenantUsage> tenants;             // sorted by id
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace usage
