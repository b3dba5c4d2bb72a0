#include "app/feed_command.h"

#include <CLI/CLI.hpp>
#include <ostream>

#include "config/config_file.h"
#include "sources/postgres/feed_ddl.h"

namespace usage {
namespace {

constexpr const char* kDdlFooter = R"(Examples:
  usagectl feed ddl --config.file /etc/usage/exporter.yaml
  usagectl feed ddl | psql -d billing -U owner
  usagectl feed ddl --drop | psql -d billing -U owner
)";

}  // namespace

int PrintFeedDdl(const FeedFlags& flags, std::ostream& out, std::ostream& err) {
  const Expected<Config> config = LoadConfig(flags.config_file);
  if (!config) {
    err << config.error() << "\n";
    return 1;
  }
  for (const SourceConfig& source : config->sources) {
    out << (flags.drop ? FeedDropDdl(source) : FeedDdl(source));
    if (!flags.drop && !source.notify) {
      err << "source " << source.name << " does not listen yet: write 'notify: true' there\n";
    }
  }
  return 0;
}

void AddFeedCommands(CLI::App& app, int& status) {
  auto flags = std::make_shared<FeedFlags>();
  CLI::App* feed = app.add_subcommand("feed", "Changes at once: the billing database tells them");
  feed->require_subcommand(1);
  CLI::App* ddl = feed->add_subcommand(
      "ddl", "Print the trigger that tells them, for you to read and to run; runs nothing");
  ddl->footer(kDdlFooter);
  ddl->add_option("--config.file", flags->config_file, "usage_exporter's")
      ->type_name("FILE")
      ->capture_default_str();
  ddl->add_flag("--drop", flags->drop, "Print what takes it away again");
  ddl->callback([flags, &status] { status = PrintFeedDdl(*flags, std::cout, std::cerr); });
}

}  // namespace usage
