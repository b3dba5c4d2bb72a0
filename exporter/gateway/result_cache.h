// Answers of range queries, kept for a while. Off unless configured.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "net/channel.h"

namespace usage::gateway {

struct CachedAnswer {
  std::string content_type;
  std::string content_encoding;
  std::string body;
};

// Which answer. The tenant is a field of its own, not a part of a text in which another tenant's
// could be made up; the form has the enforced query, and with it the tenant once more.
struct CacheKey {
  std::string tenant;
  bool is_operator = false;
  std::string path;
  std::string form;
  bool gzip = false;

  friend auto operator<=>(const CacheKey&, const CacheKey&) = default;
};

// Whether such a range query may be kept: start and end are multiples of step, so that other
// viewers ask for the same points, and the end is older than `recent`.
bool IsCacheable(double start, double end, double step, double now,
                 std::chrono::milliseconds recent);

// Thread-safe. The least recently used goes first.
class ResultCache {
 public:
  ResultCache(uint64_t max_bytes, std::chrono::milliseconds keep)
      : max_bytes_(max_bytes), keep_(keep) {}

  std::shared_ptr<const CachedAnswer> Find(const CacheKey& key, SteadyTime now);
  void Keep(const CacheKey& key, std::shared_ptr<const CachedAnswer> answer, SteadyTime now);

  uint64_t hits() const;
  uint64_t misses() const;
  uint64_t bytes() const;

 private:
  struct Entry {
    CacheKey key;
    std::shared_ptr<const CachedAnswer> answer;
    SteadyTime until;
    uint64_t bytes;
  };
  using Entries = std::list<Entry>;  // the most recently used first

  void Erase(Entries::iterator entry);

  const uint64_t max_bytes_;
  const std::chrono::milliseconds keep_;
  mutable std::mutex mutex_;
  Entries entries_;
  std::map<CacheKey, Entries::iterator> by_key_;
  uint64_t bytes_ = 0, hits_ = 0, misses_ = 0;
};

}  // namespace usage::gateway
