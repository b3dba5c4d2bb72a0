// Whether Grafana runs. Whether it is closed: `usagectl grafana check`.
#include <nlohmann/json.hpp>

#include "doctor/checks.h"

namespace usage::doctor {
namespace {

// hide_version, which config/grafana.ini has, keeps it from who has not signed in.
void NoteVersion(const std::string& version, Notes& notes) {
  if (version.empty()) return notes.Good("Grafana", "is healthy, and hides its version");
  if (version.starts_with("12.")) return notes.Good("Grafana", version + " is healthy");
  notes.Warn("Grafana", "version " + version, "the dashboards and usagectl are made for 12.x");
}

}  // namespace

void CheckGrafanaHealth(const House& house, Notes& notes) {
  if (!house.config().grafana) return notes.NotChecked("Grafana", "grafana.url");
  const auto health =
      nlohmann::json::parse(house.Get(house.config().grafana->url, "/api/health"), nullptr, false);
  if (!health.is_object() || !health.contains("database")) {
    return notes.Broken("Grafana", "its answer to /api/health is none of Grafana's",
                        "is grafana.url right?");
  }
  if (health.value("database", "") != "ok") {
    notes.Broken("database", "Grafana says " + health.value("database", ""),
                 "its log has the reason");
  }
  NoteVersion(health.value("version", ""), notes);
}

}  // namespace usage::doctor
