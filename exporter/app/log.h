// The program's log, on standard error.
#pragma once

#include <string>
#include <string_view>

namespace usage {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

// "debug", "info", "warn", "error" and "logfmt", "json": as the exporters of Prometheus have them.
// Once, before the first Log.
void SetUpLog(const std::string& level, const std::string& format);

// One line. Thread-safe. The caller keeps secrets out.
void Log(LogLevel level, std::string_view message);

}  // namespace usage
