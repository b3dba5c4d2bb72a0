#include "metrics/hub.h"

#include <utility>

namespace usage {

void SnapshotHub::Publish(SnapshotPtr snapshot) {
  {
    std::lock_guard lock(mutex_);
    latest_.swap(snapshot);
  }
  changed_.notify_all();
  // The old snapshot, perhaps the last owner of megabytes, is freed here, outside the lock.
}

SnapshotPtr SnapshotHub::Latest() const {
  std::lock_guard lock(mutex_);
  return latest_;
}

SnapshotPtr SnapshotHub::WaitNewer(const SnapshotPtr& than,
                                   std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return closed_ || latest_ != than; });
  return closed_ || latest_ == than ? nullptr : latest_;
}

void SnapshotHub::Close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

bool SnapshotHub::closed() const {
  std::lock_guard lock(mutex_);
  return closed_;
}

}  // namespace usage
