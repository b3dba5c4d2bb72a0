#include "app/fault_log.h"

#include <utility>

#include "app/log.h"

namespace usage {
namespace {

std::string WithoutDigits(std::string text) {
  std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
  return text;
}

// Most errors begin with the name of what failed.
std::string Named(const std::string& who, const std::string& error) {
  const bool is_named = error.starts_with(who + " ") || error.starts_with(who + ": ");
  return is_named ? error : who + ": " + error;
}

}  // namespace

void FaultLog::Note(const std::string& who, const std::string& error) {
  std::string text = WithoutDigits(error);
  std::string before = std::exchange(last_, text);
  if (text == before) return;
  if (error.empty()) {
    Log(LogLevel::kInfo, who + ": works again");
  } else {
    Log(LogLevel::kError, Named(who, error));
  }
}

}  // namespace usage
