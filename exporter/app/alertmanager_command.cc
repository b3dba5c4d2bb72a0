#include "app/alertmanager_command.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "alerting/routing_text.h"
#include "alerting/sync.h"
#include "app/guarded.h"
#include "config/config_file.h"

namespace usage {
namespace {

using alerting::Changes;
using alerting::House;
using alerting::Outcome;
using alerting::Routing;
using alerting::Sync;
using alerting::SyncResult;

void Tell(const std::vector<std::string>& warnings, const std::vector<std::string>& faults,
          std::ostream& err) {
  for (const std::string& warning : warnings) err << "warning: " << warning << "\n";
  for (const std::string& fault : faults) err << "usagectl: " << fault << "\n";
}

const char* OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kNothingToDo:
      return "nothing to do";
    case Outcome::kLoaded:
      return "loaded";
    case Outcome::kNotLoaded:
      return "not loaded";
    case Outcome::kRefused:
      return "refused";
  }
  return "";
}

nlohmann::ordered_json JsonOf(const Sync& sync, const SyncResult* result) {
  const Changes& changes = sync.changes();
  nlohmann::ordered_json json;
  json["outcome"] = result == nullptr ? "dry run" : OutcomeName(result->outcome);
  json["error"] = result == nullptr ? "" : result->error;
  json["added"] = changes.added;
  json["changed"] = changes.changed;
  json["removed"] = changes.removed;
  json["unchanged"] = changes.unchanged;
  json["shared_changed"] = changes.shared;
  json["warnings"] = sync.warnings();
  json["bad_contacts"] = sync.house().faults;
  return json;
}

// Long lists are for --dry-run and --json.
std::string Summary(const Sync& sync, const SyncResult& result) {
  if (result.outcome == Outcome::kNothingToDo) return "nothing to do\n";
  const std::string text = alerting::ChangesText(sync.changes());
  const size_t last = text.rfind('\n', text.size() - 2);
  return std::string(OutcomeName(result.outcome)) + ": " +
         text.substr(last == std::string::npos ? 0 : last + 1);
}

int Report(const Sync& sync, const SyncResult* result, const AlertmanagerFlags& flags,
           std::ostream& out, std::ostream& err) {
  if (flags.json) {
    out << JsonOf(sync, result).dump(2, ' ', false, nlohmann::json::error_handler_t::replace)
        << "\n";
  } else {
    Tell(sync.warnings(), sync.house().faults, err);
    out << (result == nullptr ? alerting::ChangesText(sync.changes()) : Summary(sync, *result));
    if (result != nullptr && !result->error.empty()) err << "usagectl: " << result->error << "\n";
  }
  const bool is_good = sync.house().faults.empty() && (result == nullptr || result->error.empty());
  return is_good ? 0 : 1;
}

void AddConfigFlag(CLI::App* sub, const std::shared_ptr<AlertmanagerFlags>& flags) {
  sub->add_option("--config.file", flags->config_file,
                  "usage_exporter's, with a section alerting (docs/alerting.md)")
      ->type_name("FILE")
      ->capture_default_str();
}

constexpr const char* kRenderFooter = R"(Examples:
  usagectl alertmanager render | less
  usagectl alertmanager render --output new.yml && amtool check-config new.yml
Exit status:
  0 it is shown or written, 1 it can't be made, or a contact was left out.
)";
constexpr const char* kSyncFooter = R"(Examples:
  usagectl alertmanager sync --dry-run
  usagectl alertmanager sync
Exit status:
  0 Alertmanager runs what is wanted, 1 it does not, or a contact was left out.
)";

}  // namespace

int RenderAlertmanager(const AlertmanagerFlags& flags, std::ostream& out, std::ostream& err) {
  return Guarded(err, [&] {
    const House house = alerting::ReadHouse(ValueOf(LoadConfig(flags.config_file)));
    const Routing routing = alerting::MakeRouting(house.input);
    const bool is_shown = flags.output.empty();
    const std::string text = RoutingText(
        routing, house.input, is_shown ? alerting::Secrets::kHidden : alerting::Secrets::kShown);
    if (is_shown) out << text;
    if (!is_shown) FileDraft(flags.output, text, 0640).Commit();
    Tell(house.warnings, house.faults, err);
    Tell(routing.warnings, {}, err);
    return house.faults.empty() ? 0 : 1;
  });
}

int SyncAlertmanager(const AlertmanagerFlags& flags, std::ostream& out, std::ostream& err) {
  return Guarded(err, [&] {
    Sync sync(ValueOf(LoadConfig(flags.config_file)), {!flags.dry_run, flags.drop_many});
    if (flags.dry_run) return Report(sync, nullptr, flags, out, err);
    const SyncResult result = sync.Apply();
    return Report(sync, &result, flags, out, err);
  });
}

void AddAlertmanagerCommands(CLI::App& app, int& status) {
  auto flags = std::make_shared<AlertmanagerFlags>();
  CLI::App* alertmanager =
      app.add_subcommand("alertmanager", "Who is told of which alert, for each tenant");
  alertmanager->require_subcommand(1);
  CLI::App* render =
      alertmanager->add_subcommand("render", "Show Alertmanager's configuration file");
  render->footer(kRenderFooter);
  AddConfigFlag(render, flags);
  render
      ->add_option("--output", flags->output,
                   "Write it there, secrets included, for its owner and group to read; shown, "
                   "it has <secret> in their place")
      ->type_name("FILE");
  render->callback([flags, &status] { status = RenderAlertmanager(*flags, std::cout, std::cerr); });
  CLI::App* sync = alertmanager->add_subcommand(
      "sync", "Bring the file and the running Alertmanager up to date; again does nothing");
  sync->footer(kSyncFooter);
  AddConfigFlag(sync, flags);
  sync->add_flag("--dry-run", flags->dry_run, "Show what would change; write and load nothing");
  sync->add_flag("--drop-many", flags->drop_many,
                 "Also when more than a tenth of the tenants would lose their routes");
  sync->add_flag("--json", flags->json, "As JSON");
  sync->callback([flags, &status] { status = SyncAlertmanager(*flags, std::cout, std::cerr); });
}

}  // namespace usage
