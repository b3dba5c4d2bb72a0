#include "gateway/result_cache.h"

#include <cmath>
#include <iterator>

namespace usage::gateway {
namespace {

// Of an entry beside its texts.
constexpr uint64_t kOverhead = 512;

bool IsMultiple(double value, double step) {
  // Both have at most three decimals: milliseconds are Prometheus' own resolution.
  auto millis = std::llround(value * 1000), step_millis = std::llround(step * 1000);
  return step_millis > 0 && millis % step_millis == 0;
}

}  // namespace

bool IsCacheable(double start, double end, double step, double now,
                 std::chrono::milliseconds recent) {
  bool is_settled = end <= now - std::chrono::duration<double>(recent).count();
  return is_settled && IsMultiple(start, step) && IsMultiple(end, step);
}

std::shared_ptr<const CachedAnswer> ResultCache::Find(const CacheKey& key, SteadyTime now) {
  std::lock_guard lock(mutex_);
  auto found = by_key_.find(key);
  if (found != by_key_.end() && found->second->until <= now) {
    Erase(found->second);
    found = by_key_.end();
  }
  ++(found == by_key_.end() ? misses_ : hits_);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->answer;
}

void ResultCache::Keep(const CacheKey& key, std::shared_ptr<const CachedAnswer> answer,
                       SteadyTime now) {
  uint64_t bytes = answer->body.size() + 2 * (key.form.size() + key.path.size()) + kOverhead;
  // One answer must not drive all others out.
  if (bytes > max_bytes_ / 8) return;
  std::lock_guard lock(mutex_);
  auto old = by_key_.find(key);
  if (old != by_key_.end()) Erase(old->second);
  entries_.push_front({key, std::move(answer), now + keep_, bytes});
  by_key_[key] = entries_.begin();
  bytes_ += bytes;
  while (bytes_ > max_bytes_) Erase(std::prev(entries_.end()));
}

void ResultCache::Erase(Entries::iterator entry) {
  bytes_ -= entry->bytes;
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

uint64_t ResultCache::hits() const {
  std::lock_guard lock(mutex_);
  return hits_;
}

uint64_t ResultCache::misses() const {
  std::lock_guard lock(mutex_);
  return misses_;
}

uint64_t ResultCache::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace usage::gateway
