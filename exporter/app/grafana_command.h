// `usagectl grafana`: keeps an org per tenant in step with the database, and tests a Grafana.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace usage {

struct GrafanaFlags {
  std::string config_file = "usage_exporter.yaml";
  std::vector<std::string> tenants;  // none: all; "" is the operator
  int parallel = 4;
  bool prune = false;
  std::vector<std::string> confirm;  // ids of tenants whose orgs may be deleted
  bool lock_many = false;
  bool verify = false;
  bool json = false;
  bool detailed_exitcode = false;  // plan: 2 when there is something to do
};

// Each returns the exit status. Plans, results and first passwords go to `out`; progress and what
// went wrong to `err`.
int PlanGrafana(const GrafanaFlags& flags, std::ostream& out, std::ostream& err);
int ApplyGrafana(const GrafanaFlags& flags, std::ostream& out, std::ostream& err);
int CheckGrafana(const GrafanaFlags& flags, std::ostream& out, std::ostream& err);

// Adds `usagectl grafana`; it sets `status`, which must outlive `app`, to the exit status.
void AddGrafanaCommands(CLI::App& app, int& status);

}  // namespace usage
