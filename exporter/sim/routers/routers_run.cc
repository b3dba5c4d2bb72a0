#include "sim/routers/routers_run.h"

#include <chrono>
#include <cstdio>
#include <ostream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "sim/random.h"

namespace usage::sim {
namespace {

using Clock = std::chrono::steady_clock;

constexpr seconds kLongestOnline(86400);
constexpr seconds kOutage(10);  // of a reboot, as in Plan

Second WallClock() { return std::chrono::floor<seconds>(std::chrono::system_clock::now()); }

PopulationOptions PeopleOf(const RoutersRunOptions& options, Second start) {
  PopulationOptions people;
  people.seed = options.seed;
  people.tenants = 1;
  people.subscribers = people.sessions = options.routers.routers * options.subscribers;
  people.subscribers_per_nas = options.subscribers;
  people.user_sessions = false;
  people.radius = true;
  people.from = start - kLongestOnline;
  return people;
}

// Sessions that do not end, except by a reboot of their router.
class OpenSessions {
 public:
  OpenSessions(const Population& population, RouterWorld& world, Second start, uint64_t seed)
      : population_(population), world_(world), start_(start), random_(seed) {
    for (size_t i = 0; i < world.routers().size(); ++i) {
      world.NasIsUp(static_cast<int>(i), start - kLongestOnline, DownOf(i));
    }
    for (size_t i = 0; i < population.subscribers().size(); ++i) {
      Open(static_cast<int>(i), start - seconds(random_.Between(60, kLongestOnline.count())));
    }
  }

  void Play(Second now) {
    for (size_t i = 0; i < world_.routers().size(); ++i) {
      Second down = DownOf(i);
      if (last_ < down && down <= now) CutOff(static_cast<int>(i), down);
      if (down != Second::max() && last_ < down + kOutage && down + kOutage <= now) {
        ComeBack(static_cast<int>(i), down + kOutage);
      }
    }
    last_ = now;
    world_.Reached(now);
  }

  size_t size() const { return sessions_.size(); }

 private:
  Second DownOf(size_t router) const {
    const RouterFaults& faults = world_.routers()[router]->faults();
    if (!faults.has(RouterFault::kReboot)) return Second::max();
    return start_ + faults.after(RouterFault::kReboot);
  }

  void Open(int subscriber, Second start) {
    const Subscriber& who = population_.subscribers()[static_cast<size_t>(subscriber)];
    const Tenant& tenant = population_.tenant_of(who);
    PlannedSession plan;
    plan.subscriber = subscriber;
    plan.start = start;
    plan.end = Second::max();
    plan.ending = Ending::kReboot;
    plan.shape = {random_.Next(), who.bytes_per_second, who.upload_share};
    auto row = std::make_shared<Row>();
    char id[24];
    std::snprintf(id, sizeof id, "8%07x", static_cast<unsigned>(++opened_));
    row->id = id;
    Session session{plan, &who, &tenant, row, Curve(plan.shape, start, *tenant.timetable), {}};
    world_.Begins(session);
    sessions_.insert_or_assign(subscriber, std::move(session));
  }

  void CutOff(int nas, Second at) {
    for (auto& [subscriber, session] : sessions_) {
      if (session.subscriber->nas != nas) continue;
      session.plan.end = at;
      world_.Ends(session);
    }
  }

  void ComeBack(int nas, Second at) {
    world_.NasIsUp(nas, at, Second::max());
    for (size_t i = 0; i < population_.subscribers().size(); ++i) {
      if (population_.subscribers()[i].nas == nas) Open(static_cast<int>(i), at);
    }
  }

  const Population& population_;
  RouterWorld& world_;
  const Second start_;
  Random random_;
  Second last_ = start_;
  uint64_t opened_ = 0;
  std::map<int, Session> sessions_;  // by subscriber
};

void Report(const FakeRouters& routers, size_t sessions, bool json, std::ostream& progress) {
  char line[160];
  std::snprintf(line, sizeof line,
                json ? "{\"sessions_open\":%zu,\"requests\":%llu}\n"
                     : "%zu sessions open, %llu requests answered\n",
                sessions, static_cast<unsigned long long>(routers.requests()));
  progress << line << std::flush;
}

}  // namespace

void RunRouters(const RoutersRunOptions& options, const std::function<bool()>& is_stopped,
                std::ostream& progress) {
  if (options.subscribers < 2) throw std::invalid_argument("--subscribers: at least 2");
  std::string complaint = Complaint(options.routers, options.routers.routers);
  if (!complaint.empty()) throw std::invalid_argument(complaint);
  const Second start = WallClock();
  Population population(PeopleOf(options, start));
  RouterWorld world(population, {options.routers.routers, start, options.routers.drift,
                                 options.seed, options.routers.faults});
  OpenSessions sessions(population, world, start, options.seed);
  FakeRouters routers(world, options.routers, options.seed);
  progress << routers.Describe(options.json);
  auto next_report = Clock::now();
  while (!is_stopped() && !(options.duration && WallClock() >= start + *options.duration)) {
    sessions.Play(WallClock());
    if (Clock::now() >= next_report) {
      Report(routers, sessions.size(), options.json, progress);
      routers.WriteTruth();
      next_report = Clock::now() + seconds(2);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

}  // namespace usage::sim
