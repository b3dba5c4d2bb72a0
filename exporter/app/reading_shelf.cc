#include "app/reading_shelf.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace usage {

void ReadingShelf::SetRouters(const std::vector<RouterId>& routers) {
  next_.SetRouters(routers);
  std::lock_guard lock(mutex_);
  std::erase_if(latest_, [&](const auto& entry) {
    const LatestReading& kept = entry.second;
    return std::find(routers.begin(), routers.end(), RouterId{kept.router, kept.tenant}) ==
           routers.end();
  });
}

// The rows alone: nobody asks for the rest later.
void ReadingShelf::TakeReading(const std::string& router, const std::string& tenant,
                               const RouterReading& reading) {
  next_.TakeReading(router, tenant, reading);
  auto kept = std::make_shared<RouterReading>();
  kept->at = reading.at;
  kept->rows = reading.rows;
  std::lock_guard lock(mutex_);
  latest_[router] = {router, tenant, std::move(kept)};
}

std::vector<LatestReading> ReadingShelf::Take() {
  std::lock_guard lock(mutex_);
  std::vector<LatestReading> readings;
  for (const auto& [name, reading] : latest_) readings.push_back(reading);
  return readings;
}

}  // namespace usage
