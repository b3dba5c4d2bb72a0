// The values of session rows: which ones are to be believed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/types.h"
#include "sources/postgres/session_table.h"

namespace usage {

// Microseconds since 1970-01-01 of a binary timestamp (on the clock of the table's zone, where
// the type has none). No value for NULL, and none, with kImpossibleTime, for the infinities and
// for times before 1990 or after 2199: routers without a clock begin in 1970.
std::optional<int64_t> PossibleTime(std::optional<int64_t> timestamp, CaseSet& cases);

// No value for NULL, and none, with kNegativeCounter, for less than 0.
std::optional<uint64_t> Counter(std::optional<int64_t> value, CaseSet& cases);

// "hotspot" or "pppoe" trimmed and in any case; else hotspot, with kUnknownAccess.
Access AccessOf(std::optional<std::string_view> text, CaseSet& cases);

// As it is, "" for NULL; with kBrokenText where it is not UTF-8.
std::string TextOf(std::optional<std::string_view> text, CaseSet& cases);

// Without white space around, ASCII letters in lower case.
std::string Normalised(std::string_view text);

bool IsUtf8(std::string_view text);

}  // namespace usage
