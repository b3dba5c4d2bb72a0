#include "core/types.h"

#include <cstdio>

namespace usage {

std::string_view AccessName(Access access) {
  return access == Access::kHotspot ? "hotspot" : "pppoe";
}

std::optional<Access> ParseAccess(std::string_view name) {
  for (Access access : kAllAccess) {
    if (name == AccessName(access)) return access;
  }
  return std::nullopt;
}

Day Day::FromCivil(int year, unsigned month, unsigned day) {
  using namespace std::chrono;
  sys_days days = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
  return {static_cast<int32_t>(days.time_since_epoch().count())};
}

std::chrono::year_month_day Day::civil() const {
  return std::chrono::sys_days(std::chrono::days(number));
}

std::string Day::ToString() const {
  auto ymd = civil();
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(ymd.year()),
                static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()));
  return text;
}

std::string FormatInstant(Instant t) {
  auto days = std::chrono::floor<std::chrono::days>(t);
  int64_t micros = (t - days).count();
  char text[40];
  std::snprintf(text, sizeof text, "T%02d:%02d:%02d.%06dZ", static_cast<int>(micros / 3600000000),
                static_cast<int>(micros / 60000000 % 60), static_cast<int>(micros / 1000000 % 60),
                static_cast<int>(micros % 1000000));
  return Day{static_cast<int32_t>(days.time_since_epoch().count())}.ToString() + text;
}

}  // namespace usage
