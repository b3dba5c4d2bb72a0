#include "app/server_flags.h"

#include <CLI/CLI.hpp>

namespace usage {

void AddServerFlags(CLI::App& app, ServerFlags& flags, const ServerFlagTexts& texts) {
  app.add_option("--config.file", flags.config_file, texts.config_file)->capture_default_str();
  app.add_option("--web.listen-address", flags.listen_address, texts.listen_address)
      ->capture_default_str();
  app.add_option("--web.config.file", flags.web_config_file, texts.web_config_file);
  app.add_option("--log.level", flags.log_level, "Only messages of this severity or above")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  app.add_option("--log.format", flags.log_format, "Format of a log line")
      ->check(CLI::IsMember({"logfmt", "json"}))
      ->capture_default_str();
  app.add_flag("--check-config", flags.check_config,
               "Check the files, print what is wrong with them, and exit with 0 or 1");
}

WebConfig LoadedWebConfig(const ServerFlags& flags) {
  if (flags.web_config_file.empty()) return {};
  return ValueOf(LoadWebConfig(flags.web_config_file));
}

}  // namespace usage
