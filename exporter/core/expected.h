// An error as a value, for where the caller decides (as ccache's). Start-up faults and broken
// invariants are exceptions instead.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace usage {

struct Error {
  std::string message;
};

// E is Error, or says more than a message: where the error is, what to do.
template <typename T, typename E = Error>
class [[nodiscard]] Expected {
 public:
  Expected(T value) : content_(std::move(value)) {}  // NOLINT: implicit as std::expected's
  Expected(E error) : content_(std::move(error)) {}  // NOLINT

  explicit operator bool() const { return content_.index() == 0; }
  T& operator*() { return std::get<0>(content_); }
  const T& operator*() const { return std::get<0>(content_); }
  T* operator->() { return &std::get<0>(content_); }
  const T* operator->() const { return &std::get<0>(content_); }
  const E& fault() const { return std::get<1>(content_); }
  const std::string& error() const { return fault().message; }

 private:
  std::variant<T, E> content_;
};

// At start-up, where a fault ends the program. Throws std::runtime_error.
template <typename T>
T ValueOf(Expected<T> loaded) {
  if (!loaded) throw std::runtime_error(loaded.error());
  return std::move(*loaded);
}

}  // namespace usage
