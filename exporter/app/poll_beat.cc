#include "app/poll_beat.h"

namespace usage {
namespace {

using std::chrono::microseconds;

// The finalizer of splitmix64: every bit of the result hangs on every bit of `n`.
uint64_t Mixed(uint64_t n) {
  n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
  n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
  return n ^ (n >> 31);
}

// FNV-1a: the same on every machine, which std::hash does not promise.
uint64_t HashOf(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return Mixed(hash);
}

microseconds Part(uint64_t hash, microseconds whole) {
  return microseconds(hash % static_cast<uint64_t>(whole.count()));
}

}  // namespace

PollBeat::PollBeat(std::string_view name, std::chrono::milliseconds interval, Time start)
    : interval_(interval),
      hash_(HashOf(name)),
      first_(start + Part(hash_, interval_)),
      due_(DueOf(0)) {}

PollBeat::Time PollBeat::DueOf(uint64_t number) const {
  return first_ + static_cast<int64_t>(number) * interval_ +
         Part(Mixed(hash_ + number), interval_ / kJitter);
}

uint64_t PollBeat::Serve(Time now) {
  const uint64_t served = number_;
  SkipTo(now + microseconds(1));
  return number_ - served - 1;
}

void PollBeat::SkipTo(Time time) {
  while (due_ < time) due_ = DueOf(++number_);
}

}  // namespace usage
