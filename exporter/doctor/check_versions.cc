// One release everywhere.
#include "core/version.h"
#include "doctor/checks.h"

namespace usage::doctor {
namespace {

std::string Version(const MetricsPage& page, const std::string& metric) {
  return page.Label(metric, "version") + " (" + page.Label(metric, "revision") + ")";
}

void Compare(const std::string& program, const std::string& version, Notes& notes) {
  const std::string ours = std::string(kVersion) + " (" + kRevision + ")";
  if (version == ours) return notes.Good(program, version + ", as this usagectl");
  notes.Warn(program, version + ", and this usagectl is " + ours,
             "install one release everywhere and restart " + program);
}

using PageOf = const MetricsPage& (House::*)() const;

void Ask(const House& house, const char* program, PageOf page, const char* metric, Notes& notes) {
  try {
    Compare(program, Version((house.*page)(), metric), notes);
  } catch (const Silence& silence) {
    notes.Warn(program, silence.what(), "without an answer its version can't be seen");
  }
}

}  // namespace

void CheckVersions(const House& house, Notes& notes) {
  if (house.doctor().exporter) {
    Ask(house, "usage_exporter", &House::ExporterPage, "usage_exporter_build_info", notes);
  } else {
    notes.NotChecked("usage_exporter", "doctor.exporter_url");
  }
  if (house.doctor().gateway_metrics) {
    Ask(house, "usage_gateway", &House::GatewayPage, "usage_gateway_build_info", notes);
  } else {
    notes.NotChecked("usage_gateway", "doctor.gateway_metrics_url");
  }
}

}  // namespace usage::doctor
