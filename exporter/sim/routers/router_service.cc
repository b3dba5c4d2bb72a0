#include "sim/routers/router_service.h"

#include <utility>

namespace usage::sim {

RouterService::RouterService(const RouterModel& model, Options options)
    : model_(model),
      options_(std::move(options)),
      style_(TableStyle::Of(options_.faults, options_.number)),
      random_(Mix(options_.seed, static_cast<uint64_t>(options_.number))) {}

std::optional<PrintedTable> RouterService::Print(const std::string& path) const {
  ++requests_;
  return PrintTable(path, model_.Now(), style_);
}

bool RouterService::Draw(RouterFault fault) { return random_.Chance(options_.faults.rate(fault)); }

std::optional<RouterFault> RouterService::NextFault() {
  std::lock_guard lock(mutex_);
  for (size_t i = 0; i <= static_cast<size_t>(kLastFaultOfRequests); ++i) {
    auto fault = static_cast<RouterFault>(i);
    if (fault != RouterFault::kPassword && Draw(fault)) return fault;
  }
  return std::nullopt;
}

bool RouterService::RefusesNext() {
  std::lock_guard lock(mutex_);
  return Draw(RouterFault::kPassword);
}

uint64_t RouterService::NextNumber() {
  std::lock_guard lock(mutex_);
  return random_.Next();
}

}  // namespace usage::sim
