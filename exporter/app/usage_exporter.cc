// usage_exporter: exact usage per tenant from session databases, for Prometheus.
#include <CLI/CLI.hpp>
#include <iostream>

#include "app/exporter.h"
#include "app/log.h"
#include "app/server_flags.h"
#include "app/shell_command.h"
#include "app/signals.h"
#include "core/version.h"
#include "sources/postgres/source_factory.h"

namespace {

using usage::ServerFlags;

constexpr usage::ServerFlagTexts kFlagTexts = {
    "What to read and where to keep the ledger (docs/configuration.md)",
    "Address and port of /metrics and the landing page; \":9812\" is every address",
    "TLS and basic authentication, as other exporters read it"};

// A list in a file is checked with the configuration; one in a database is not asked for.
void CheckRouters(const usage::Config& config) {
  if (!config.routers || config.routers->file.empty()) return;
  const usage::RouterList list = usage::MakeRouterListSource(*config.routers)->Read();
  std::string faults;
  for (const usage::BadRouter& bad : list.bad) faults += (faults.empty() ? "" : "\n") + bad.fault;
  if (!faults.empty()) throw std::runtime_error(faults);
  for (const std::string& warning : list.warnings) std::cerr << "warning: " << warning << "\n";
  std::cout << config.routers->file << ": ok, " << list.routers.size() << " router(s)\n";
}

int CheckConfig(const ServerFlags& flags) {
  usage::Exporter exporter(flags);
  for (const auto& warning : exporter.config().warnings)
    std::cerr << "warning: " << warning << "\n";
  std::cout << flags.config_file << ": ok, " << exporter.config().sources.size() << " source(s)\n";
  CheckRouters(exporter.config());
  if (!flags.web_config_file.empty()) std::cout << flags.web_config_file << ": ok\n";
  return 0;
}

int Run(const ServerFlags& flags) try {
  if (flags.check_config) return CheckConfig(flags);
  usage::SetUpLog(flags.log_level, flags.log_format);
  usage::Exporter(flags).Run();
  return 0;
} catch (const std::exception& e) {
  std::cerr << "usage_exporter: " << e.what() << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Reads session usage from PostgreSQL and shows every tenant's exact usage on /metrics.",
      "usage_exporter");
  ServerFlags flags;
  flags.config_file = "usage_exporter.yaml";
  flags.listen_address = "127.0.0.1:9812";
  usage::AddServerFlags(app, flags, kFlagTexts);
  app.set_version_flag("--version", usage::VersionText("usage_exporter"));
  app.footer("Reload with SIGHUP or POST /-/reload; a bad file keeps the old configuration.");
  usage::AddManFlag(app, "usage_exporter");
  CLI11_PARSE(app, argc, argv);
  usage::BlockSignals();
  return Run(flags);
}
