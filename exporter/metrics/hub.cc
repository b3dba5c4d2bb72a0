#include "metrics/hub.h"

#include <utility>

namespace usage {

template <typename Content>
void Hub<Content>::Publish(Ptr snapshot) {
  {
    std::lock_guard lock(mutex_);
    latest_.swap(snapshot);
  }
  changed_.notify_all();
  // The old snapshot, perhaps the last owner of megabytes, is freed here, outside the lock.
}

template <typename Content>
Hub<Content>::Ptr Hub<Content>::Latest() const {
  std::lock_guard lock(mutex_);
  return latest_;
}

template <typename Content>
Hub<Content>::Ptr Hub<Content>::WaitNewer(const Ptr& than,
                                          std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return closed_ || latest_ != than; });
  return closed_ || latest_ == than ? nullptr : latest_;
}

template <typename Content>
void Hub<Content>::Close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

template <typename Content>
bool Hub<Content>::closed() const {
  std::lock_guard lock(mutex_);
  return closed_;
}

template class Hub<Snapshot>;
template class Hub<History>;

}  // namespace usage
