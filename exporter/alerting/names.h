// What receivers and mute times are called, and how a matcher is written.
#pragma once

#include <string>

#include "config/config.h"

namespace usage::alerting {

inline constexpr char kOperator[] = "operator";
inline constexpr char kWatchdog[] = "watchdog";
inline constexpr char kNobody[] = "nobody";

// "tenant/acme": letters, digits and . _ @ + - of the id as they are, all else as %2F. No two ids
// have one name, and none has a comma or a blank, which the tools divide lists by.
std::string TenantName(const std::string& id);

// Of those of `owner` who hear from that severity on, but at those times: "tenant/acme",
// "tenant/acme/critical/22:00-06:00". It comes of what it is and not of its place: Alertmanager
// remembers by this name whom it told, and a new contact makes nobody hear things twice.
std::string ReceiverName(const std::string& owner, AlertSeverity severity, const QuietTime& quiet);

// "22:00-06:00", "saturday+sunday", "22:00-06:00+sunday"; "" for none.
std::string QuietName(const QuietTime& quiet);

// "22:00".
std::string ClockText(int minute);
const char* DayName(size_t day);  // Monday is 0

// `label="value"`, as Alertmanager's matchers have it.
std::string Matcher(const std::string& label, const std::string& value);

}  // namespace usage::alerting
