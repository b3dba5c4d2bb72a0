#include "app/grafana_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "app/guarded.h"
#include "app/progress_line.h"
#include "config/config_file.h"
#include "grafana/check.h"
#include "grafana/sync.h"

namespace usage {
namespace {

using grafana::Action;
using grafana::ApplyResult;
using grafana::Invitations;
using grafana::OrgChange;
using grafana::Plan;
using grafana::Sync;

grafana::SyncOptions OptionsOf(const GrafanaFlags& flags, bool apply) {
  grafana::SyncOptions options;
  options.apply = apply;
  options.only = {flags.tenants.begin(), flags.tenants.end()};
  options.prune = flags.prune;
  options.verify = flags.verify;
  options.parallel = flags.parallel;
  return options;
}

void Warn(const Sync& sync, std::ostream& err) {
  for (const std::string& warning : sync.warnings()) err << "warning: " << warning << "\n";
}

// A list of tenants that was read wrong looks like many who left.
void CheckLocks(const Plan& plan, const GrafanaFlags& flags) {
  const size_t locks = plan.count(Action::kLock);
  const size_t all = locks + plan.unchanged + plan.count(Action::kChange);
  if (flags.lock_many || locks <= 3 || locks * 10 <= all) return;
  throw std::runtime_error(
      std::to_string(locks) + " of " + std::to_string(all) +
      " tenants left at once: is the list of tenants right? --lock-many locks them all the same");
}

void CheckDeletions(const Plan& plan, const GrafanaFlags& flags) {
  for (const OrgChange& change : plan.changes) {
    if (change.action != Action::kDelete) continue;
    const auto& named = flags.confirm;
    if (std::find(named.begin(), named.end(), change.tenant_id) != named.end()) continue;
    throw std::runtime_error("the org \"" + change.name +
                             "\" would be deleted with everything in it; add --confirm " +
                             change.tenant_id + " if that is meant");
  }
}

nlohmann::ordered_json JsonOf(const ApplyResult& result, size_t invited,
                              const std::string& passwords) {
  nlohmann::ordered_json json;
  json["done"] = result.done;
  json["failures"] = nlohmann::ordered_json::array();
  for (const auto& failure : result.failures) {
    json["failures"].push_back({{"org", failure.org}, {"error", failure.message}});
  }
  json["requests"] = result.requests;
  json["new_passwords"] = invited;
  std::istringstream lines(passwords);
  for (std::string login, password, tenant; std::getline(lines, login, '\t') &&
                                            std::getline(lines, password, '\t') &&
                                            std::getline(lines, tenant);) {
    json["passwords"].push_back({{"tenant", tenant}, {"login", login}, {"password", password}});
  }
  return json;
}

void Report(const ApplyResult& result, size_t invited, std::ostream& err) {
  for (const auto& failure : result.failures) {
    err << "usagectl: " << failure.org << ": " << failure.message << "\n";
  }
  err << result.done << " org(s) done, " << result.failures.size() << " failed, " << result.requests
      << " requests, " << invited << " new password(s)\n";
  if (!result.failures.empty()) err << "apply again: it goes on where this one stopped\n";
}

ApplyResult RunApply(Sync& sync, Invitations& invitations, std::ostream& err) {
  ProgressLine line(err, ::isatty(STDERR_FILENO) != 0);
  return sync.Apply(invitations, [&](const grafana::Progress& progress) {
    line.Show(progress.done, progress.total, "orgs", progress.org);
  });
}

constexpr const char* kPlanFooter = R"(Examples:
  usagectl grafana plan
  usagectl grafana plan --tenant acme --json
  usagectl grafana plan --detailed-exitcode || echo there is something to do
Exit status:
  0 the plan is shown, 1 it can't be made; with --detailed-exitcode 2 when there
  is something to do.
)";
constexpr const char* kApplyFooter = R"(Examples:
  usagectl grafana apply
  usagectl grafana apply --tenant acme --verify
  usagectl grafana apply --prune --confirm acme
Exit status:
  0 all is done, 1 something failed: apply again, it goes on.
)";
constexpr const char* kCheckFooter = R"(Examples:
  usagectl grafana check
Exit status:
  0 nothing is bad, 1 something is.
)";

using Command = int (*)(const GrafanaFlags&, std::ostream&, std::ostream&);

CLI::App* AddGrafanaCommand(CLI::App* grafana, const char* name, const char* what,
                            std::shared_ptr<GrafanaFlags> flags, Command command, int& status) {
  CLI::App* sub = grafana->add_subcommand(name, what);
  sub->add_option("--config.file", flags->config_file,
                  "usage_exporter's, with a section grafana.orgs (docs/grafana.md)")
      ->type_name("FILE")
      ->capture_default_str();
  sub->add_option("--parallel", flags->parallel, "Connections to Grafana")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  sub->add_flag("--json", flags->json, "As JSON");
  sub->callback([flags, &status, command] { status = command(*flags, std::cout, std::cerr); });
  return sub;
}

void AddSyncFlags(CLI::App* sub, std::shared_ptr<GrafanaFlags> flags) {
  sub->add_option("--tenant", flags->tenants,
                  "The org of this tenant alone, by its id; once for each; \"\" is the operator");
  sub->add_flag("--prune", flags->prune,
                "Delete the orgs of tenants that left and are locked, with everything in them");
  sub->add_flag("--verify", flags->verify,
                "Read everything back from Grafana instead of trusting what was applied last");
}

}  // namespace

int PlanGrafana(const GrafanaFlags& flags, std::ostream& out, std::ostream& err) {
  return Guarded(err, [&] {
    Sync sync(ValueOf(LoadConfig(flags.config_file)), OptionsOf(flags, false));
    Warn(sync, err);
    out << (flags.json ? grafana::PlanJson(sync.plan()) : grafana::PlanText(sync.plan()));
    return flags.detailed_exitcode && !sync.plan().empty() ? 2 : 0;
  });
}

// With --json the passwords are part of the one document; else each is shown as it is made, so
// that none is lost when the rest is cut off.
int ApplyGrafana(const GrafanaFlags& flags, std::ostream& out, std::ostream& err) {
  return Guarded(err, [&] {
    const Config config = ValueOf(LoadConfig(flags.config_file));
    Sync sync(config, OptionsOf(flags, true));
    Warn(sync, err);
    CheckLocks(sync.plan(), flags);
    CheckDeletions(sync.plan(), flags);
    if (!flags.json) err << grafana::PlanText(sync.plan());
    std::ostringstream passwords;
    std::ostream& shown = flags.json ? static_cast<std::ostream&>(passwords) : out;
    Invitations invitations(config.grafana->orgs->invitations_file, shown);
    const ApplyResult result = RunApply(sync, invitations, err);
    if (flags.json) {
      out << JsonOf(result, invitations.given(), passwords.str()).dump(2) << "\n";
    } else {
      Report(result, invitations.given(), err);
    }
    return result.failures.empty() ? 0 : 1;
  });
}

int CheckGrafana(const GrafanaFlags& flags, std::ostream& out, std::ostream& err) {
  return Guarded(err, [&] {
    const auto findings =
        grafana::CheckGrafana(ValueOf(LoadConfig(flags.config_file)), flags.parallel);
    out << (flags.json ? grafana::FindingsJson(findings) : grafana::FindingsText(findings));
    const bool bad = std::any_of(findings.begin(), findings.end(), [](const auto& finding) {
      return finding.verdict == grafana::Verdict::kBad;
    });
    return bad ? 1 : 0;
  });
}

void AddGrafanaCommands(CLI::App& app, int& status) {
  auto flags = std::make_shared<GrafanaFlags>();
  CLI::App* grafana = app.add_subcommand("grafana", "An org of Grafana for each tenant");
  grafana->require_subcommand(1);
  CLI::App* plan =
      AddGrafanaCommand(grafana, "plan", "Show what apply would do", flags, PlanGrafana, status);
  plan->footer(kPlanFooter);
  AddSyncFlags(plan, flags);
  plan->add_flag("--detailed-exitcode", flags->detailed_exitcode,
                 "Exit with 2 when there is something to do");
  CLI::App* apply =
      AddGrafanaCommand(grafana, "apply", "Make the orgs as they should be; again goes on", flags,
                        ApplyGrafana, status);
  apply->footer(kApplyFooter);
  AddSyncFlags(apply, flags);
  apply->add_option("--confirm", flags->confirm,
                    "With --prune: the id of a tenant whose org may be deleted; once for each");
  apply->add_flag("--lock-many", flags->lock_many,
                  "Lock the orgs even if more than a tenth of all tenants left at once");
  AddGrafanaCommand(grafana, "check",
                    "Test a running Grafana: is it closed, is there a way around the gateway",
                    flags, CheckGrafana, status)
      ->footer(kCheckFooter);
}

}  // namespace usage
