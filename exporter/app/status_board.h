// What the threads report of themselves, for the next snapshot.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "config/config.h"
#include "core/observation.h"
#include "metrics/snapshot.h"
#include "sources/postgres/notify_feed.h"

namespace usage {

// Thread-safe.
class StatusBoard {
 public:
  explicit StatusBoard(const std::vector<SourceConfig>& sources);

  // A reading begins; `missed` intervals fell out before it.
  void Begin(size_t source, uint64_t missed);
  void Succeeded(size_t source, const SourceBatch& batch, double seconds);
  // A reading by key between two readings.
  void Woken(size_t source, const SourceBatch& batch);
  void Heard(size_t source, const NotifyFeed::Status& feed);
  void Failed(size_t source, const std::string& error, Instant now, double seconds);

  void TenantsRead(Instant now);
  void TenantsFailed(const std::string& error);

  // Fills in sources, tenants' state and `ready`.
  void Describe(Snapshot* snapshot) const;

 private:
  struct Source {
    SourceStatus status;
    std::map<SourceCase, uint64_t> cases;
  };
  static void Count(const SourceBatch& batch, Source& source);
  static SourceStatus StatusOf(const Source& source);

  mutable std::mutex mutex_;  // guards all below
  std::vector<Source> sources_;
  bool tenants_up_ = false;
  std::string tenants_error_;
  std::optional<Instant> tenants_at_;
};

}  // namespace usage
