// A source that delivers what a test tells it to.
#pragma once

#include <functional>
#include <mutex>

#include "sources/session_source.h"

namespace usage::testing {

// What a FakeSource shares with its test; outlives the source. Thread-safe.
struct FakeSourceScript {
  std::function<SourceBatch()> read;  // may throw, may block
  std::atomic<int> reads{0};
  std::atomic<int> acknowledged{0};
  std::atomic<int> rejected{0};
  ResumePoint resumed;
  std::vector<std::vector<std::string>> named;  // what ReadRows was asked for
};

class FakeSource : public SessionSource {
 public:
  explicit FakeSource(FakeSourceScript& script) : script_(script) {}

  void Resume(const ResumePoint& point) override { script_.resumed = point; }
  SourceBatch Read() override {
    ++script_.reads;
    return script_.read();
  }
  SourceBatch ReadRows(std::span<const std::string> keys) override {
    script_.named.emplace_back(keys.begin(), keys.end());
    SourceBatch batch = script_.read();
    batch.whole = false;
    return batch;
  }
  void Acknowledge() override { ++script_.acknowledged; }
  void Reject() override { ++script_.rejected; }

 private:
  FakeSourceScript& script_;
};

// An open PPPoE session of tenant "acme".
inline Observation OpenRow(const std::string& key, Instant started, Instant stamp, uint64_t up,
                           uint64_t down) {
  Observation row;
  row.key = key;
  row.tenant = "acme";
  row.subscriber = "user of " + key;
  row.access = Access::kPppoe;
  row.started = started;
  row.stamp = stamp;
  row.upload = up;
  row.download = down;
  return row;
}

inline TenantInfo Acme(const std::string& zone = "UTC") {
  TenantInfo tenant;
  tenant.id = "acme";
  tenant.name = "ACME";
  tenant.time_zone = zone;
  return tenant;
}

}  // namespace usage::testing
