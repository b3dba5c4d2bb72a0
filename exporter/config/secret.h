// Secrets out of files and the environment.
#pragma once

#include <string>

#include "config/config.h"
#include "core/expected.h"

namespace usage {

// A line of 1 to 1024 bytes, without its end. The error names the place and the remedy.
Expected<std::string> ReadSecret(const SecretPlace& place);

// The environment's value of that name; the error says that it has none, or that this is no name.
Expected<std::string> ReadVariable(const std::string& name);

bool IsWorldReadable(const std::string& path);

}  // namespace usage
