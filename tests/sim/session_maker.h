// Sessions by hand, for tests of the feeds.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "sim/session.h"
#include "sim/truth.h"

namespace usage::sim {

// Virtual time; real time does not matter to the feeds' stamps.
inline constexpr Second kMorning = Second(seconds(1'795'338'000));  // 2026-11-22 09:00 UTC

inline PopulationOptions SmallPopulation(bool radius) {
  PopulationOptions options;
  options.seed = 3;
  options.tenants = 2;
  options.subscribers = 40;
  options.sessions = 20;
  options.user_sessions = !radius;
  options.radius = radius;
  options.from = kMorning - seconds(86400);
  return options;
}

class SessionMaker {
 public:
  explicit SessionMaker(const Population& population) : population_(population) {}

  // The n-th subscriber of that access.
  int Find(Access access, int n = 0) const {
    const auto& all = population_.subscribers();
    for (size_t i = 0; i < all.size(); ++i) {
      if (all[i].access == access && n-- == 0) return static_cast<int>(i);
    }
    throw std::logic_error("not so many subscribers");
  }

  // A session of `length` from `start` with 1,000 bytes a second or so. `row`: of a reused id.
  SessionPtr Make(int subscriber, Second start, seconds length, Ending ending = Ending::kStop,
                  RowPtr row = nullptr) {
    PlannedSession plan;
    plan.subscriber = subscriber;
    plan.start = start;
    plan.end = start + length;
    plan.ending = ending;
    plan.reuses_id = row != nullptr;
    plan.shape = {++seed_, 1e5, 0.13};
    if (row == nullptr) {
      row = std::make_shared<Row>();
      char id[64];
      std::snprintf(id, sizeof id, "00000000-0000-4000-8000-%012d", ++rows_);
      row->id = id;
    }
    const Subscriber& who = population_.subscribers()[static_cast<size_t>(subscriber)];
    const Tenant& tenant = population_.tenant_of(who);
    return std::make_shared<Session>(Session{plan,
                                             &who,
                                             &tenant,
                                             row,
                                             Curve(plan.shape, start, *tenant.timetable),
                                             {},
                                             false,
                                             false,
                                             false});
  }

 private:
  const Population& population_;
  uint64_t seed_ = 100;
  int rows_ = 0;
};

}  // namespace usage::sim
