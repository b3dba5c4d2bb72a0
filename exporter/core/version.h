// Which program this is.
#pragma once

#include <string>

namespace usage {

extern const char* const kVersion;   // of CMakeLists.txt
extern const char* const kRevision;  // the commit it was built from, or "unknown"

// What --version prints: "usage_sim, version 1.2.3 (revision: abc)".
std::string VersionText(const std::string& program);

}  // namespace usage
