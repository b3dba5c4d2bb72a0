#include "doctor/amounts.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace usage::doctor {
namespace {

std::string Rounded(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

// Three digits and a prefix.
std::string Scaled(double value, const std::string& unit) {
  static constexpr std::array kPrefixes = {"", "k", "M", "G", "T", "P", "E"};
  size_t i = 0;
  for (; value >= 999.5 && i + 1 < kPrefixes.size(); ++i) value /= 1000;
  const int digits = i == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return Rounded(value, digits) + " " + kPrefixes[i] + unit;
}

}  // namespace

std::string Count(uint64_t n) {
  std::string text = std::to_string(n);
  for (size_t end = text.size(); end > 3; end -= 3) text.insert(end - 3, 1, ',');
  return text;
}

std::string Count(uint64_t n, const std::string& what) {
  return Count(n) + " " + what + (n == 1 ? "" : "s");
}

std::string Bytes(double bytes) { return Scaled(bytes, "B"); }

std::string BitRate(double bits_per_second) { return Scaled(bits_per_second, "bit/s"); }

std::string Span(std::chrono::duration<double> time) {
  const double seconds = std::abs(time.count());
  if (seconds < 0.9995) return Rounded(1000 * seconds, 0) + " ms";
  if (seconds < 9.95) return Rounded(seconds, 1) + " s";
  if (seconds < 120) return Rounded(seconds, 0) + " s";
  if (seconds < 2 * 3600) return Rounded(std::floor(seconds / 60), 0) + " min";
  if (seconds < 2 * 86400) return Rounded(std::floor(seconds / 3600), 0) + " h";
  return Rounded(std::floor(seconds / 86400), 0) + " days";
}

std::string Percent(double part, double whole) {
  return whole > 0 ? Rounded(100 * part / whole, 0) + " %" : "0 %";
}

}  // namespace usage::doctor
