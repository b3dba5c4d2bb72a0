// usagectl: what people do by hand. Today: the gateway's tokens.
#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>

#include "app/token_command.h"
#include "core/version.h"

namespace {

using usage::TokenFlags;
using Command = int (*)(const TokenFlags&, std::ostream&, std::ostream&);

std::string Version() {
  return std::string("usagectl, version ") + usage::kVersion + " (revision: " + usage::kRevision +
         ")";
}

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

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Works on the files of usage_gateway.");
  TokenFlags flags;
  int status = 0;
  app.set_version_flag("--version", Version());
  app.require_subcommand(1);
  AddTokenCommands(app, flags, status);
  CLI11_PARSE(app, argc, argv);
  return status;
}
