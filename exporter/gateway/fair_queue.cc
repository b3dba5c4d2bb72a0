#include "gateway/fair_queue.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace usage::gateway {
namespace {

// One for each thread that has ever waited.
int EventFdOfThread() {
  struct EventFd {
    int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ~EventFd() { ::close(fd); }
  };
  thread_local EventFd event;
  return event.fd;
}

void Drain(int fd) {
  uint64_t count;
  while (::read(fd, &count, sizeof count) > 0) {
  }
}

}  // namespace

FairQueue::Place& FairQueue::Place::operator=(Place&& other) noexcept {
  Leave();
  queue_ = std::exchange(other.queue_, nullptr);
  tenant_ = std::move(other.tenant_);
  at_upstream_ = other.at_upstream_;
  verdict = other.verdict;
  return *this;
}

void FairQueue::Place::Leave() {
  if (queue_ != nullptr) std::exchange(queue_, nullptr)->Leave(tenant_, at_upstream_);
}

void FairQueue::Place::LeaveUpstream() {
  if (queue_ != nullptr && std::exchange(at_upstream_, false)) queue_->LeaveUpstream();
}

FairQueue::Place FairQueue::Enter(const std::string& tenant, const Limits& limits, Watch client) {
  Place place;
  Waiter waiter{EventFdOfThread()};
  {
    std::lock_guard lock(mutex_);
    Lane& lane = lanes_[tenant];
    lane.max_running = limits.max_running;
    if (lane.waiting.empty() && HasRoom(lane)) {
      ++lane.running;
      ++running_;
      place = Place(this, tenant);
      place.verdict = Verdict::kGranted;
      return place;
    }
    if (static_cast<int>(lane.waiting.size()) >= limits.max_waiting) {
      EraseIfUnused(tenant);
      return place;
    }
    if (lane.waiting.empty()) turns_.push_back(tenant);
    lane.waiting.push_back(&waiter);
    ++waiting_;
  }
  SteadyTime deadline = std::chrono::steady_clock::now() + limits.patience;
  Io io = WaitFor({waiter.event_fd, POLLIN}, client, deadline);
  bool granted = GiveUp(tenant, &waiter);
  if (granted) place = Place(this, tenant);
  place.verdict = granted                ? Verdict::kGranted
                  : io == Io::kDisturbed ? Verdict::kClientGone
                                         : Verdict::kTimeout;
  return place;
}

// Ends the wait. True: the place was given all the same, maybe at the last moment.
bool FairQueue::GiveUp(const std::string& tenant, Waiter* waiter) {
  std::lock_guard lock(mutex_);
  if (waiter->granted) {
    Drain(waiter->event_fd);
    return true;
  }
  Lane& lane = lanes_.at(tenant);
  std::erase(lane.waiting, waiter);
  --waiting_;
  if (lane.waiting.empty()) turns_.remove(tenant);
  EraseIfUnused(tenant);
  return false;
}

bool FairQueue::HasRoom(const Lane& lane) const {
  return (capacity_ == 0 || running_ < capacity_) &&
         (lane.max_running == 0 || lane.running < lane.max_running);
}

void FairQueue::LeaveUpstream() {
  std::lock_guard lock(mutex_);
  --running_;
  Dispatch();
}

void FairQueue::Leave(const std::string& tenant, bool at_upstream) {
  std::lock_guard lock(mutex_);
  if (at_upstream) --running_;
  --lanes_.at(tenant).running;
  Dispatch();
  EraseIfUnused(tenant);
}

void FairQueue::Dispatch() {
  for (auto turn = turns_.begin(); turn != turns_.end();) {
    Lane& lane = lanes_.at(*turn);
    if (!HasRoom(lane)) {
      ++turn;
      continue;
    }
    Waiter* waiter = lane.waiting.front();
    lane.waiting.pop_front();
    --waiting_;
    ++lane.running;
    ++running_;
    waiter->granted = true;
    uint64_t one = 1;
    [[maybe_unused]] ssize_t written = ::write(waiter->event_fd, &one, sizeof one);
    auto served = turn++;
    if (lane.waiting.empty()) {
      turns_.erase(served);
    } else {
      turns_.splice(turns_.end(), turns_, served);
      // The last in the list now; with nobody behind it, it is the next one again.
      if (turn == turns_.end()) turn = served;
    }
  }
}

void FairQueue::EraseIfUnused(const std::string& tenant) {
  auto lane = lanes_.find(tenant);
  bool unused = lane != lanes_.end() && lane->second.running == 0 && lane->second.waiting.empty();
  if (unused) lanes_.erase(lane);
}

int FairQueue::running() const {
  std::lock_guard lock(mutex_);
  return running_;
}

int FairQueue::waiting() const {
  std::lock_guard lock(mutex_);
  return waiting_;
}

void FairQueue::SetCapacity(int capacity) {
  std::lock_guard lock(mutex_);
  capacity_ = capacity;
  Dispatch();
}

}  // namespace usage::gateway
