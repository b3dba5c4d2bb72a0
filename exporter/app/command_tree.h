// What a program's command line knows, as plain data: completion and man pages are made from it, so
// that they say what --help says.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace usage {

struct CommandOption {
  std::string name;   // "--file", of a positional "id"
  std::string value;  // what stands behind it: "FILE", "TEXT"; "" of a flag
  std::string what;
  std::string otherwise;             // its default; "" without one
  std::vector<std::string> choices;  // none: anything
  bool is_positional = false;
  bool is_required = false;

  bool IsPath() const { return value == "FILE" || value == "FOLDER"; }
};

struct CommandNode {
  std::string path;  // "usagectl token create"
  std::string what;
  std::string footer;  // examples and more, as --help shows them
  std::vector<CommandOption> options;
  std::vector<CommandNode> commands;
};

CommandNode TreeOf(const CLI::App& app, const std::string& name);

// --help of `app` and of every command below it in 80 columns. Call it when they are all there.
void WrapHelp(CLI::App& app);

// The node and all below it, each before its own commands.
std::vector<const CommandNode*> AllOf(const CommandNode& tree);

}  // namespace usage
