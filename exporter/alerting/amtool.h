// Alertmanager's own check of a configuration file.
#pragma once

#include <string>

namespace usage::alerting {

// What `program check-config file` finds wrong, in its words; "" for a good file. Throws
// std::runtime_error when the program can't be run, or takes longer than a minute.
std::string AmtoolFault(const std::string& program, const std::string& file);

}  // namespace usage::alerting
