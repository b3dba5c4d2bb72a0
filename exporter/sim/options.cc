#include <cmath>
#include <optional>

#include "core/units.h"
#include "sim/simulator.h"

namespace usage::sim {
namespace {

// Digits at a place; -1 where there are none.
int Digits(const std::string& text, size_t at, size_t count) {
  if (text.size() < at + count) return -1;
  int value = 0;
  for (char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<Second> ParseDate(const std::string& text) {
  using namespace std::chrono;
  year_month_day date = year(Digits(text, 0, 4)) / Digits(text, 5, 2) / Digits(text, 8, 2);
  bool is_date =
      text.size() >= 10 && Digits(text, 0, 4) >= 0 && text[4] == '-' && text[7] == '-' && date.ok();
  if (!is_date) return std::nullopt;
  if (text.size() == 10) return sys_days(date);
  int h = Digits(text, 11, 2), m = Digits(text, 14, 2), s = Digits(text, 17, 2);
  bool is_time = text.size() == 20 && text[10] == 'T' && text[13] == ':' && text[16] == ':' &&
                 text[19] == 'Z' && h >= 0 && h < 24 && m >= 0 && m < 60 && s >= 0 && s < 60;
  if (!is_time) return std::nullopt;
  return sys_days(date) + hours(h) + minutes(m) + seconds(s);
}

}  // namespace

Expected<seconds> ParseSeconds(const std::string& text) {
  auto duration = ParseDuration(text);
  if (!duration || *duration < seconds(1) || *duration % seconds(1) != seconds(0)) {
    return Error{text + ": write whole seconds as 90s, 5m, 2h or 1d"};
  }
  return std::chrono::floor<seconds>(*duration);
}

Expected<Second> ParseSince(const std::string& text, Second now) {
  if (text == "now") return now;
  std::optional<Second> since = ParseDate(text);
  if (text.starts_with('-')) {
    if (auto ago = ParseSeconds(text.substr(1))) since = now - *ago;
  }
  if (!since) return Error{text + ": write now, -2d, 2026-11-20 or 2026-11-20T08:00:00Z"};
  if (*since > now) return Error{text + ": lies in the future"};
  return *since;
}

std::string Complaint(const RunOptions& options) try {
  Check(options.population);
  const PopulationOptions& people = options.population;
  if (!people.user_sessions && !people.radius) return "--target: user_sessions, radius or both";
  if (people.user_sessions && options.database.empty()) {
    return "--target user_sessions needs --database";
  }
  if (people.radius && options.secret.empty()) return "--target radius needs --secret-file";
  if (options.create_tables && options.database.empty()) return "--create-tables needs --database";
  if (!std::isfinite(options.speed) || options.speed < 1 || options.speed > 1000) {
    return "--speed: from 1 to 1000: faster, a reader that comes every 5 seconds would not see "
           "both sides of a midnight closely enough";
  }
  if (options.interim < seconds(60) || options.interim > seconds(3600)) {
    return "--interim: from 60s (RFC 2869 2.1) to 1h";
  }
  if (options.idle_tail > seconds(600)) return "--idle-tail: at most 10m";
  if (options.panel_interval > seconds(3600)) return "--panel-interval: at most 1h";
  return "";
} catch (const std::invalid_argument& error) {
  return error.what();
}

}  // namespace usage::sim
