// The signals of a program that serves.
#pragma once

#include <functional>

namespace usage {

// Before any thread begins, so that all of them leave SIGTERM, SIGINT and SIGHUP to WaitForTheEnd.
// SIGPIPE is ignored from then on.
void BlockSignals();

// Returns at SIGTERM or SIGINT; calls `reload`, which must not throw, at each SIGHUP.
void WaitForTheEnd(const std::function<void()>& reload);

}  // namespace usage
