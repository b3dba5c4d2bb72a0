#include "core/units.h"

#include <charconv>
#include <limits>

namespace usage {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view name;
  uint64_t factor;
};

constexpr Unit kDurations[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};
constexpr Unit kRates[] = {{"bit/s", 1},
                           {"kbit/s", 1'000},
                           {"Mbit/s", 1'000'000},
                           {"Gbit/s", 1'000'000'000},
                           {"Tbit/s", 1'000'000'000'000}};
constexpr Unit kSizes[] = {{"", 1},
                           {"B", 1},
                           {"kB", 1'000},
                           {"MB", 1'000'000},
                           {"GB", 1'000'000'000},
                           {"TB", 1'000'000'000'000},
                           {"KiB", 1ull << 10},
                           {"MiB", 1ull << 20},
                           {"GiB", 1ull << 30},
                           {"TiB", 1ull << 40}};
constexpr milliseconds kLongest = std::chrono::hours(24 * 365'250);

// Takes a number off the front of `text`.
std::optional<uint64_t> TakeNumber(std::string_view* text) {
  uint64_t number = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc()) return std::nullopt;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return number;
}

std::string_view TakeLetters(std::string_view* text) {
  std::string_view letters = text->substr(0, text->find_first_of("0123456789"));
  text->remove_prefix(letters.size());
  return letters;
}

template <size_t N>
const Unit* FindUnit(const Unit (&units)[N], std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

std::optional<uint64_t> Times(uint64_t number, uint64_t factor) {
  if (number > std::numeric_limits<uint64_t>::max() / factor) return std::nullopt;
  return number * factor;
}

template <size_t N>
std::optional<uint64_t> ParseWithUnit(const Unit (&units)[N], std::string_view text) {
  std::optional<uint64_t> number = TakeNumber(&text);
  while (text.starts_with(' ')) text.remove_prefix(1);
  const Unit* unit = FindUnit(units, text);
  if (!number || unit == nullptr) return std::nullopt;
  return Times(*number, unit->factor);
}

}  // namespace

std::optional<milliseconds> ParseDuration(std::string_view text) {
  uint64_t total = 0;
  uint64_t last_factor = std::numeric_limits<uint64_t>::max();
  do {
    std::optional<uint64_t> number = TakeNumber(&text);
    const Unit* unit = FindUnit(kDurations, TakeLetters(&text));
    if (!number || unit == nullptr || unit->factor >= last_factor) return std::nullopt;
    std::optional<uint64_t> part = Times(*number, unit->factor);
    if (!part || *part > static_cast<uint64_t>(kLongest.count())) return std::nullopt;
    total += *part;
    last_factor = unit->factor;
  } while (!text.empty());
  return milliseconds(total) > kLongest ? std::nullopt : std::optional(milliseconds(total));
}

std::string FormatDuration(milliseconds duration) {
  std::string text;
  auto rest = static_cast<uint64_t>(duration.count());
  for (const Unit& unit : kDurations) {
    if (rest >= unit.factor) text += std::to_string(rest / unit.factor) + std::string(unit.name);
    rest %= unit.factor;
  }
  return text.empty() ? "0s" : text;
}

std::optional<uint64_t> ParseBitRate(std::string_view text) { return ParseWithUnit(kRates, text); }

std::optional<uint64_t> ParseByteSize(std::string_view text) { return ParseWithUnit(kSizes, text); }

}  // namespace usage
