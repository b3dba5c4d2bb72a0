#include "app/router_pool.h"

#include <set>
#include <utility>

namespace usage {

RouterPool::RouterPool(const RoutersConfig& config, RouterSourceMaker make, RouterSink& sink)
    : make_(std::move(make)),
      sink_(sink),
      details_(config.details),
      queue_({config.interval, config.details, config.concurrency}),
      timekeeper_([this](const std::stop_token& stop) { KeepTime(stop); }) {}

void RouterPool::Update(const std::vector<RouterConfig>& routers) {
  std::vector<RouterId> ids;
  for (const RouterConfig& router : routers) ids.push_back({router.name, router.tenant});
  sink_.SetRouters(ids);
  std::vector<PostPtr> gone;  // their connections are closed without the lock
  {
    std::lock_guard lock(mutex_);
    gone = Dismiss(routers);
    for (const RouterConfig& router : routers) Admit(router);
    is_changed_ = true;
  }
  changed_.notify_one();
}

std::vector<RouterPool::PostPtr> RouterPool::Dismiss(const std::vector<RouterConfig>& routers) {
  std::set<std::string_view> names;
  for (const RouterConfig& router : routers) names.insert(router.name);
  std::vector<PostPtr> gone;
  for (auto it = members_.begin(); it != members_.end();) {
    if (names.contains(it->first)) {
      ++it;
      continue;
    }
    queue_.Remove(it->first);
    gone.push_back(std::move(it->second.post));
    it = members_.erase(it);
  }
  return gone;
}

void RouterPool::Admit(const RouterConfig& router) {
  const auto [it, is_new] = members_.try_emplace(router.name);
  Member& member = it->second;
  if (is_new) {
    member.post = std::make_shared<RouterPost>(router, make_, sink_);
  } else if (member.config != router) {
    member.post->Change(router);
    queue_.Remove(router.name);  // what is known of the old address says nothing of the new one
  }
  member.config = router;
  queue_.Add(router.name, Now());
}

std::vector<RouterStatus> RouterPool::statuses() const {
  // One that was missed may be late, by a poll that failed; after that they are no news any more.
  const Time oldest_details = Now() - 3 * details_;
  std::lock_guard lock(mutex_);
  std::vector<RouterStatus> statuses;
  for (const auto& [name, member] : members_) {
    statuses.push_back(member.post->status(oldest_details));
    statuses.back().is_resting = queue_.IsResting(name);
  }
  return statuses;
}

uint64_t RouterPool::ended() const {
  std::lock_guard lock(mutex_);
  return ended_;
}

void RouterPool::Stop() {
  timekeeper_.request_stop();
  if (timekeeper_.joinable()) timekeeper_.join();
  {
    std::lock_guard lock(mutex_);
    jobs_.clear();
  }
  for (std::jthread& worker : workers_) worker.request_stop();
  workers_.clear();
}

void RouterPool::KeepTime(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    is_changed_ = false;
    while (auto turn = queue_.Take(Now())) GiveOut(std::move(*turn));
    changed_.wait_until(lock, stop, queue_.NextLook(Now()), [this] { return is_changed_; });
  }
}

void RouterPool::GiveOut(PollQueue::Turn turn) {
  PostPtr post = members_.at(turn.name).post;
  jobs_.push_back({std::move(turn), std::move(post)});
  if (idle_ > 0) {
    --idle_;
    given_out_.notify_one();
  } else {
    workers_.emplace_back([this](const std::stop_token& stop) { Work(stop); });
  }
}

void RouterPool::Work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (given_out_.wait(lock, stop, [this] { return !jobs_.empty(); })) {
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    const bool is_good = job.post->Poll(job.turn.depth, job.turn.skipped);
    lock.lock();
    Finish(job.turn.name, is_good);
  }
}

void RouterPool::Finish(const std::string& name, bool is_good) {
  queue_.Done(name, is_good, Now());
  ++idle_;
  ++ended_;
  is_changed_ = true;
  changed_.notify_one();
}

}  // namespace usage
