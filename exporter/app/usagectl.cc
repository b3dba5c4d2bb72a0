// usagectl: what people do by hand: the gateway's tokens, Grafana's orgs.
#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>

#include "app/feed_command.h"
#include "app/grafana_command.h"
#include "app/token_command.h"
#include "core/version.h"

namespace {

using usage::FeedFlags;
using usage::GrafanaFlags;
using usage::TokenFlags;
using Command = int (*)(const TokenFlags&, std::ostream&, std::ostream&);
using GrafanaCommand = int (*)(const GrafanaFlags&, std::ostream&, std::ostream&);

CLI::App* AddCommand(CLI::App* token, const char* name, const char* what, TokenFlags& flags,
                     Command command, int& status) {
  CLI::App* sub = token->add_subcommand(name, what);
  sub->add_option("--file", flags.file, "The token file, as in the gateway's configuration")
      ->capture_default_str();
  sub->callback([&flags, &status, command] { status = command(flags, std::cout, std::cerr); });
  return sub;
}

void AddTokenCommands(CLI::App& app, TokenFlags& flags, int& status) {
  CLI::App* token = app.add_subcommand("token", "Tokens of usage_gateway");
  token->require_subcommand(1);
  CLI::App* create = AddCommand(token, "create", "Make a token and print it, this once", flags,
                                usage::CreateToken, status);
  create->add_option("--tenant", flags.tenant, "Whose series it shows");
  create->add_option("--scope", flags.scope, "operator: it shows all tenants")
      ->check(CLI::IsMember({"tenant", "operator"}))
      ->capture_default_str();
  create->add_option("--expires", flags.expires, "90d, or 2027-01-31T00:00:00Z; default: never");
  create->add_option("--note", flags.note, "For people: who has it");
  CLI::App* list = AddCommand(token, "list", "Show the tokens, without their secrets", flags,
                              usage::ListTokens, status);
  list->add_flag("--json", flags.json, "As JSON");
  CLI::App* revoke =
      AddCommand(token, "revoke", "Take a token away", flags, usage::RevokeToken, status);
  revoke->add_option("id", flags.id, "Its id, of 'usagectl token list'")->required();
}

CLI::App* AddGrafanaCommand(CLI::App* grafana, const char* name, const char* what,
                            GrafanaFlags& flags, GrafanaCommand command, int& status) {
  CLI::App* sub = grafana->add_subcommand(name, what);
  sub->add_option("--config.file", flags.config_file,
                  "usage_exporter's, with a section grafana.orgs (docs/grafana.md)")
      ->capture_default_str();
  sub->add_option("--parallel", flags.parallel, "Connections to Grafana")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  sub->add_flag("--json", flags.json, "As JSON");
  sub->callback([&flags, &status, command] { status = command(flags, std::cout, std::cerr); });
  return sub;
}

void AddSyncFlags(CLI::App* sub, GrafanaFlags& flags) {
  sub->add_option("--tenant", flags.tenants,
                  "The org of this tenant alone, by its id; once for each; \"\" is the operator");
  sub->add_flag("--prune", flags.prune,
                "Delete the orgs of tenants that left and are locked, with everything in them");
  sub->add_flag("--verify", flags.verify,
                "Read everything back from Grafana instead of trusting what was applied last");
}

void AddGrafanaCommands(CLI::App& app, GrafanaFlags& flags, int& status) {
  CLI::App* grafana = app.add_subcommand("grafana", "An org of Grafana for each tenant");
  grafana->require_subcommand(1);
  CLI::App* plan = AddGrafanaCommand(grafana, "plan", "Show what apply would do", flags,
                                     usage::PlanGrafana, status);
  AddSyncFlags(plan, flags);
  plan->add_flag("--detailed-exitcode", flags.detailed_exitcode,
                 "Exit with 2 when there is something to do");
  CLI::App* apply =
      AddGrafanaCommand(grafana, "apply", "Make the orgs as they should be; again goes on", flags,
                        usage::ApplyGrafana, status);
  AddSyncFlags(apply, flags);
  apply->add_option("--confirm", flags.confirm,
                    "With --prune: the id of a tenant whose org may be deleted; once for each");
  apply->add_flag("--lock-many", flags.lock_many,
                  "Lock the orgs even if more than a tenth of all tenants left at once");
  AddGrafanaCommand(grafana, "check",
                    "Test a running Grafana: is it closed, is there a way around the gateway",
                    flags, usage::CheckGrafana, status);
}

void AddFeedCommand(CLI::App& app, FeedFlags& flags, int& status) {
  CLI::App* feed = app.add_subcommand("feed", "Changes at once: the billing database tells them");
  feed->require_subcommand(1);
  CLI::App* ddl = feed->add_subcommand(
      "ddl", "Print the trigger that tells them, for you to read and to run; runs nothing");
  ddl->add_option("--config.file", flags.config_file, "usage_exporter's")->capture_default_str();
  ddl->add_flag("--drop", flags.drop, "Print what takes it away again");
  ddl->callback([&flags, &status] { status = PrintFeedDdl(flags, std::cout, std::cerr); });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Gives tenants their tokens of usage_gateway and their orgs of Grafana.");
  TokenFlags flags;
  GrafanaFlags grafana;
  FeedFlags feed;
  int status = 0;
  app.set_version_flag("--version", usage::VersionText("usagectl"));
  app.require_subcommand(1);
  AddTokenCommands(app, flags, status);
  AddGrafanaCommands(app, grafana, status);
  AddFeedCommand(app, feed, status);
  CLI11_PARSE(app, argc, argv);
  return status;
}
