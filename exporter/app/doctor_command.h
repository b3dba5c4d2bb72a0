// `usagectl doctor` and `usagectl status`: is all well, and what is going on.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace usage {

struct DoctorFlags {
  std::string config_file = "usage_exporter.yaml";
  std::vector<std::string> only;  // names of checks; none: those of `often`
  std::string often = "monthly";  // with all that matters more often
  std::string colour = "auto";
  bool list = false;
  bool json = false;
};

// Returns the exit status: 0 all is well, 1 warnings, 2 something is broken.
int RunDoctor(const DoctorFlags& flags, std::ostream& out, std::ostream& err);

// The same of `usagectl status`; of the flags config_file, colour and json count.
int ShowStatus(const DoctorFlags& flags, std::ostream& out, std::ostream& err);

// Adds `usagectl doctor` and `usagectl status`; they set `status`, which must outlive `app`, to the
// exit status.
void AddDoctorCommands(CLI::App& app, int& status);

}  // namespace usage
