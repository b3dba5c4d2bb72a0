// `usagectl feed`: the trigger that tells the exporter which rows have changed.
#pragma once

#include <iosfwd>
#include <string>

namespace CLI {
class App;
}

namespace usage {

struct FeedFlags {
  std::string config_file = "usage_exporter.yaml";
  bool drop = false;  // what takes it away instead
};

// Prints the statements for every source of the configuration; runs none of them, and opens no
// connection. Returns the exit status; what went wrong goes to `err`.
int PrintFeedDdl(const FeedFlags& flags, std::ostream& out, std::ostream& err);

// Adds `usagectl feed`; it sets `status`, which must outlive `app`, to the exit status.
void AddFeedCommands(CLI::App& app, int& status);

}  // namespace usage
