#include "tests/metrics/handmade.h"

namespace usage {
namespace {

constexpr Instant At(int64_t seconds, int64_t micros = 0) {
  return FromUnixMicros(seconds * 1'000'000 + micros);
}

AccessUsage BlueHotspot() {
  AccessUsage usage;
  usage.total = {(uint64_t{1} << 53) + 1, UINT64_MAX};  // a double has neither
  usage.today = {1'300, 8'700};
  usage.month = {130'000, 870'000};
  usage.late = {13, 87};
  usage.sessions = 3;
  usage.sessions_started = 40;
  usage.sessions_ended = 37;
  usage.stale_sessions = 1;
  usage.data_timestamp = At(1'795'420'800, 250'000);
  usage.top = {{"AA:BB:CC:00:00:01", {1'000, 8'000}, {100'000, 800'000}, 1},
               {"voucher-7", {200, 500}, {20'000, 50'000}, 0}};
  usage.other = {"", {100, 200}, {10'000, 20'000}, 2};
  usage.top[0].rate = LiveRate{125.5, 4'000};
  usage.other.rate = LiveRate{0, 12.25};
  usage.live = LiveUsage{{5'000, 60'000}, {70, 800}, {9, 10}, 2, {125.5, 4'012.25}};
  usage.drift = {{"harbour",
                  "closed",
                  {{"headers", 12, 130}, {"unseen", -7, -80}},
                  {1'012, 8'130},
                  {1'007, 8'080}},
                 {"harbour", "today", {{"headers", 0, 0}, {"unseen", 0, 0}}, {}, {}}};
  return usage;
}

// No traffic yet: zeros, which are something else than no data.
AccessUsage BluePppoe() {
  AccessUsage usage;
  usage.sessions = 1;
  usage.sessions_started = 1;
  usage.other.sessions = 1;
  usage.data_timestamp = At(1'795'420'799, 999'999);
  return usage;
}

AccessUsage OddPppoe() {
  AccessUsage usage;
  usage.total = {10, 20};
  usage.today = {6, 16};
  usage.month = {6, 16};
  // Two broken names that look the same once repaired, and one with all that must be escaped.
  usage.top = {{"caf\xE9", {1, 2}, {1, 2}},
               {"caf\xE8", {2, 4}, {2, 4}},
               {"a\"b\\c\nd\te", {3, 10}, {3, 10}}};
  return usage;
}

TenantUsage Blue() {
  TenantUsage tenant;
  tenant.id = "0f8fad5b-d9cb-469f-a165-70867728950e";
  tenant.name = "Blue Estate";
  tenant.plan = "estate-50";
  tenant.time_zone = "Africa/Nairobi";
  tenant.quota_bytes = 5'000'000'000'000;
  tenant.forecast = {5'500'000'000'000, At(1'795'905'000, 125'000)};
  tenant.alerts = DefaultAlertThresholds();
  tenant.today_start = At(1'795'381'200);
  tenant.month_start = At(1'793'480'400);
  tenant.month_end = At(1'796'072'400);
  tenant.time_zone_offset = std::chrono::hours(3);
  tenant.access = {BlueHotspot(), BluePppoe()};
  return tenant;
}

// No quota, no plan, no hotspot; no forecast.
TenantUsage Odd() {
  TenantUsage tenant;
  tenant.id = "7";
  tenant.name = "Caf\xC3\xA9 \"Zur \\ Post\"\xFF";
  tenant.time_zone = "America/St_Johns";
  tenant.alerts = DefaultAlertThresholds();
  tenant.alerts[6] = std::nullopt;  // off
  tenant.today_start = At(1'795'404'600);
  tenant.month_start = At(1'793'500'200);
  tenant.month_end = At(1'796'095'800);
  tenant.time_zone_offset = -std::chrono::minutes(210);
  tenant.access = {std::nullopt, OddPppoe()};
  return tenant;
}

SourceStatus Panel() {
  SourceStatus source;
  source.name = "panel";
  source.type = "user_sessions";
  source.up = true;
  source.last_success = At(1'795'420'804);
  source.last_duration_seconds = 0.037;
  source.interval = std::chrono::seconds(5);
  source.cycles = 100;
  source.errors = 2;
  source.missed_cycles = 1;
  source.open_rows = 4;
  source.changed_rows = 1'234;
  source.unattributed_sessions = 2;
  source.unattributed = {11, 22};
  source.refused_sessions = 1;
  source.used_difference_bytes = 33;
  source.cases = {{"reset", 0}, {"wrapped", 5}};
  source.advice = {"CREATE INDEX …"};
  source.notify = source.listening = true;
  source.notifications = 17;
  source.woken = 15;
  return source;
}

// Never read with success.
SourceStatus Radius() {
  SourceStatus source;
  source.name = "radius";
  source.type = "radacct";
  source.cycles = 100;
  source.errors = 100;
  source.last_error = "no connection: never on the page";
  return source;
}

RouterStatus Harbour() {
  RouterStatus router;
  router.name = "harbour-1";
  router.tenant = "0f8fad5b-d9cb-469f-a165-70867728950e";
  router.protocol = "routeros_rest";
  router.up = true;
  router.polls = 500;
  router.errors = 3;
  router.skipped = 2;
  router.last_duration_seconds = 0.018;
  router.last_success = At(1'795'420'803, 500'000);
  router.bad_values = 1;
  router.facts = {"Harbour", "7.16.1 (stable)", "RB5009",     std::chrono::hours(50),
                  0.07,      700'000'000,       1'073'741'824};
  router.interfaces = {{"ether1", true, UINT64_MAX, 2'000, 1, 0, 7, 0, 4},
                       {"caf\xE9", false, 5, {}, {}, {}, {}, {}, {}}};
  router.rows = {12, 30};
  router.matched = {11, 30};
  router.lies = {{"counter_fell", 2}, {"name_swapped", 0}};
  router.unattributed = {{"unmatched", 1, {300, 4'000}}, {"ambiguous", 0, {}}};
  return router;
}

// Never answered: nothing is known of it.
RouterStatus Dead() {
  RouterStatus router;
  router.name = "core";
  router.protocol = "snmp";
  router.is_resting = true;
  router.polls = router.errors = 12;
  router.last_duration_seconds = 4;
  router.last_error = "no answer: never on the page";
  return router;
}

ExporterStatus Status() {
  ExporterStatus status;
  status.version = "1.2.3";
  status.revision = "abc1234";
  status.started = At(1'795'420'000, 500'000);
  status.ledger.writer = true;
  status.ledger.up = true;
  status.ledger.errors = 1;
  status.ledger.write_seconds = 0.0125;
  status.ledger.commits = 99;
  status.cycles = 101;
  status.cycle_errors = 0;
  status.snapshot_build_seconds = 0.00025;
  status.ledger.invariant_violations = 0;
  status.ledger.restated_days = 4;
  status.config_reload_success = At(1'795'420'001);
  status.tenants_up = true;
  status.tenants_timestamp = At(1'795'420'790);
  status.tenants_with_bad_alerts = 1;
  status.live = LiveStatus{true, 3, 1200, 4, 5, 6.25, At(1'795'421'599)};
  status.write_back = WriteBackStatus{true, 77, 2, 5, At(1'795'421'590)};
  status.cpu_seconds = 12.5;
  status.resident_bytes = 33'554'432;
  status.open_fds = 17;
  return status;
}

}  // namespace

Snapshot HandmadeSnapshot() {
  Snapshot snapshot;
  snapshot.at = At(1'795'420'805, 1);
  snapshot.ready = true;
  snapshot.exporter = Status();
  snapshot.sources = {Panel(), Radius()};
  snapshot.tenants = {Blue(), Odd()};
  snapshot.routers = {Dead(), Harbour()};
  snapshot.router_list = RouterListStatus{true, "", At(1'795'420'780), 1};
  return snapshot;
}

std::string FreshPage(const Snapshot& snapshot, Format format) {
  std::string page;
  Exposition().Render(snapshot, format, page);
  return page;
}

}  // namespace usage
