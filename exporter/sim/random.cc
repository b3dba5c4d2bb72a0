#include "sim/random.h"

#include <cmath>

namespace usage::sim {
namespace {

uint64_t Scramble(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

constexpr uint64_t kGolden = 0x9e3779b97f4a7c15ULL;

}  // namespace

uint64_t Mix(uint64_t a, uint64_t b) { return Scramble(Scramble(a + kGolden) ^ (b * kGolden)); }

double Exp(double x) {
  constexpr double kLn2 = 0.693147180559945309417;
  // The remainder is at most ln(2)/2, where 14 terms of the series are enough.
  double power = std::floor(x / kLn2 + 0.5);
  double rest = x - power * kLn2;
  double sum = 1;
  for (int term = 14; term > 0; --term) sum = 1 + sum * rest / term;
  return std::ldexp(sum, static_cast<int>(power));
}

uint64_t Random::Next() { return Scramble(state_ += kGolden); }

double Random::Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

int64_t Random::Between(int64_t low, int64_t high) {
  return low + static_cast<int64_t>(Uniform() * static_cast<double>(high - low + 1));
}

// The sum of twelve uniform numbers has the variance 1 (Irwin-Hall).
double Random::Normal() {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += Uniform();
  return sum;
}

}  // namespace usage::sim
