// The tenants' alert thresholds, as their list was read last.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "metrics/snapshot.h"
#include "sources/tenant_source.h"

namespace usage {

// Kept beside the ledger, which has no use for them: an exporter that does not write the ledger
// shows them as well, and what a change of them makes is not a change of the books. Thread-safe.
class AlertSettings {
 public:
  // Before the list is read, and for those who are not in it, there are the defaults.
  explicit AlertSettings(const AlertThresholds& defaults) : defaults_(defaults) {}

  // The faults that were not there the last time, one for each tenant, for the log.
  std::vector<std::string> Update(const std::vector<TenantInfo>& tenants);

  // Fills in the thresholds of the snapshot's tenants.
  void Describe(Snapshot* snapshot) const;

 private:
  struct Entry {
    AlertThresholds thresholds;
    std::string fault;
  };

  const AlertThresholds defaults_;
  mutable std::mutex mutex_;              // guards all below
  std::map<std::string, Entry> tenants_;  // by id, as the snapshot writes it
};

}  // namespace usage
