// Which program this is.
#pragma once

namespace usage {

extern const char* const kVersion;   // of CMakeLists.txt
extern const char* const kRevision;  // the commit it was built from, or "unknown"

}  // namespace usage
