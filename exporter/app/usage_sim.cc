// usage_sim: traffic like real one with known true totals, and the comparison with what was
// accounted.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "app/shell_command.h"
#include "core/version.h"
#include "sim/faults.h"
#include "sim/routers/routers_run.h"
#include "sim/simulator.h"
#include "sim/verify.h"

namespace {

using usage::sim::RunOptions;
using usage::sim::Second;
using usage::sim::seconds;

volatile std::sig_atomic_t g_is_stopped = 0;

void OnSignal(int) { g_is_stopped = 1; }

void CatchSignals() {
  struct sigaction action {};
  action.sa_handler = OnSignal;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
}

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line.empty()) {
    throw std::invalid_argument(path + ": can't read a secret from its first line");
  }
  return line;
}

// Likewise of the routers.
struct RoutersFlags {
  usage::sim::FakeRoutersOptions options;
  std::vector<std::string> protocols;
  std::string faults, drift = "0";
};

// What the flags say, as text: read by Validated.
struct RunFlags {
  RunOptions options;
  std::vector<std::string> targets = {"user_sessions"};
  int subscribers = 0, sessions = 0;  // 0: as many as fit
  std::string since = "now", duration, interim = "5m", panel_interval = "5s", visible_for = "15s",
              purge_after = "1m", faults, secret_file, closing, idle_tail;
  RoutersFlags routers;
};

template <typename T>
T Value(const std::string& flag, usage::Expected<T> parsed) {
  if (!parsed) throw std::invalid_argument(flag + " " + parsed.error());
  return *parsed;
}

seconds Duration(const std::string& flag, const std::string& text) {
  return Value(flag, usage::sim::ParseSeconds(text));
}

Second Now() { return std::chrono::floor<seconds>(std::chrono::system_clock::now()); }

void SetTargets(RunFlags& flags) {
  auto& people = flags.options.population;
  people.user_sessions = people.radius = false;
  for (const std::string& target : flags.targets) {
    people.user_sessions |= target != "radius";
    people.radius |= target != "user_sessions";
  }
}

usage::sim::FakeRoutersOptions Validated(const RoutersFlags& flags) {
  usage::sim::FakeRoutersOptions options = flags.options;
  if (!flags.protocols.empty()) options.protocols.clear();
  for (const std::string& name : flags.protocols) {
    options.protocols.push_back(Value("--router-protocols", usage::sim::ParseFakeProtocol(name)));
  }
  auto faults = usage::sim::ParseRouterFaults(flags.faults);
  if (!faults) throw std::invalid_argument(faults.error());
  options.faults = *faults;
  options.drift = Value("--router-drift", usage::sim::ParseDrift(flags.drift));
  return options;
}

const RunOptions& Validated(RunFlags& flags) {
  RunOptions& options = flags.options;
  SetTargets(flags);
  auto& people = options.population;
  people.subscribers = flags.subscribers > 0 ? flags.subscribers : 50 * people.tenants;
  people.sessions = flags.sessions > 0 ? flags.sessions : std::max(1, people.subscribers * 2 / 5);
  if (flags.since != "now") {
    options.since = Value("--since", usage::sim::ParseSince(flags.since, Now()));
  }
  if (!flags.duration.empty()) options.duration = Duration("--for", flags.duration);
  if (!flags.closing.empty()) options.closing = Duration("--closing", flags.closing);
  if (!flags.idle_tail.empty()) options.idle_tail = Duration("--idle-tail", flags.idle_tail);
  options.interim = Duration("--interim", flags.interim);
  options.panel_interval = Duration("--panel-interval", flags.panel_interval);
  options.visible_for = Duration("--visible-for", flags.visible_for);
  options.purge_after = Duration("--purge-after", flags.purge_after);
  auto faults = usage::sim::ParseFaults(flags.faults);
  if (!faults) throw std::invalid_argument(faults.error());
  options.faults = *faults;
  options.routers = Validated(flags.routers);
  if (!flags.secret_file.empty()) options.secret = FirstLine(flags.secret_file);
  return options;
}

void AddPopulation(CLI::App& run, RunFlags& flags) {
  auto& people = flags.options.population;
  run.add_option("--seed", people.seed, "The same seed and flags give the same sessions")
      ->capture_default_str();
  run.add_option("--tenants", people.tenants, "Number of tenants")->capture_default_str();
  run.add_option("--subscribers", flags.subscribers, "Of all tenants; default 50 a tenant")
      ->check(CLI::PositiveNumber);
  run.add_option("--sessions", flags.sessions,
                 "Open ones, of all tenants, on an average; default 2 in 5 subscribers")
      ->check(CLI::PositiveNumber);
  run.add_option("--data-used-only", people.data_used_only,
                 "Share of tenants in user_sessions of which only data_used is filled")
      ->capture_default_str();
  run.add_option("--small-quota", people.small_quota,
                 "Bytes a month of the first tenant, so that its alerts come soon");
}

void AddTargets(CLI::App& run, RunFlags& flags) {
  RunOptions& options = flags.options;
  run.add_option("--target", flags.targets,
                 "user_sessions, radius, or both: then tenants are in one, the other or both")
      ->check(CLI::IsMember({"user_sessions", "radius", "both"}))
      ->capture_default_str();
  run.add_option("--database", options.database,
                 "DSN of the panel's database: tenants are written into its table `tenants`");
  run.add_flag("--create-tables", options.create_tables,
               "Make `tenants` and `user_sessions` there");
  run.add_option("--radius", options.radius, "Accounting server")->capture_default_str();
  auto* file = run.add_option("--secret-file", flags.secret_file, "Holds the RADIUS secret");
  run.add_option("--secret", options.secret,
                 "The RADIUS secret; visible to all who may list processes")
      ->excludes(file);
}

void AddTime(CLI::App& run, RunFlags& flags) {
  run.add_option("--since", flags.since,
                 "Where virtual time begins: now, -2d, 2026-11-20T08:00:00Z")
      ->capture_default_str();
  run.add_option("--speed", flags.options.speed,
                 "Virtual seconds a second, 1 to 1000, until now is reached")
      ->capture_default_str();
  run.add_option("--for", flags.duration, "Virtual time to run; else until SIGTERM or SIGINT");
  run.add_option("--closing", flags.closing,
                 "Virtual time after which all sessions are over and no others begin");
  run.add_option("--idle-tail", flags.idle_tail,
                 "How long nothing flows before a session ends: who reads counters now and then "
                 "has read the last ones");
  run.add_option("--interim", flags.interim, "Between the reports of a RADIUS session")
      ->capture_default_str();
  run.add_option("--panel-interval", flags.panel_interval, "Between the updates of user_sessions")
      ->capture_default_str();
}

void AddFaults(CLI::App& run, RunFlags& flags) {
  run.add_option("--faults", flags.faults,
                 "none, or rates: " + usage::sim::DescribeFaults() +
                     ". Per session; duplicate per report, purge per closed row, nas_reboot per "
                     "NAS and day. none,late_stop=1: only that one");
  run.add_option("--visible-for", flags.visible_for,
                 "How long counters stand, in real time, before a fault overwrites them")
      ->capture_default_str();
  run.add_option("--purge-after", flags.purge_after,
                 "How long closed rows stand, in real time, before they are deleted")
      ->capture_default_str();
}

void AddRouters(CLI::App& command, RoutersFlags& flags, const std::string& which) {
  auto& options = flags.options;
  command.add_option("--routers", options.routers, which)->capture_default_str();
  command
      .add_option(
          "--router-protocols", flags.protocols,
          "rest, api, api-ssl, snmp (by snmpd): one after the other in turn; default rest,api-ssl")
      ->delimiter(',');
  command.add_option("--routers-file", options.file,
                     "routers.yaml to write: the list as usage_exporter reads it");
  command.add_option("--routers-dir", options.folder,
                     "Folder for the routers' certificates and password, and for `truth`: by "
                     "router, tenant, access and end the sessions, the bytes that flowed (up, "
                     "down) and those that the router counted (up, down)");
  command
      .add_option("--router-port", options.first_port,
                  "Port of the first one, the others follow; 0: free ones")
      ->capture_default_str();
  command.add_option("--router-faults", flags.faults,
                     "slow=0.1: by rate, per request or of all routers; router3=stall or "
                     "router3=trap:0.5: of one; router4=reboot:40s: so long after the start. "
                     "There are " +
                         usage::sim::DescribeRouterFaults());
  command
      .add_option("--router-drift", flags.drift,
                  "Percent that the routers' PPPoE counters have more, as with headers")
      ->capture_default_str();
}

int RunMain(RunFlags& flags) {
  CatchSignals();
  bool is_delivered = usage::sim::RunSimulator(
      Validated(flags), [] { return g_is_stopped != 0; }, std::cerr);
  if (is_delivered) return 0;
  std::cerr << "usage_sim: not everything could be delivered: the truth is not settled\n";
  return 1;
}

CLI::App* AddRun(CLI::App& app, RunFlags& flags) {
  CLI::App* run = app.add_subcommand("run", "Make traffic");
  AddPopulation(*run, flags);
  AddTargets(*run, flags);
  AddTime(*run, flags);
  AddFaults(*run, flags);
  AddRouters(*run, flags.routers,
             "Fake RouterOS routers for so many NASes, with the same sessions; 0: none");
  run->add_option("--truth", flags.options.truth,
                  "File of the true totals, rewritten every few seconds. A file of an earlier run "
                  "is gone on with. While FILE.hold exists, everything stands still");
  run->add_flag("--json", flags.options.json, "Progress as JSON lines");
  return run;
}

// What the flags of `routers` say.
struct RoutersRunFlags {
  usage::sim::RoutersRunOptions options;
  RoutersFlags routers;
  std::string duration;
};

CLI::App* AddRoutersRun(CLI::App& app, RoutersRunFlags& flags) {
  CLI::App* command =
      app.add_subcommand("routers", "Fake RouterOS routers without accounting, for benchmarks");
  flags.routers.options.routers = 100;
  AddRouters(*command, flags.routers, "Number of routers");
  auto& options = flags.options;
  command->add_option("--subscribers", options.subscribers, "Of each router, all of them online")
      ->capture_default_str();
  command->add_option("--seed", options.seed, "The same seed gives the same subscribers")
      ->capture_default_str();
  command->add_option("--for", flags.duration, "How long; else until SIGTERM or SIGINT");
  command->add_flag("--json", options.json, "Progress as JSON lines");
  return command;
}

int RoutersMain(RoutersRunFlags& flags) {
  CatchSignals();
  flags.options.routers = Validated(flags.routers);
  if (!flags.duration.empty()) flags.options.duration = Duration("--for", flags.duration);
  usage::sim::RunRouters(
      flags.options, [] { return g_is_stopped != 0; }, std::cerr);
  return 0;
}

struct VerifyFlags {
  usage::sim::VerifyOptions options;
  std::string password_file, timeout = "2m";
};

CLI::App* AddVerify(CLI::App& app, VerifyFlags& flags) {
  CLI::App* verify = app.add_subcommand(
      "verify",
      "Compare the truth with what was accounted. Exit status 0: 0 bytes off; 1: some are; 2: it "
      "could not be compared");
  auto& options = flags.options;
  verify->add_option("--truth", options.truth, "The file that run writes")->required();
  verify->add_option("--metrics", options.metrics, "http://127.0.0.1:9812/metrics");
  verify->add_option("--user", options.account.user, "For the metrics");
  verify->add_option("--password-file", flags.password_file, "Holds the user's password");
  verify->add_option("--ledger", options.ledger, "DSN of the database with the ledger's schema");
  verify->add_option("--schema", options.schema, "The ledger's schema")->capture_default_str();
  verify->add_flag("--hold", options.hold, "The running simulator stands still meanwhile");
  verify->add_flag("--only-tenants", options.only_tenants,
                   "Bytes of tenants that the truth does not know are no difference");
  verify->add_option("--timeout", flags.timeout, "How long to wait until all is equal")
      ->capture_default_str();
  verify->add_flag("--json", options.json, "The result as JSON");
  return verify;
}

int VerifyMain(VerifyFlags& flags) {
  flags.options.timeout = Duration("--timeout", flags.timeout);
  if (!flags.password_file.empty()) {
    flags.options.account.password = FirstLine(flags.password_file);
  }
  return static_cast<int>(usage::sim::Verify(flags.options, std::cout, std::cerr));
}

int Main(int argc, char** argv) {
  CLI::App app("Traffic like real one, with known true totals", "usage_sim");
  app.set_version_flag("--version", usage::VersionText("usage_sim"));
  app.require_subcommand(1);
  RunFlags run_flags;
  VerifyFlags verify_flags;
  RoutersRunFlags routers_flags;
  CLI::App* run = AddRun(app, run_flags);
  CLI::App* routers = AddRoutersRun(app, routers_flags);
  AddVerify(app, verify_flags);
  usage::AddManFlag(app, "usage_sim");
  CLI11_PARSE(app, argc, argv);
  if (routers->parsed()) return RoutersMain(routers_flags);
  return run->parsed() ? RunMain(run_flags) : VerifyMain(verify_flags);
}

}  // namespace

int main(int argc, char** argv) try {
  return Main(argc, argv);
} catch (const std::exception& error) {
  // Not 1: of verify, that means bytes off.
  std::fprintf(stderr, "usage_sim: %s\n", error.what());
  return 2;
}
