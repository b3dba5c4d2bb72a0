// One source's thread: read, book, acknowledge, publish.
#pragma once

#include <memory>

#include "app/bookkeeper.h"
#include "app/fault_log.h"
#include "app/periodic.h"
#include "app/publisher.h"
#include "app/status_board.h"
#include "sources/postgres/notify_feed.h"
#include "sources/session_source.h"

namespace usage {

// A source that is slow or dead costs only its own freshness.
class SourceLoop {
 public:
  // Reads at once. The references must outlive it. `index` is the source's place on the board.
  SourceLoop(const SourceConfig& config, size_t index, std::unique_ptr<SessionSource> source,
             const Clock& clock, Bookkeeper& books, StatusBoard& board, Publisher& publisher);

  ~SourceLoop() { Stop(); }

  // Lets the reading that is under way finish.
  void Stop();

 private:
  std::unique_ptr<NotifyFeed> MakeFeed(const SourceConfig& config);
  void Cycle(uint64_t missed);
  void Woken();
  SourceBatch ReadAndBook();
  void Book(const SourceBatch& batch);
  void Hear();
  void NoteFailure(const std::string& error, double seconds);

  const std::string name_;
  const size_t index_;
  const std::unique_ptr<SessionSource> source_;
  const Clock& clock_;
  Bookkeeper& books_;
  StatusBoard& board_;
  Publisher& publisher_;
  bool is_resumed_ = false;
  bool is_current_ = false;  // the last reading was booked
  FaultLog faults_;
  std::vector<std::string> logged_advice_;
  FaultLog feed_faults_;              // the feed's thread's
  std::unique_ptr<NotifyFeed> feed_;  // null: not configured. Wakes periodic_, so stops before it
  Periodic periodic_;                 // the last member: its thread uses the others
};

}  // namespace usage
