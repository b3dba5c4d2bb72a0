// Numbers, durations and strings of PromQL: their text and their values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace usage::gateway {

struct NumberOrDuration {
  double value;  // seconds, for a duration
  bool duration;
};

// "5", "0x1f", "017" (octal, as Go reads it), "1_000", "1e3", "inf", "nan", "1h30m". No value for
// anything else, and for what no double or no duration (292 years) holds.
std::optional<NumberOrDuration> ParseNumber(std::string_view text);

// The shortest text that is read as the same double.
void AppendNumber(double value, std::string& out);
// As a duration ("5m", "-1h30m") where milliseconds say it exactly, else as a number of seconds.
void AppendSeconds(double seconds, std::string& out);
// Whether AppendSeconds writes a duration.
bool IsWholeMilliseconds(double seconds);

// The value of a string token, which is well-formed and has a backslash.
std::string Unescape(std::string_view token);
// In double quotes; what is not printable ASCII or UTF-8 is escaped.
void AppendQuoted(std::string_view value, std::string& out);

// [A-Za-z_][A-Za-z0-9_]*: needs no quotes as a label's name.
bool IsPlainLabel(std::string_view name);

}  // namespace usage::gateway
