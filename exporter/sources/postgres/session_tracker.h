// Finds what changed in a table of sessions since it was read last.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "sources/postgres/known_rows.h"
#include "sources/postgres/session_table.h"
#include "sources/postgres/watch_list.h"
#include "sources/session_source.h"

namespace usage {

// A SessionSource over a SessionTable. Each reading: the open rows; the rows that arrived since;
// by key the rows that left the open set, and the closed rows whose time to be checked has come. A
// row is delivered when the fingerprint of its content is another one than the ledger has.
class SessionTracker : public SessionSource {
 public:
  // `source` is the configured name. The clock must outlive the tracker.
  SessionTracker(std::string source, std::unique_ptr<SessionTable> table, const Clock& clock);

  // Also later, between two readings, for a table that has grown by a part.
  void Resume(const ResumePoint& point) override;
  SourceBatch Read() override;
  SourceBatch ReadRows(std::span<const std::string> keys) override;
  void Acknowledge() override;
  void Reject() override;

  size_t known_rows() const { return rows_.size(); }

 private:
  // What a delivery has changed and Reject takes back.
  struct Delivery {
    RowRef ref;
    CaseSet cases;
    uint64_t used_difference;
  };

  template <typename Reading>
  SourceBatch Batch(const Reading& reading);
  void ReadAll();
  void ReadSome(std::span<const std::string> keys);
  void TakeNamed(const TableRow& row);
  SessionTable::Scope ChooseScope();
  void TakeOpen(const TableRow& row);
  void Take(RowRef ref, const TableRow& row);
  void Deliver(RowRef ref, const TableRow& row, uint64_t fingerprint);
  void Count(RowRef ref, const DecodedRow& decoded);
  uint64_t UsedDifference(RowRef ref) const;
  void Forget(RowRef ref);

  void ReadByKey();
  void DropClosed();
  void CollectMissing();
  void CollectChecks();
  void CloseMissing();
  void CloseChecks();
  void CountOpen();

  void TakeBack(const Delivery& delivery);
  void EndReading();
  RowRef FindOrAdd(std::string_view key);
  void MarkOpen(RowRef ref);

  const std::string source_;
  const std::unique_ptr<SessionTable> table_;
  const Clock& clock_;

  KnownRows rows_;
  WatchList watch_{rows_};
  std::unordered_map<RowRef, uint64_t> used_differences_;  // counted; few rows have one
  std::vector<RowRef> open_;  // every open row, and rows that were open at the reading before
  std::string cursor_;        // the acknowledged one
  bool all_next_ = true;      // the next reading compares every row
  Instant last_all_;

  // Of the reading in progress, or of the one that waits for Acknowledge or Reject.
  bool pending_ = false;
  uint32_t reading_ = 0;
  RowRef last_open_ = kNoRow;  // the open row that was visited last
  SourceBatch batch_;
  std::string next_cursor_;
  std::vector<Delivery> delivered_;
  std::vector<std::string> keys_;  // to be read by key
  std::vector<RowRef> missing_;    // open rows that the open set does not have any more
  std::vector<RowRef> checks_;     // watched rows whose time has come
  std::vector<RowRef> gone_;       // have no row
};

}  // namespace usage
