// Completion of a program's command line by the shells.
#pragma once

#include <string>

#include "app/command_tree.h"

namespace usage {

// A script for bash 4 or newer: to be sourced, or a file of bash-completion's folder.
std::string BashCompletion(const CommandNode& tree);
// One for zsh 5: a file _PROGRAM in a folder of fpath, or sourced after compinit.
std::string ZshCompletion(const CommandNode& tree);

}  // namespace usage
