// `usagectl alertmanager`: writes Alertmanager's configuration and has it loaded.
#pragma once

#include <iosfwd>
#include <string>

namespace CLI {
class App;
}

namespace usage {

struct AlertmanagerFlags {
  std::string config_file = "usage_exporter.yaml";
  std::string output;  // render: the file to write; "": shown, without its secrets
  bool dry_run = false;
  bool drop_many = false;
  bool json = false;
};

// Each returns the exit status: 1 also when all went well but for some tenants' contacts.
int RenderAlertmanager(const AlertmanagerFlags& flags, std::ostream& out, std::ostream& err);
int SyncAlertmanager(const AlertmanagerFlags& flags, std::ostream& out, std::ostream& err);

// Adds `usagectl alertmanager`; it sets `status`, which must outlive `app`, to the exit status.
void AddAlertmanagerCommands(CLI::App& app, int& status);

}  // namespace usage
