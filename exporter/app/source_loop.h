// One source's thread: read, book, acknowledge, publish.
#pragma once

#include <memory>

#include "app/bookkeeper.h"
#include "app/fault_log.h"
#include "app/periodic.h"
#include "app/publisher.h"
#include "app/status_board.h"
#include "sources/session_source.h"

namespace usage {

// A source that is slow or dead costs only its own freshness.
class SourceLoop {
 public:
  // Reads at once. The references must outlive it. `index` is the source's place on the board.
  SourceLoop(const SourceConfig& config, size_t index, std::unique_ptr<SessionSource> source,
             const Clock& clock, Bookkeeper& books, StatusBoard& board, Publisher& publisher);

  // Lets the reading that is under way finish.
  void Stop() { periodic_.Stop(); }

 private:
  void Cycle(uint64_t missed);
  SourceBatch ReadAndBook();
  void NoteFailure(const std::string& error, double seconds);

  const std::string name_;
  const size_t index_;
  const std::unique_ptr<SessionSource> source_;
  const Clock& clock_;
  Bookkeeper& books_;
  StatusBoard& board_;
  Publisher& publisher_;
  bool is_resumed_ = false;
  FaultLog faults_;
  std::vector<std::string> logged_advice_;
  Periodic periodic_;  // the last member: its thread uses the others
};

}  // namespace usage
