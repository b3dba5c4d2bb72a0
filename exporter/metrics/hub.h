// Where the newest snapshot is handed from the thread that makes it to the threads that show it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "metrics/snapshot.h"

namespace usage {

// Holds the newest snapshot only: a reader that is slow misses the ones between. Thread-safe.
class SnapshotHub {
 public:
  // Makes `snapshot` the newest and wakes everybody who waits. Not null.
  void Publish(SnapshotPtr snapshot);

  // The newest snapshot; null before the first. Never waits for a cycle.
  SnapshotPtr Latest() const;

  // Waits until the newest snapshot is another one than `than` (null: until there is one) and
  // returns it; null after `timeout`, and at once after Close().
  SnapshotPtr WaitNewer(const SnapshotPtr& than, std::chrono::milliseconds timeout) const;

  // Wakes everybody who waits; nobody waits any more. Latest() and Publish() still work, so that
  // the last cycle can finish and be scraped.
  void Close();
  bool closed() const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  SnapshotPtr latest_;
  bool closed_ = false;
};

}  // namespace usage
