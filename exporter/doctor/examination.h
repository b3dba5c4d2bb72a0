// Runs checks side by side, each within its time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "doctor/checks.h"

namespace usage::doctor {

struct Result {
  const Check* check = nullptr;
  std::vector<Finding> findings;
};

struct Examination {
  std::vector<Result> results;  // in the order of the map
  // A check that could not be stopped still runs, since the resolver of names knows no time limit:
  // the process has to end without waiting for it, by std::_Exit.
  bool is_one_left = false;

  size_t Count(Verdict verdict) const;
  // 0: all is well; 1: warnings; 2: something is broken.
  int ExitStatus() const;
};

// Ends within DoctorConfig::timeout, whatever the parts do.
Examination Examine(std::shared_ptr<const House> house, const std::vector<const Check*>& checks);

}  // namespace usage::doctor
