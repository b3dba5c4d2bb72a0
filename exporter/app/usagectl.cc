// usagectl: what people do by hand: the gateway's tokens, Grafana's orgs.
#include <CLI/CLI.hpp>

#include "app/alertmanager_command.h"
#include "app/doctor_command.h"
#include "app/feed_command.h"
#include "app/grafana_command.h"
#include "app/token_command.h"
#include "core/version.h"

int main(int argc, char** argv) {
  CLI::App app("Gives tenants their tokens of usage_gateway and their orgs of Grafana.");
  int status = 0;
  app.set_version_flag("--version", usage::VersionText("usagectl"));
  app.require_subcommand(1);
  usage::AddTokenCommands(app, status);
  usage::AddGrafanaCommands(app, status);
  usage::AddAlertmanagerCommands(app, status);
  usage::AddFeedCommands(app, status);
  usage::AddDoctorCommands(app, status);
  CLI11_PARSE(app, argc, argv);
  return status;
}
