#include "tests/api/sample_snapshot.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <string>

namespace usage::testing {
namespace {

// What somebody will call a tenant one day, on purpose or not.
const std::string kNastyNames[] = {
    "<img src=x onerror=\"document.title='owned'\">",
    "</script><script>document.title='owned'</script>",
    "\xD8\xB4\xD8\xA8\xD9\x83\xD8\xA9 \xD8\xA7\xD9\x84\xD9\x86\xD9\x88\xD8\xB1 (Nour)",
    std::string("\xE2\x80\xAE") + "desrever si siht",  // right-to-left override
    "Caf\xE9 Lumi\xE8re",                              // ISO 8859-1
    "\xF0\x9F\x8F\x9D\xEF\xB8\x8F Beach \xF0\x9F\xA4\x99 \xE6\xB2\x96\xE7\xB8\x84",
    std::string(300, 'W') + " is a long name",
    std::string("nul\0in\x01side\nand\ta line", 22),
    "&lt;b&gt;quoted &amp; \"twice\" 'over'",
    "   ",
};

const char* const kWords[] = {"Harbour",  "Sunrise", "Kilima", "Baobab", "Riverside", "Acacia",
                              "Lakeview", "Summit",  "Coral",  "Palm",   "Granite",   "Meadow"};
const char* const kKinds[] = {"Hotel", "Estate", "Net", "Lodge", "Wireless", "Plaza", "Court"};
const char* const kPlans[] = {"Fibre 100", "Hotspot", "Business", "Starter", ""};

// The same for the same seed: 0 up to 1.
double Fraction(uint64_t seed) {
  seed = (seed + 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9;
  seed = (seed ^ (seed >> 27)) * 0x94D049BB133111EB;
  return static_cast<double>((seed ^ (seed >> 31)) >> 11) / 9007199254740992.0;
}

std::string NameOf(uint64_t i, SampleNames names) {
  if (names == SampleNames::kNasty && i < std::size(kNastyNames)) return kNastyNames[i];
  std::string name = kWords[static_cast<size_t>(Fraction(i) * std::size(kWords))];
  name += std::string(" ") + kKinds[static_cast<size_t>(Fraction(i + 7'000) * std::size(kKinds))];
  return name + " " + std::to_string(i);
}

std::string IdOf(uint64_t i) {
  char id[40];
  auto bits = [&](uint64_t salt) { return static_cast<unsigned>(Fraction(i + salt) * 65536.0); };
  std::snprintf(id, sizeof(id), "%08x-%04x-4%03x-9%03x-%012llx",
                static_cast<unsigned>(Fraction(i + 5'000) * 4294967295.0), bits(1), bits(2) & 0xFFF,
                bits(3) & 0xFFF, static_cast<unsigned long long>(i));
  return id;
}

uint64_t Rounded(double value) { return static_cast<uint64_t>(value); }

// 13 % upload, as real subscribers have it.
Volume Split(double bytes) { return {Rounded(bytes * 0.13), Rounded(bytes * 0.87)}; }

AccessUsage UsageOf(uint64_t i, uint64_t access, int64_t seconds) {
  bool rare = i % 7 == 3;
  int64_t offset = static_cast<int64_t>(i * 13 % 300);
  int64_t moved = rare ? (seconds + offset) / 300 * 300 - offset : seconds;
  uint64_t seed = 2 * i + access;
  double sessions =
      std::ceil(900 * std::pow(static_cast<double>(i) + 1, -0.62) * (access ? 0.6 : 1));
  double wave = 40 * std::sin(static_cast<double>(moved) / 47 + static_cast<double>(i));
  double rate = sessions * (6e4 + 9e4 * Fraction(seed + 11'000));  // bytes a second
  double flowed = rate * (static_cast<double>(moved) + wave + 400);
  AccessUsage usage;
  usage.today = Split(rate * 30'000 + flowed);
  usage.month = usage.today + Split(rate * 86'400 * 6);
  usage.total = usage.month + Split(rate * 86'400 * 40);
  usage.sessions =
      Rounded(sessions) + static_cast<uint64_t>(seconds / 5 + static_cast<int64_t>(i)) % 5;
  usage.sessions_started = usage.sessions + 1000;
  usage.sessions_ended = 1000;
  usage.stale_sessions = i % 31 == 5 ? 2 : 0;
  usage.data_timestamp = SampleBeginning() + std::chrono::seconds(moved - (rare ? 0 : 2));
  return usage;
}

TenantUsage TenantOf(uint64_t i, int64_t seconds, SampleNames names) {
  TenantUsage tenant;
  tenant.id = IdOf(i);
  tenant.name = NameOf(i, names);
  tenant.plan = kPlans[i % std::size(kPlans)];
  tenant.time_zone = "Africa/Nairobi";
  if (i % 50 == 49) return tenant;
  if (i % 5 != 4) tenant.access[0] = UsageOf(i, 0, seconds);
  if (i % 3 != 1) tenant.access[1] = UsageOf(i, 1, seconds);
  if (i % 4 != 0 || !(tenant.access[0] || tenant.access[1])) return tenant;
  double month = 0;
  for (const auto& usage : tenant.access)
    if (usage) month += static_cast<double>(usage->month.sum());
  tenant.quota_bytes = Rounded(month / (0.2 + 0.9 * Fraction(i + 21'000)));
  return tenant;
}

SourceStatus SourceOf(std::string name, std::string type, int64_t seconds, uint64_t open) {
  SourceStatus source;
  source.name = std::move(name);
  source.type = std::move(type);
  source.up = true;
  source.interval = std::chrono::seconds(5);
  source.last_success = SampleBeginning() + std::chrono::seconds(seconds) - Duration(90'000);
  source.last_duration_seconds = 0.083;
  source.cycles = static_cast<uint64_t>(seconds) / 5 + 17'280;
  source.open_rows = open;
  source.changed_rows = source.cycles * 400;
  source.cases = {{"negative_counter", 0},
                  {"used_disagrees", 41 + static_cast<uint64_t>(seconds)},
                  {"odd_status", 3}};
  return source;
}

ExporterStatus ExporterOf(int64_t seconds) {
  ExporterStatus exporter;
  exporter.version = "0.1.0";
  exporter.revision = "6407c91";
  exporter.started = SampleBeginning() - std::chrono::hours(24);
  exporter.ledger.writer = exporter.ledger.up = exporter.tenants_up = true;
  exporter.tenants_timestamp = SampleBeginning() + std::chrono::seconds(seconds / 60 * 60);
  exporter.ledger.write_seconds = 0.0124;
  exporter.cycles = exporter.ledger.commits = static_cast<uint64_t>(seconds) / 5 + 17'280;
  exporter.snapshot_build_seconds = 0.0031;
  exporter.ledger.restated_days = 12;
  exporter.cpu_seconds = 131.5;
  exporter.resident_bytes = 48'300'000;
  exporter.open_fds = 31;
  return exporter;
}

}  // namespace

Instant SampleBeginning() { return FromUnixMicros(1'795'421'600'000'000); }

Snapshot SampleSnapshot(int count, int64_t seconds, SampleNames names) {
  Snapshot snapshot;
  snapshot.at = SampleBeginning() + std::chrono::seconds(seconds);
  snapshot.ready = true;
  snapshot.exporter = ExporterOf(seconds);
  snapshot.sources = {SourceOf("panel", "user_sessions", seconds, 38'112),
                      SourceOf("radius", "radacct", seconds, 11'904)};
  for (int i = 0; i < count; ++i)
    snapshot.tenants.push_back(TenantOf(static_cast<uint64_t>(i), seconds, names));
  return snapshot;
}

}  // namespace usage::testing
