#include "doctor/checks.h"

namespace usage::doctor {

const std::vector<Check>& Checks() {
  static const std::vector<Check> checks = {
      {"config", "Configuration", Often::kDaily, CheckConfigFile},
      {"sources", "Sources", Often::kDaily, CheckSources},
      {"routers", "Routers", Often::kDaily, CheckRouters},
      {"exporter", "Exporter", Often::kDaily, CheckExporter},
      {"ledger", "Ledger", Often::kDaily, CheckLedger},
      {"gateway", "Gateway", Often::kDaily, CheckGateway},
      {"prometheus", "Prometheus", Often::kDaily, CheckPrometheus},
      {"alertmanager", "Alertmanager", Often::kDaily, CheckAlertmanager},
      {"grafana", "Grafana", Often::kDaily, CheckGrafanaHealth},
      {"disks", "Disks", Often::kDaily, CheckDisks},
      {"backup", "Backup", Often::kDaily, CheckBackup},
      {"tables", "Billing tables", Often::kWeekly, CheckTables},
      {"tokens", "Tokens", Often::kWeekly, CheckTokens},
      {"certificates", "Certificates", Often::kWeekly, CheckCertificates},
      {"versions", "Versions", Often::kMonthly, CheckVersions},
  };
  return checks;
}

}  // namespace usage::doctor
