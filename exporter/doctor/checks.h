// The doctor's checks: a file each, and one row of the map.
#pragma once

#include <vector>

#include "doctor/finding.h"
#include "doctor/house.h"

namespace usage::doctor {

// How often it is worth a look at least.
enum class Often { kDaily, kWeekly, kMonthly };

// Notes what it finds; may throw, which is then a finding. Each asks within House::Share and
// changes nothing.
using CheckFunction = void (*)(const House&, Notes&);

struct Check {
  const char* name;   // of --only
  const char* title;  // above its findings
  Often often;
  CheckFunction function;
};

// In the order of the report.
const std::vector<Check>& Checks();

void CheckConfigFile(const House& house, Notes& notes);
void CheckSources(const House& house, Notes& notes);
void CheckRouters(const House& house, Notes& notes);
void CheckTables(const House& house, Notes& notes);
void CheckLedger(const House& house, Notes& notes);
void CheckExporter(const House& house, Notes& notes);
void CheckGateway(const House& house, Notes& notes);
void CheckTokens(const House& house, Notes& notes);
void CheckPrometheus(const House& house, Notes& notes);
void CheckAlertmanager(const House& house, Notes& notes);
void CheckGrafanaHealth(const House& house, Notes& notes);
void CheckCertificates(const House& house, Notes& notes);
void CheckDisks(const House& house, Notes& notes);
void CheckBackup(const House& house, Notes& notes);
void CheckVersions(const House& house, Notes& notes);

}  // namespace usage::doctor
