#include "app/write_back_loop.h"

namespace usage {

WriteBackLoop::WriteBackLoop(const Config& config, const Clock& clock, RouterSink& next)
    : pause_(config.routers->write_back->pause), shelf_(next), write_back_(config, clock, shelf_) {}

void WriteBackLoop::Start() {
  steps_ = std::make_unique<Periodic>(pause_, [this](uint64_t) { Step(); });
}

// Between two intervals there is nothing to do, and nothing to be glad of.
void WriteBackLoop::Step() {
  try {
    if (write_back_.Step()) faults_.Note("write_back", "");
  } catch (const std::exception& e) {
    faults_.Note("write_back", e.what());
  }
}

}  // namespace usage
