#include "app/doctor_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>

#include "app/guarded.h"
#include "config/config_file.h"
#include "core/clock.h"
#include "core/closest.h"
#include "doctor/examination.h"
#include "doctor/report.h"
#include "doctor/status.h"

namespace usage {
namespace {

using doctor::Check;
using doctor::Checks;
using doctor::Often;

// https://no-color.org: set and not empty.
bool WantsColours(const std::string& when) {
  if (when != "auto") return when == "always";
  const char* no_color = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || *no_color == '\0');
}

const Check* Find(const std::string& name) {
  std::vector<std::string> names;
  for (const Check& check : Checks()) {
    if (check.name == name) return &check;
    names.emplace_back(check.name);
  }
  throw std::runtime_error("--only: there is no check '" + name + "'" + DidYouMean(name, names) +
                           " --list shows them");
}

std::vector<const Check*> ChosenBy(const DoctorFlags& flags) {
  std::vector<const Check*> chosen;
  for (const std::string& name : flags.only) chosen.push_back(Find(name));
  if (!chosen.empty()) return chosen;
  for (const Check& check : Checks()) {
    const bool is_monthly = check.often == Often::kMonthly;
    const bool is_weekly = check.often == Often::kWeekly;
    if (flags.often == "daily" && (is_weekly || is_monthly)) continue;
    if (flags.often == "weekly" && is_monthly) continue;
    chosen.push_back(&check);
  }
  return chosen;
}

// Without a configuration nothing else can be looked at.
doctor::Examination Unreadable(const std::string& fault) {
  doctor::Examination examination;
  examination.results.push_back({&Checks().front(),
                                 {{doctor::Verdict::kBroken,
                                   "configuration",
                                   fault,
                                   "correct the file; all else waits for it",
                                   {}}}});
  return examination;
}

std::shared_ptr<const doctor::House> HouseOf(const DoctorFlags& flags, const Config& config) {
  return std::make_shared<doctor::House>(flags.config_file, config, SystemClock().Now());
}

doctor::Examination ExaminationBy(const DoctorFlags& flags) {
  const auto chosen = ChosenBy(flags);
  const Expected<Config> config = LoadConfig(flags.config_file);
  if (!config) return Unreadable(config.error());
  return doctor::Examine(HouseOf(flags, *config), chosen);
}

int Ended(const doctor::Examination& examination, const std::string& text, std::ostream& out) {
  out << text << std::flush;
  if (examination.is_one_left) std::_Exit(examination.ExitStatus());
  return examination.ExitStatus();
}

constexpr const char* kDoctorFooter = R"(Examples:
  usagectl doctor
  usagectl doctor --often daily --config.file /etc/usage/exporter.yaml
  usagectl doctor --only tables --only ledger
  usagectl doctor --json | jq '.findings[] | select(.verdict != "ok")'
Exit status:
  0 all is well, 1 there are warnings, 2 something is broken.
)";
constexpr const char* kStatusFooter = R"(Examples:
  usagectl status
  watch -n 5 usagectl status
  usagectl status --json | jq .status
Exit status:
  0 all is well, 1 there are warnings, 2 something is broken.
)";

void AddCommonFlags(CLI::App* command, const std::shared_ptr<DoctorFlags>& flags) {
  command
      ->add_option("--config.file", flags->config_file,
                   "usage_exporter's, with a section doctor (docs/tools.md)")
      ->type_name("FILE")
      ->capture_default_str();
  command->add_flag("--json", flags->json, "As JSON");
  command->add_option("--color", flags->colour, "auto: on a terminal, unless NO_COLOR is set")
      ->check(CLI::IsMember({"always", "never", "auto"}))
      ->capture_default_str();
}

// As CLI11 writes the type of an IsMember, for --help and the shells. Find tells of a wrong one,
// with the nearest.
std::string CheckType() {
  std::string names;
  for (const Check& check : Checks()) names += (names.empty() ? "" : ",") + std::string(check.name);
  return "CHECK:{" + names + "}";
}

void AddDoctor(CLI::App& app, int& status) {
  auto flags = std::make_shared<DoctorFlags>();
  CLI::App* command = app.add_subcommand(
      "doctor", "Look at every part, say what is wrong and what to do; changes nothing");
  command->footer(kDoctorFooter);
  AddCommonFlags(command, flags);
  command->add_option("--only", flags->only, "This check alone; once for each")
      ->type_name(CheckType());
  command->add_option("--often", flags->often, "The checks of that rhythm and of shorter ones")
      ->check(CLI::IsMember({"daily", "weekly", "monthly"}))
      ->capture_default_str();
  command->add_flag("--list", flags->list, "Show the checks and how often each matters");
  command->callback([flags, &status] { status = RunDoctor(*flags, std::cout, std::cerr); });
}

void AddStatus(CLI::App& app, int& status) {
  auto flags = std::make_shared<DoctorFlags>();
  CLI::App* command = app.add_subcommand("status", "What runs and what is counted, in one screen");
  command->footer(kStatusFooter);
  AddCommonFlags(command, flags);
  command->callback([flags, &status] { status = ShowStatus(*flags, std::cout, std::cerr); });
}

}  // namespace

int RunDoctor(const DoctorFlags& flags, std::ostream& out, std::ostream& err) {
  return Guarded(err, [&] {
    if (flags.list) {
      out << doctor::ListText();
      return 0;
    }
    const doctor::Examination found = ExaminationBy(flags);
    const doctor::Paint paint(WantsColours(flags.colour));
    return Ended(found, flags.json ? doctor::ReportJson(found) : doctor::ReportText(found, paint),
                 out);
  });
}

int ShowStatus(const DoctorFlags& flags, std::ostream& out, std::ostream& err) {
  return Guarded(err, [&] {
    const Config config = ValueOf(LoadConfig(flags.config_file));
    const doctor::Examination found = doctor::AskStatus(HouseOf(flags, config));
    const doctor::Paint paint(WantsColours(flags.colour));
    return Ended(found, flags.json ? doctor::ReportJson(found) : doctor::StatusText(found, paint),
                 out);
  });
}

void AddDoctorCommands(CLI::App& app, int& status) {
  AddDoctor(app, status);
  AddStatus(app, status);
}

}  // namespace usage
