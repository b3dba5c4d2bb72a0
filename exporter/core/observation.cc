#include "core/observation.h"

#include <array>

namespace usage {

std::string_view SourceCaseName(SourceCase c) {
  static constexpr std::array<std::string_view, static_cast<size_t>(SourceCase::kCount)> kNames = {
      "negative_counter", "used_only",       "used_disagrees", "unknown_access",     "odd_status",
      "broken_text",      "impossible_time", "lost_start",     "stop_without_stamp",
  };
  return kNames.at(static_cast<size_t>(c));
}

}  // namespace usage
