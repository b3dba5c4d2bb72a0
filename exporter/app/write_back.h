// Fills the panel's table of sessions from what routers count.
#pragma once

#include <mutex>
#include <stdexcept>
#include <vector>

#include "config/config.h"
#include "core/clock.h"
#include "ledger/panel_plan.h"
#include "metrics/snapshot.h"
#include "sources/postgres/user_sessions.h"
#include "storage/panel_writer.h"

namespace usage {

// Another exporter fills the table. No fault of anybody.
class AnotherWritesBack : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Where routers' last words are.
class LatestReadings {
 public:
  virtual ~LatestReadings() = default;

  // The last good reading of each router. Thread-safe; never waits for a router.
  virtual std::vector<LatestReading> Take() = 0;
};

// One thread at a time takes the steps; anybody asks for the status.
class WriteBack {
 public:
  // `config` has routers and their write_back. Opens no connection. The references must outlive it.
  WriteBack(const Config& config, const Clock& clock, LatestReadings& latest);

  // Writes one batch, or, when an interval begins, looks at all rows; to be called again after the
  // configured pause. False when there was nothing to do. Throws std::runtime_error with what is
  // wrong, or who else writes: then the next interval tries again.
  bool Step();

  WriteBackStatus status() const;

 private:
  bool IsDue(Instant now) const;
  void Look(Instant now);
  void BecomeWriter();
  std::vector<PanelRow> OpenRows(Instant now);
  std::vector<LatestReading> FreshReadings(Instant now);
  void WriteBatch();

  const WriteBackConfig config_;
  const Duration oldest_;  // a reading that is older says nothing any more
  const Clock& clock_;
  LatestReadings& latest_;
  UserSessionsTable table_;
  PanelPlan plan_;
  PanelWriter writer_;
  Instant looked_at_;                 // or begun: routers are to be heard first
  std::vector<PanelUpdate> updates_;  // of the last look
  size_t next_ = 0;                   // of them, the first that is not written

  mutable std::mutex mutex_;
  WriteBackStatus status_;  // guarded by mutex_
};

}  // namespace usage
