// `usagectl completion` and `usagectl man`: the command line, for shells and for man.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace usage {

// Adds both. Call it when every other command is there: they describe what `app` has when they run.
// `status` and `app` are used when they run.
void AddShellCommands(CLI::App& app, int& status);

// Adds --help-man to a program without commands like these: prints its man page and ends.
void AddManFlag(CLI::App& app, const char* program);

// For a wrong command line: a line with the word that a mistyped command or option is nearest to;
// "" when there is none.
std::string NearestWord(const CLI::App& app, int argc, const char* const* argv);

}  // namespace usage
