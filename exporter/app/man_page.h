// Man pages out of what --help says.
#pragma once

#include <string>

#include "app/command_tree.h"

namespace usage {

// Roff of section 1: of the whole program or of one command, with all that is below it. Lines of
// the footer without indentation that end with a colon are headings.
std::string ManPage(const CommandNode& node);

// "usagectl-token.1".
std::string ManPageName(const CommandNode& node);

}  // namespace usage
