// Keeps each router's last reading for who asks later.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "app/router_sink.h"
#include "app/write_back.h"

namespace usage {

// Stands before another sink, which hears everything first. Thread-safe.
class ReadingShelf : public RouterSink, public LatestReadings {
 public:
  // `next` must outlive it.
  explicit ReadingShelf(RouterSink& next) : next_(next) {}

  void SetRouters(const std::vector<RouterId>& routers) override;
  void TakeReading(const std::string& router, const std::string& tenant,
                   const RouterReading& reading) override;

  std::vector<LatestReading> Take() override;

 private:
  RouterSink& next_;
  std::mutex mutex_;
  std::map<std::string, LatestReading> latest_;  // guarded by mutex_; by the router's name
};

}  // namespace usage
