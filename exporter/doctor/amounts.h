// Numbers as people read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace usage::doctor {

// "1,234,567".
std::string Count(uint64_t n);
// "3 tokens", "1 token": the plural has an s.
std::string Count(uint64_t n, const std::string& what);
// Powers of 1000, three digits: "1.23 GB".
std::string Bytes(double bytes);
// "12.3 Mbit/s".
std::string BitRate(double bits_per_second);
// "400 ms", "1.2 s", "12 s", "3 min", "5 h", "9 days".
std::string Span(std::chrono::duration<double> time);
// "93 %".
std::string Percent(double part, double whole);

}  // namespace usage::doctor
