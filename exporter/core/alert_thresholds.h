// From when on a tenant's alerts fire: what the key `alerts` of the configuration and of a tenant
// holds.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace usage {

class YamlValue;

struct AlertKind {
  std::string_view name;  // the key, and the value of the label `alert`
  bool is_percent;        // of something; else a count
  bool needs_quota;       // says nothing of a tenant without one
  int otherwise;          // percents or a count, as are the next two
  int least;
  int most;
};

inline constexpr std::array kAlertKinds = {
    // Of the month's quota: used, and by the forecast of the month's end.
    AlertKind{"quota_notice", true, true, 50, 1, 1000},
    AlertKind{"quota_warning", true, true, 80, 1, 1000},
    AlertKind{"quota_almost_used", true, true, 90, 1, 1000},
    AlertKind{"quota_used_up", true, true, 100, 1, 1000},
    AlertKind{"quota_forecast", true, true, 100, 1, 1000},
    // Of the usual traffic at this local weekday and hour.
    AlertKind{"traffic_spike", true, false, 300, 101, 100'000},
    AlertKind{"traffic_collapse", true, false, 20, 1, 99},
    // Sessions that there always were at this hour in the last weeks.
    AlertKind{"no_sessions", false, false, 1, 1, 1'000'000},
    // Of the tenant's bytes today.
    AlertKind{"subscriber_share", true, false, 50, 1, 100},
};

// By kind: 0.8 for 80%, or a count; none: the alert is off.
using AlertThresholds = std::array<std::optional<double>, kAlertKinds.size()>;

AlertThresholds DefaultAlertThresholds();

// Reads a map such as {quota_warning: 75%, no_sessions: 10, traffic_spike: off} over *out: what it
// does not name, or names with a fault, stays. Faults are noted in the value's file.
void ReadAlertThresholds(const YamlValue& value, AlertThresholds* out);

// As ReadAlertThresholds, of the text of one value, JSON or YAML. Returns "" or the faults.
std::string ReadAlertThresholds(const std::string& text, AlertThresholds* out);

}  // namespace usage
