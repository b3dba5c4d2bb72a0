// Keeps /metrics/history in step with the ledger's tables.
#pragma once

#include <optional>

#include "core/clock.h"
#include "metrics/hub.h"
#include "storage/past_reader.h"

namespace usage {

// Reads the tables anew when a tenant's day began, when a fold changed days that are closed, and
// now and then. It asks the database and not the books, so that an exporter that does not write
// the ledger shows the same, and holds up no cycle. One thread at a time.
class HistoryKeeper {
 public:
  // The references must outlive it.
  HistoryKeeper(const Config& config, const Clock& clock, HistoryHub& hub);

  // Publishes a new history if one is due. Throws StoreError: then the last one stays.
  void KeepUp();

 private:
  bool IsDue(const PastMark& mark, Instant now) const;
  void Read(const PastMark& mark, Instant now);

  const StorageConfig storage_;
  const LedgerConfig ledger_;
  const Duration keep_for_;
  const Clock& clock_;
  HistoryHub& hub_;
  PastReader reader_;

  struct Kept {
    PastMark mark;
    Instant read_at;
    Instant next_day;  // of any tenant
    // Until then folds still change days that are over without leaving a line of the audit.
    Instant settled_at;
  };
  std::optional<Kept> kept_;  // none before the first reading
};

}  // namespace usage
