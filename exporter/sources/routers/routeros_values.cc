#include "sources/routers/routeros_values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "core/mac.h"
#include "core/utf8.h"

namespace usage {
namespace {

struct Unit {
  std::string_view name;
  int64_t micros;
};

// The larger first: a duration goes down this list.
constexpr std::array<Unit, 7> kUnits = {{{"w", 604'800'000'000},
                                         {"d", 86'400'000'000},
                                         {"h", 3'600'000'000},
                                         {"m", 60'000'000},
                                         {"s", 1'000'000},
                                         {"ms", 1'000},
                                         {"us", 1}}};
constexpr int64_t kSecond = 1'000'000;
constexpr size_t kDays = 1;  // of kUnits: the last that may stand before a clock's time

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Goes through a text from the front.
class DurationReader {
 public:
  explicit DurationReader(std::string_view text) : rest_(text) {}

  std::optional<Duration> Read() {
    if (rest_.empty()) return std::nullopt;
    while (!rest_.empty()) {
      if (!ReadPart()) return std::nullopt;
    }
    return Duration(sum_);
  }

 private:
  bool ReadPart() {
    const auto number = ReadNumber();
    if (!number) return false;
    if (rest_.starts_with(':')) return ReadClock(*number);
    const std::string_view name = rest_.substr(0, rest_.find_first_of("0123456789"));
    rest_.remove_prefix(name.size());
    while (next_unit_ < kUnits.size() && kUnits[next_unit_].name != name) ++next_unit_;
    return next_unit_ < kUnits.size() && Add(*number, kUnits[next_unit_++].micros);
  }

  // What follows the hours of hh:mm:ss; behind weeks and days or alone, and then the end.
  bool ReadClock(int64_t hours) {
    int64_t seconds = 0;
    for (int i = 0; i < 2; ++i) {
      const bool is_two = rest_.size() >= 3 && rest_[0] == ':' && IsDigit(rest_[1]) &&
                          IsDigit(rest_[2]) && rest_[1] < '6';
      if (!is_two) return false;
      seconds = seconds * 60 + (rest_[1] - '0') * 10 + (rest_[2] - '0');
      rest_.remove_prefix(3);
    }
    return rest_.empty() && next_unit_ <= kDays + 1 && Add(hours, 3600 * kSecond) &&
           Add(seconds, kSecond);
  }

  std::optional<int64_t> ReadNumber() {
    int64_t number = 0;
    const char* end = rest_.data() + rest_.size();
    const auto [stop, error] = std::from_chars(rest_.data(), end, number);
    if (error != std::errc() || number < 0 || !IsDigit(rest_[0])) return std::nullopt;
    rest_.remove_prefix(static_cast<size_t>(stop - rest_.data()));
    return number;
  }

  bool Add(int64_t number, int64_t micros) {
    int64_t product = 0;
    return !__builtin_mul_overflow(number, micros, &product) &&
           !__builtin_add_overflow(sum_, product, &sum_);
  }

  std::string_view rest_;
  size_t next_unit_ = 0;  // of kUnits: the largest that may come now
  int64_t sum_ = 0;
};

bool IsAddress(const std::string& text) {
  std::array<char, 16> bytes{};
  return ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

}  // namespace

std::optional<Duration> ParseRouterOsDuration(std::string_view text) {
  return DurationReader(text).Read();
}

std::optional<uint64_t> ParseRouterOsNumber(std::string_view text) {
  uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

std::optional<std::pair<uint64_t, uint64_t>> ParseRouterOsPair(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const auto up = ParseRouterOsNumber(text.substr(0, slash));
  const auto down = ParseRouterOsNumber(text.substr(slash + 1));
  return up && down ? std::optional(std::pair(*up, *down)) : std::nullopt;
}

std::optional<bool> ParseRouterOsBool(std::string_view text) {
  if (text == "true" || text == "yes") return true;
  if (text == "false" || text == "no") return false;
  return std::nullopt;
}

void RouterOsValues::Text(std::string_view text, std::string* value) const {
  *value = RepairedUtf8(text);
}

void RouterOsValues::Number(std::string_view text, std::optional<uint64_t>* value) {
  if (!text.empty()) *value = Counted(ParseRouterOsNumber(text));
}

void RouterOsValues::Pair(std::string_view text, std::optional<uint64_t>* up,
                          std::optional<uint64_t>* down) {
  if (text.empty()) return;
  const auto both = Counted(ParseRouterOsPair(text));
  if (!both) return;
  *up = both->first;
  *down = both->second;
}

void RouterOsValues::Time(std::string_view text, std::optional<Duration>* value) {
  if (!text.empty()) *value = Counted(ParseRouterOsDuration(text));
}

void RouterOsValues::Bool(std::string_view text, std::optional<bool>* value) {
  if (!text.empty()) *value = Counted(ParseRouterOsBool(text));
}

void RouterOsValues::Percent(std::string_view text, std::optional<double>* value) {
  if (text.ends_with('%')) text.remove_suffix(1);
  if (text.empty()) return;
  auto percent = ParseRouterOsNumber(text);
  if (percent && *percent > 100) percent.reset();
  if (Counted(percent)) *value = static_cast<double>(*percent) / 100;
}

void RouterOsValues::Mac(std::string_view text, uint64_t* value) {
  if (!text.empty()) *value = Counted(ParseMac(text)).value_or(0);
}

void RouterOsValues::Address(std::string_view text, std::string* value) const {
  const size_t slash = std::min(text.find('/'), text.size());
  const std::string_view length = text.substr(slash);
  const bool is_one = length.empty() || length == "/32" || length == "/128";
  std::string address(text.substr(0, slash));
  if (is_one && IsAddress(address)) *value = std::move(address);
}

}  // namespace usage
