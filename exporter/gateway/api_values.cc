#include "gateway/api_values.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <string>

namespace usage::gateway {
namespace {

constexpr double kGreatest = 1e12;  // seconds; some 30,000 years, exact in micros

std::optional<double> ParseDecimal(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  bool plain = !text.empty() && text.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool whole = plain && error == std::errc() && end == text.data() + text.size();
  return whole && std::abs(value) <= kGreatest ? std::optional(value) : std::nullopt;
}

// Takes exactly `count` digits off the front.
std::optional<int> TakeDigits(std::string_view* text, size_t count) {
  std::string_view digits = text->substr(0, count);
  if (digits.size() < count || digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  int value = 0;
  std::from_chars(digits.data(), digits.data() + count, value);
  text->remove_prefix(count);
  return value;
}

bool TakeChar(std::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

// Reads the parts of an RFC 3339 time one after the other; the first fault ends it.
class Rfc3339 {
 public:
  explicit Rfc3339(std::string_view text) : text_(text) {}

  std::optional<double> Seconds() {
    int year = Part(4, '-'), month = Part(2, '-'), day = Part(2, 'T');
    int hour = Part(2, ':'), minute = Part(2, ':'), second = Part(2, '\0');
    double fraction = Fraction();
    int zone = ZoneSeconds();
    std::chrono::year_month_day date{std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day))};
    bool good = good_ && text_.empty() && date.ok() && hour < 24 && minute < 60 && second < 60;
    if (!good) return std::nullopt;
    auto days = std::chrono::sys_days(date).time_since_epoch().count();
    return static_cast<double>(days) * 86400.0 + hour * 3600 + minute * 60 + second + fraction -
           zone;
  }

 private:
  int Part(size_t digits, char then) {
    std::optional<int> value = good_ ? TakeDigits(&text_, digits) : std::nullopt;
    good_ = value && (then == '\0' || TakeChar(&text_, then));
    return value.value_or(0);
  }

  double Fraction() {
    if (!good_ || !TakeChar(&text_, '.')) return 0;
    double value = 0, place = 0.1;
    good_ = !text_.empty() && std::isdigit(static_cast<unsigned char>(text_[0])) != 0;
    for (; !text_.empty() && std::isdigit(static_cast<unsigned char>(text_[0])) != 0; place /= 10) {
      value += place * (text_[0] - '0');
      text_.remove_prefix(1);
    }
    return value;
  }

  int ZoneSeconds() {
    if (!good_ || TakeChar(&text_, 'Z')) return 0;
    bool minus = TakeChar(&text_, '-');
    good_ = minus || TakeChar(&text_, '+');
    int hours = Part(2, ':'), minutes = Part(2, '\0');
    good_ = good_ && hours < 24 && minutes < 60;
    return (hours * 3600 + minutes * 60) * (minus ? -1 : 1);
  }

  std::string_view text_;
  bool good_ = true;
};

struct Unit {
  std::string_view name;
  double seconds;
};

// The larger first; "ms" before "m" and "s".
constexpr Unit kUnits[] = {{"y", 365 * 86400.0}, {"w", 7 * 86400.0}, {"d", 86400},
                           {"h", 3600},          {"m", 60},          {"s", 1},
                           {"ms", 0.001}};

// The index of the unit that the text begins with; -1: none.
int TakeUnit(std::string_view* text) {
  size_t size = text->starts_with("ms") ? 2 : 1;
  for (int i = 0; i < static_cast<int>(std::size(kUnits)); ++i) {
    if (text->substr(0, size) != kUnits[i].name) continue;
    text->remove_prefix(size);
    return i;
  }
  return -1;
}

std::optional<double> ParseUnits(std::string_view text) {
  double seconds = 0;
  int last = -1;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    std::optional<uint64_t> count = ParseApiCount(text.substr(0, digits));
    text.remove_prefix(digits);
    int unit = TakeUnit(&text);
    if (!count || unit <= last) return std::nullopt;
    last = unit;
    seconds += static_cast<double>(*count) * kUnits[unit].seconds;
  }
  return seconds <= kGreatest ? std::optional(seconds) : std::nullopt;
}

}  // namespace

std::optional<double> ParseApiTime(std::string_view text) {
  std::optional<double> number = ParseDecimal(text);
  return number ? number : Rfc3339(text).Seconds();
}

std::optional<double> ParseApiDuration(std::string_view text) {
  std::optional<double> number = ParseDecimal(text);
  return number ? number : ParseUnits(text);
}

std::optional<uint64_t> ParseApiCount(std::string_view text) {
  bool digits = !text.empty() && text.size() <= 18 &&
                text.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits) return std::nullopt;
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace usage::gateway
