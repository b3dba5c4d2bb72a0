// Reads the days and months of the ledger's tables, beside whoever writes them.
#pragma once

#include <memory>

#include "config/config.h"
#include "ledger/past.h"

namespace usage {

// What tells that the tables have changed.
struct PastMark {
  int64_t folds = 0;         // grows with each fold
  int64_t restatements = 0;  // and with each change of a day that was closed
};

// Needs no lock and takes none: any number of exporters may read. One thread at a time. Throws
// StoreError; the next call connects again. Every call ends, as the store's do.
class PastReader {
 public:
  explicit PastReader(const StorageConfig& config);
  ~PastReader();
  PastReader(const PastReader&) = delete;
  PastReader& operator=(const PastReader&) = delete;

  // Cheap: two index look-ups.
  PastMark Mark();

  // One moment of all tables: the days since `first_day` and the months since `first_period`.
  Past Read(Day first_day, Day first_period);

 private:
  class Session;
  template <typename Body>
  auto Guarded(std::chrono::milliseconds limit, Body body);

  const StorageConfig config_;
  std::unique_ptr<Session> session_;
};

}  // namespace usage
