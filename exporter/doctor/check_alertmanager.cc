// Alertmanager: does it run, with a good configuration, and do its messages arrive.
#include <nlohmann/json.hpp>

#include "doctor/amounts.h"
#include "doctor/checks.h"

namespace usage::doctor {
namespace {

// Integrations that failed since its start, as "email 3, webhook 1".
std::string FailuresOf(const MetricsPage& page) {
  std::string text;
  for (const char* integration : {"email", "webhook", "slack", "telegram"}) {
    const double count =
        page.Sum("alertmanager_notifications_failed_total", {{"integration", integration}});
    if (count == 0) continue;
    text += (text.empty() ? "" : ", ") + std::string(integration) + " " +
            Count(static_cast<uint64_t>(count));
  }
  return text;
}

void LookAtItsPage(const MetricsPage& page, Notes& notes) {
  if (page.Value("alertmanager_config_last_reload_successful").value_or(1) != 1) {
    notes.Broken("reload", "its last configuration was bad, the one before is in force",
                 "see what is wrong with it", {"amtool check-config alertmanager.yml"});
  }
  const std::string failures = FailuresOf(page);
  if (failures.empty()) return notes.Good("deliveries", "none failed since its start");
  notes.Warn("deliveries", "failed since its start: " + failures,
             "its log names the receiver and the reason");
}

// Whoever hears nothing must be able to tell health from death.
void LookForWatchdog(const AlertingConfig& alerting, Notes& notes) {
  if (alerting.watchdog) return notes.Good("watchdog", "somebody is called while alerts come");
  notes.Warn("watchdog", "nobody would notice that alerts no longer come",
             "add alerting.watchdog with the webhook of a service outside, then:",
             {"usagectl alertmanager sync"});
}

}  // namespace

void CheckAlertmanager(const House& house, Notes& notes) {
  const auto url = AlertmanagerUrl(house.config());
  if (!url) return notes.NotChecked("Alertmanager", "alerting");
  LookForWatchdog(*house.config().alerting, notes);
  const auto status = nlohmann::json::parse(house.Get(*url, "/api/v2/status"), nullptr, false);
  if (!status.is_object() || !status.contains("versionInfo")) {
    return notes.Broken("Alertmanager", "no answer of Alertmanager's", "is its URL right?");
  }
  notes.Good("Alertmanager", status["versionInfo"].value("version", ""));
  LookAtItsPage(MetricsPage(house.Get(*url, "/metrics")), notes);
}

}  // namespace usage::doctor
