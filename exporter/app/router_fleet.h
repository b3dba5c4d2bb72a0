// All about routers: the list of them, read again and again, and the pool that polls them.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/fault_log.h"
#include "app/periodic.h"
#include "app/router_pool.h"
#include "core/clock.h"
#include "sources/router_list.h"

namespace usage {

class RouterFleet {
 public:
  // Opens no connection. `sink` and `clock` must outlive it.
  RouterFleet(const RoutersConfig& config, std::unique_ptr<RouterListSource> list,
              RouterSourceMaker make, RouterSink& sink, const Clock& clock);

  // One thread starts and stops it. Stop lets polls that are under way finish.
  void Start();
  void Stop();

  // Thread-safe: the routers and the list of them.
  void Describe(Snapshot* snapshot) const;

  // Whether a poll has ended since this was asked last. Of one thread.
  bool HasNews();

 private:
  void ReadList();
  std::vector<RouterConfig> Take(const RouterList& list);
  void NoteBad(const std::vector<BadRouter>& bad);
  void NoteWarnings(const std::vector<std::string>& warnings);

  const RoutersConfig config_;
  const std::unique_ptr<RouterListSource> list_;
  const Clock& clock_;
  RouterPool pool_;
  uint64_t seen_polls_ = 0;

  // The reading thread's.
  std::map<std::string, RouterConfig> known_;  // by name: those that are polled
  FaultLog faults_;
  std::vector<std::string> logged_bad_, logged_warnings_;

  mutable std::mutex mutex_;  // guards status_
  RouterListStatus status_;
  std::unique_ptr<Periodic> refresh_;  // the last member: its thread uses the others
};

}  // namespace usage
