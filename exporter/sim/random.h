// Random numbers that are the same on every machine: the distributions of <random> and the last
// bit of libm are not.
#pragma once

#include <cstdint>

namespace usage::sim {

// A hash of two numbers: seeds of streams that know nothing of each other.
uint64_t Mix(uint64_t a, uint64_t b);

// e^x for |x| <= 700, to about 1e-13; only sums and products, so without libm's differences.
double Exp(double x);

// splitmix64 (Steele, Lea, Flood 2014). A value: copy it to replay it.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next();
  double Uniform();                            // [0, 1)
  int64_t Between(int64_t low, int64_t high);  // both inclusive, low <= high
  bool Chance(double probability) { return Uniform() < probability; }
  double Normal();  // mean 0, deviation 1; never beyond ±6
  double LogNormal(double median, double sigma) { return median * Exp(sigma * Normal()); }

 private:
  uint64_t state_;
};

}  // namespace usage::sim
