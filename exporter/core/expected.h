// An error as a value, for where the caller decides (as ccache's). Start-up faults and broken
// invariants are exceptions instead.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace usage {

struct Error {
  std::string message;
};

template <typename T>
class [[nodiscard]] Expected {
 public:
  Expected(T value) : content_(std::move(value)) {}      // NOLINT: implicit as std::expected's
  Expected(Error error) : content_(std::move(error)) {}  // NOLINT

  explicit operator bool() const { return content_.index() == 0; }
  T& operator*() { return std::get<0>(content_); }
  const T& operator*() const { return std::get<0>(content_); }
  T* operator->() { return &std::get<0>(content_); }
  const T* operator->() const { return &std::get<0>(content_); }
  const std::string& error() const { return std::get<1>(content_).message; }

 private:
  std::variant<T, Error> content_;
};

}  // namespace usage
