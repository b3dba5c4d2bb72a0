// usagectl: what people do by hand: the gateway's tokens, Grafana's orgs.
#include <CLI/CLI.hpp>
#include <iostream>

#include "app/alertmanager_command.h"
#include "app/doctor_command.h"
#include "app/feed_command.h"
#include "app/grafana_command.h"
#include "app/shell_command.h"
#include "app/token_command.h"
#include "core/version.h"

namespace {

constexpr const char* kFooter = R"(Examples:
  usagectl doctor
  usagectl status
  usagectl doctor --help
Exit status:
  0 it is done, 1 it is not, 2 see the command's own page; above 100 the command
  line is wrong, and nothing was done.
)";

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("What people do by hand: is all well, tokens of usage_gateway, orgs of Grafana.",
               "usagectl");
  int status = 0;
  app.set_version_flag("--version", usage::VersionText("usagectl"));
  app.footer(kFooter);
  app.require_subcommand(1);
  usage::AddTokenCommands(app, status);
  usage::AddGrafanaCommands(app, status);
  usage::AddAlertmanagerCommands(app, status);
  usage::AddFeedCommands(app, status);
  usage::AddDoctorCommands(app, status);
  usage::AddShellCommands(app, status);  // the last: they show all the others
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int fault = app.exit(error);
    if (fault != 0) std::cerr << usage::NearestWord(app, argc, argv);
    return fault;
  }
  return status;
}
