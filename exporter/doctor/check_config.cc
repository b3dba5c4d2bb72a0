#include "doctor/amounts.h"
#include "doctor/checks.h"

namespace usage::doctor {

void CheckConfigFile(const House& house, Notes& notes) {
  const Config& config = house.config();
  notes.Good(house.config_file(), "good, " + Count(config.sources.size(), "source"));
  for (const std::string& warning : config.warnings) {
    notes.Warn(house.config_file(), warning, "change it, unless it is meant");
  }
}

}  // namespace usage::doctor
