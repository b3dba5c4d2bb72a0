// Values as RouterOS writes them, by REST and by the binary API alike. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/types.h"

namespace usage {

// "1w2d03:04:05", "2d20h12m20s", "01:22:53", "4m17s", "30s500ms", "850us": the larger unit first,
// each once. No value for anything else, or beyond 64 bits.
std::optional<Duration> ParseRouterOsDuration(std::string_view text);

// A decimal number of 64 bits, nothing around it.
std::optional<uint64_t> ParseRouterOsNumber(std::string_view text);

// "UP/DOWN" of a queue.
std::optional<std::pair<uint64_t, uint64_t>> ParseRouterOsPair(std::string_view text);

// true, yes, false, no.
std::optional<bool> ParseRouterOsBool(std::string_view text);

// Reads the values of rows. What is empty is not said; what can't be read is not said either, and
// counted.
class RouterOsValues {
 public:
  uint64_t bad() const { return bad_; }

  void Text(std::string_view text, std::string* value) const;  // repaired to UTF-8
  void Number(std::string_view text, std::optional<uint64_t>* value);
  void Pair(std::string_view text, std::optional<uint64_t>* up, std::optional<uint64_t>* down);
  void Time(std::string_view text, std::optional<Duration>* value);
  void Bool(std::string_view text, std::optional<bool>* value);
  void Percent(std::string_view text, std::optional<double>* value);  // 0 to 1
  void Mac(std::string_view text, uint64_t* value);
  // "10.0.0.7" of "10.0.0.7/32" too. Networks and the names of interfaces, which stand in the same
  // place, say no address.
  void Address(std::string_view text, std::string* value) const;

 private:
  template <typename T>
  std::optional<T> Counted(std::optional<T> value) {
    if (!value) ++bad_;
    return value;
  }

  uint64_t bad_ = 0;
};

}  // namespace usage
