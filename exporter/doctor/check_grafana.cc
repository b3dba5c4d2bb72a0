// Whether Grafana runs. Whether it is closed: `usagectl grafana check`.
#include <nlohmann/json.hpp>

#include "doctor/checks.h"

namespace usage::doctor {

void CheckGrafanaHealth(const House& house, Notes& notes) {
  if (!house.config().grafana) return notes.NotChecked("Grafana", "grafana.url");
  const auto health =
      nlohmann::json::parse(house.Get(house.config().grafana->url, "/api/health"), nullptr, false);
  const std::string version = health.is_object() ? health.value("version", "") : "";
  if (version.empty()) {
    return notes.Broken("Grafana", "its answer to /api/health is none of Grafana's",
                        "is grafana.url right?");
  }
  if (health.value("database", "") != "ok") {
    notes.Broken("database", "Grafana says " + health.value("database", ""),
                 "its log has the reason");
  }
  if (version.starts_with("12.")) return notes.Good("Grafana", version + " is healthy");
  notes.Warn("Grafana", "version " + version, "the dashboards and usagectl are made for 12.x");
}

}  // namespace usage::doctor
