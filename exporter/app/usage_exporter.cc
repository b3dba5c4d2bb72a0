// usage_exporter: exact usage per tenant from session databases, for Prometheus.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "app/exporter.h"
#include "app/log.h"
#include "core/version.h"

namespace {

using usage::ExporterFlags;

void AddFlags(CLI::App& app, ExporterFlags& flags) {
  app.add_option("--config.file", flags.config_file,
                 "What to read and where to keep the ledger (docs/configuration.md)")
      ->capture_default_str();
  app.add_option("--web.listen-address", flags.listen_address,
                 "Address and port of /metrics and the landing page; \":9812\" is every address")
      ->capture_default_str();
  app.add_option("--web.config.file", flags.web_config_file,
                 "TLS and basic authentication, as other exporters read it");
  app.add_option("--log.level", flags.log_level, "Only messages of this severity or above")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  app.add_option("--log.format", flags.log_format, "Format of a log line")
      ->check(CLI::IsMember({"logfmt", "json"}))
      ->capture_default_str();
  app.add_flag("--check-config", flags.check_config,
               "Check the files, print what is wrong with them, and exit with 0 or 1");
}

std::string Version() {
  return std::string("usage_exporter, version ") + usage::kVersion +
         " (revision: " + usage::kRevision + ")";
}

// Before any thread begins, so that all of them leave the signals to the main thread.
void BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

int CheckConfig(const ExporterFlags& flags) {
  usage::Exporter exporter(flags);
  for (const auto& warning : exporter.config().warnings)
    std::cerr << "warning: " << warning << "\n";
  std::cout << flags.config_file << ": ok, " << exporter.config().sources.size() << " source(s)\n";
  if (!flags.web_config_file.empty()) std::cout << flags.web_config_file << ": ok\n";
  return 0;
}

int Run(const ExporterFlags& flags) try {
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
      "Reads session usage from PostgreSQL and shows every tenant's exact usage on /metrics.");
  ExporterFlags flags;
  AddFlags(app, flags);
  app.set_version_flag("--version", Version());
  app.footer("Reload with SIGHUP or POST /-/reload; a bad file keeps the old configuration.");
  CLI11_PARSE(app, argc, argv);
  BlockSignals();
  return Run(flags);
}
