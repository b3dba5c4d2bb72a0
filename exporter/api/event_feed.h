// The event stream of the landing page: snapshots in, frames to any number of clients.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "api/state_encoder.h"
#include "core/clock.h"
#include "metrics/hub.h"
#include "net/http_server.h"

namespace usage {

// Encodes each snapshot once, on a thread of its own. A client that falls behind by more than the
// frames that are kept gets the full state instead of what it missed. Thread-safe.
class EventFeed {
 public:
  struct Options {
    // A comment when nothing else was sent for so long: proxies close silent connections.
    std::chrono::milliseconds heartbeat{15'000};
    std::chrono::milliseconds retry{1'000};  // what EventSource waits before it connects again
    size_t frames_kept = 6;                  // at least 1
  };

  // Neither owned; both must outlive the feed.
  EventFeed(const SnapshotHub& hub, const Clock& clock, Options options);
  EventFeed(const SnapshotHub& hub, const Clock& clock) : EventFeed(hub, clock, Options()) {}
  ~EventFeed();  // every stream must have returned

  // Serves one client until it goes or the server stops. `last_event_id` is what it saw last ("":
  // nothing): it gets what changed since, where that is still there, else the full state.
  void Serve(HttpStreamWriter& writer, const std::string& last_event_id) const;

 private:
  struct Batch {
    std::vector<SharedText> events;
    uint64_t upto = 0;  // the sequence of the last one
  };

  void Run(const std::stop_token& stop);
  void Add(const SnapshotPtr& snapshot);
  std::string Greeting() const;
  uint64_t Resume(const std::string& last_event_id) const;
  Batch After(uint64_t seen) const;
  Batch WaitAfter(uint64_t seen, std::stop_token stop) const;

  const SnapshotHub& hub_;
  const Clock& clock_;
  const Options options_;
  const std::string boot_;
  StateEncoder encoder_;  // of the thread
  mutable std::mutex mutex_;
  mutable std::condition_variable_any added_;
  std::deque<Frame> frames_;  // guarded by mutex_; only the last one has its full event
  std::jthread thread_;       // the last member: it uses the others
};

}  // namespace usage
