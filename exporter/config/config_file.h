// The file of --config.file.
#pragma once

#include <set>
#include <string>

#include "config/config.h"
#include "core/expected.h"

namespace usage {

// Reads and checks the whole file; opens no connection. Every fault of it is in one error, each on
// a line as "file:line:column: key.path: what is wrong; what to do", none with a secret in it.
// Relative file names in it start at its folder.
Expected<Config> LoadConfig(const std::string& path);

// Every key that LoadConfig knows, as "sources[].interval".
std::set<std::string> KnownConfigKeys();

}  // namespace usage
