// One router as it is polled: its connection, and how it goes.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "app/fault_log.h"
#include "app/router_sink.h"
#include "config/config.h"
#include "metrics/snapshot.h"
#include "sources/routers/router_source.h"

namespace usage {

using RouterSourceMaker = std::function<std::unique_ptr<RouterSource>(const RouterConfig&)>;

class RouterPost {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `make` and `sink` must outlive it.
  RouterPost(const RouterConfig& config, const RouterSourceMaker& make, RouterSink& sink);

  // One poll, and what it says into the sink. True when the router has answered. `skipped`:
  // intervals that fell out before it. Of one thread at a time.
  bool Poll(PollDepth depth, uint64_t skipped);

  // From the next poll on. Thread-safe, as are those below.
  void Change(const RouterConfig& config);

  // Facts and interfaces that were read before `oldest_details` are left out.
  RouterStatus status(Time oldest_details) const;

 private:
  void TakeChange(uint64_t skipped);
  RouterReading Ask(PollDepth depth);
  void Succeeded(PollDepth depth, const RouterReading& reading, double seconds);
  void Failed(const std::string& error, double seconds);
  void Hand(const RouterReading& reading);

  const RouterSourceMaker& make_;
  RouterSink& sink_;

  // The poll's thread's.
  RouterConfig config_;
  std::unique_ptr<RouterSource> source_;  // null: to be made
  FaultLog faults_, sink_faults_;

  mutable std::mutex mutex_;  // guards all below
  std::optional<RouterConfig> next_;
  RouterStatus status_;
  Time details_at_;
};

}  // namespace usage
