// What all programs that serve have on their command line.
#pragma once

#include <string>

#include "net/web_config.h"

namespace CLI {
class App;
}

namespace usage {

struct ServerFlags {
  std::string config_file;
  std::string listen_address;
  std::string web_config_file;
  std::string log_level = "info";
  std::string log_format = "logfmt";
  bool check_config = false;
};

// What --help says of the flags that mean something else in each program.
struct ServerFlagTexts {
  const char* config_file;
  const char* listen_address;
  const char* web_config_file;
};

void AddServerFlags(CLI::App& app, ServerFlags& flags, const ServerFlagTexts& texts);

// The file of --web.config.file; without one, no TLS and no passwords. Throws std::runtime_error
// with every fault of it.
WebConfig LoadedWebConfig(const ServerFlags& flags);

}  // namespace usage
