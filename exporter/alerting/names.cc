#include "alerting/names.h"

#include <array>
#include <cstdio>
#include <string_view>

namespace usage::alerting {
namespace {

constexpr std::array kDays = {"monday", "tuesday",  "wednesday", "thursday",
                              "friday", "saturday", "sunday"};

bool StaysAsItIs(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._@+-").find(c) != std::string_view::npos;
}

const char* SeverityWord(AlertSeverity severity) {
  return severity == AlertSeverity::kWarning ? "warning" : "critical";
}

}  // namespace

std::string TenantName(const std::string& id) {
  std::string name = "tenant/";
  for (const char c : id) {
    char escaped[4];
    std::snprintf(escaped, sizeof escaped, "%%%02X", static_cast<unsigned char>(c));
    name += StaysAsItIs(c) ? std::string(1, c) : escaped;
  }
  return name;
}

std::string ReceiverName(const std::string& owner, AlertSeverity severity, const QuietTime& quiet) {
  std::string name = owner;
  if (severity != AlertSeverity::kInfo) name += std::string("/") + SeverityWord(severity);
  if (quiet != QuietTime()) name += "/" + QuietName(quiet);
  return name;
}

std::string ClockText(int minute) {
  char text[16];
  std::snprintf(text, sizeof text, "%02d:%02d", minute / 60, minute % 60);
  return text;
}

const char* DayName(size_t day) { return kDays.at(day); }

std::string QuietName(const QuietTime& quiet) {
  std::string name;
  if (quiet.begin != quiet.end) name = ClockText(quiet.begin) + "-" + ClockText(quiet.end);
  for (size_t day = 0; day < quiet.days.size(); ++day) {
    if (quiet.days.at(day)) name += (name.empty() ? "" : "+") + std::string(DayName(day));
  }
  return name;
}

std::string Matcher(const std::string& label, const std::string& value) {
  std::string text = label + "=\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return text + "\"";
}

}  // namespace usage::alerting
