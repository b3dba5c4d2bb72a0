// Where the newest snapshot is handed from the thread that makes it to the threads that show it;
// and likewise the newest history.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "metrics/history.h"
#include "metrics/snapshot.h"

namespace usage {

// Holds the newest snapshot only: a reader that is slow misses the ones between. Thread-safe.
template <typename Content>
class Hub {
 public:
  using Ptr = std::shared_ptr<const Content>;

  // Makes `snapshot` the newest and wakes everybody who waits. Not null.
  void Publish(Ptr snapshot);

  // The newest snapshot; null before the first. Never waits for a cycle.
  Ptr Latest() const;

  // Waits until the newest snapshot is another one than `than` (null: until there is one) and
  // returns it; null after `timeout`, and at once after Close().
  Ptr WaitNewer(const Ptr& than, std::chrono::milliseconds timeout) const;

  // Wakes everybody who waits; nobody waits any more. Latest() and Publish() still work, so that
  // the last cycle can finish and be scraped.
  void Close();
  bool closed() const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Ptr latest_;
  bool closed_ = false;
};

using SnapshotHub = Hub<Snapshot>;
using HistoryHub = Hub<History>;

}  // namespace usage
