// Where sessions come from.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/observation.h"

namespace usage {

// What the ledger remembers of a source, for a reader that starts anew.
struct ResumePoint {
  struct Closed {
    std::string key;
    Instant closed_at;
  };
  std::string cursor;             // "": this source was never read
  std::vector<std::string> open;  // sessions that were open when last seen
  std::vector<Closed> watched;    // sessions that closed in the last 24 hours
};

// A reader of sessions. One thread at a time uses it: the source's own.
//
// The contract that the ledger builds on: whatever changed since the last acknowledged reading
// (a counter, a stamp, a status, a row that came, ended or vanished) is in the next batch, also
// when the session began and ended in between. What did not change need not be.
class SessionSource {
 public:
  virtual ~SessionSource() = default;

  // Once, before the first Read.
  virtual void Resume(const ResumePoint& point) = 0;

  // Reads within the configured timeout. Throws std::runtime_error with a message that names the
  // source, the fault and the remedy, and never a secret; the next call tries again.
  virtual SourceBatch Read() = 0;

  // Reads the rows of these keys alone: what changed of them, and what began among them. What it
  // does not find is left to the next Read, as are rows that ended before anybody saw them open.
  // Throws as Read does; is acknowledged or rejected as Read is. After the first Read only.
  virtual SourceBatch ReadRows(std::span<const std::string> keys) = 0;

  // The last batch is booked: its content need not come again.
  virtual void Acknowledge() = 0;
  // The last batch could not be booked: its content comes again with the next Read.
  virtual void Reject() = 0;
};

}  // namespace usage
