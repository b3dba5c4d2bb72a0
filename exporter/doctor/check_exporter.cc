// The process usage_exporter, as its own page shows it.
#include "doctor/amounts.h"
#include "doctor/checks.h"

namespace usage::doctor {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr double kStaleSnapshot = 60;       // seconds; a cycle is 5
constexpr double kManyMissedCycles = 0.01;  // of all

// A gauge that is 1 when all is well.
struct Light {
  const char* metric;
  const char* subject;
  const char* broken;
  const char* remedy;
};

constexpr Light kLights[] = {
    {"usage_exporter_ready", "ready", "a source had no exact cycle yet", "see Sources above"},
    {"usage_exporter_ledger_up", "writes", "the last write to the ledger failed",
     "see Ledger below, and the exporter's log"},
    {"usage_tenants_up", "tenants", "the list of tenants can't be read",
     "the exporter's log has the reason; the tenants known so far stay"},
    {"usage_exporter_config_last_reload_successful", "reload",
     "the last configuration was bad, the one before is in force",
     "usage_exporter --check-config says what is wrong"},
};

void LookAtLights(const MetricsPage& page, Notes& notes) {
  size_t dark = 0;
  for (const Light& light : kLights) {
    if (page.Value(light.metric).value_or(1) == 1) continue;
    notes.Broken(light.subject, light.broken, light.remedy);
    ++dark;
  }
  if (dark == 0) notes.Good("state", "ready, writes its ledger, reads its tenants and its file");
}

void LookAtSnapshot(const House& house, const MetricsPage& page, Notes& notes) {
  const double made = page.Value("usage_exporter_snapshot_timestamp_seconds").value_or(0);
  const Seconds age(UnixSeconds(house.now()) - made);
  if (age.count() <= kStaleSnapshot) return notes.Good("snapshot", Span(age) + " old");
  notes.Broken("snapshot", made == 0 ? "there is none" : Span(age) + " old",
               "numbers stand still: the log of usage_exporter has the reason");
}

void LookAtCycles(const MetricsPage& page, Notes& notes) {
  const double all = page.Sum("usage_source_cycles_total");
  const double missed = page.Sum("usage_source_missed_cycles_total");
  const double failed = page.Sum("usage_exporter_cycle_errors_total");
  if (failed > 0) {
    notes.Broken("cycles", Count(static_cast<uint64_t>(failed)) + " ended with an error",
                 "a defect: the log of usage_exporter has it");
  }
  const std::string seen = Count(static_cast<uint64_t>(missed)) + " of " +
                           Count(static_cast<uint64_t>(missed + all)) + " left out since its start";
  if (missed <= kManyMissedCycles * (missed + all)) return notes.Good("cycles", seen);
  notes.Warn("cycles", seen,
             "readings take longer than their interval: see Billing tables, or raise "
             "sources[].interval");
}

void LookAtStrangers(const MetricsPage& page, Notes& notes) {
  const double strangers = page.Sum("usage_accounting_unattributed_sessions");
  if (strangers == 0) return;
  notes.Warn("unattributed",
             Count(static_cast<uint64_t>(strangers), "session") +
                 " of tenants that nobody knows, " +
                 Bytes(page.Sum("usage_accounting_unattributed_upload_bytes") +
                       page.Sum("usage_accounting_unattributed_download_bytes")),
             "add the tenants to the list that `tenants` reads; their bytes are then booked on the "
             "days on which they flowed");
}

}  // namespace

void CheckExporter(const House& house, Notes& notes) {
  if (!house.doctor().exporter) return notes.NotChecked("usage_exporter", "doctor.exporter_url");
  const MetricsPage& page = house.ExporterPage();
  LookAtLights(page, notes);
  LookAtSnapshot(house, page, notes);
  LookAtCycles(page, notes);
  LookAtStrangers(page, notes);
}

}  // namespace usage::doctor
