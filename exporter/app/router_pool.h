// Polls routers, many at once.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/poll_queue.h"
#include "app/router_post.h"

namespace usage {

// One thread keeps the time and gives out turns; those that poll are made when there are turns and
// nobody is idle, so a hundred routers in good order take two or three. Thread-safe.
class RouterPool {
 public:
  // `sink` must outlive it.
  RouterPool(const RoutersConfig& config, RouterSourceMaker make, RouterSink& sink);
  ~RouterPool() { Stop(); }

  // Who is polled from now on; names are unique. Those that are as they were keep their connection
  // and their beat. Throws what the sink throws: then all is as before.
  void Update(const std::vector<RouterConfig>& routers);

  // By name.
  std::vector<RouterStatus> statuses() const;

  // Polls that have ended, well or not, since the start: whether there is news.
  uint64_t ended() const;

  // Lets the polls that are under way finish, which takes a timeout at most. Idempotent.
  void Stop();

 private:
  using Time = PollQueue::Time;
  using PostPtr = std::shared_ptr<RouterPost>;
  struct Member {
    RouterConfig config;
    PostPtr post;
  };
  struct Job {
    PollQueue::Turn turn;
    PostPtr post;
  };

  std::vector<PostPtr> Dismiss(const std::vector<RouterConfig>& routers);
  void Admit(const RouterConfig& router);
  void KeepTime(const std::stop_token& stop);
  void GiveOut(PollQueue::Turn turn);
  void Work(const std::stop_token& stop);
  void Finish(const std::string& name, bool is_good);
  static Time Now() { return std::chrono::steady_clock::now(); }

  const RouterSourceMaker make_;
  RouterSink& sink_;
  const std::chrono::milliseconds details_;

  mutable std::mutex mutex_;               // guards all below but the threads
  std::condition_variable_any changed_;    // the queue: for who keeps the time
  std::condition_variable_any given_out_;  // jobs_: for who polls
  PollQueue queue_;
  std::map<std::string, Member> members_;
  std::deque<Job> jobs_;
  size_t idle_ = 0;  // workers that wait, less the jobs that wait for them
  uint64_t ended_ = 0;
  bool is_changed_ = false;

  std::vector<std::jthread> workers_;  // the timekeeper's, who makes them
  std::jthread timekeeper_;            // the last member: it uses the others
};

}  // namespace usage
