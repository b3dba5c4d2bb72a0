#include "sim/simulator.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <thread>

#include "sim/pace.h"
#include "sim/panel_feed.h"
#include "sim/plan.h"
#include "sim/radius_feed.h"
#include "sim/traffic.h"
#include "sim/truth.h"

namespace usage::sim {
namespace {

using std::chrono::milliseconds;

Second WallClock() { return std::chrono::floor<seconds>(std::chrono::system_clock::now()); }

std::optional<Truth> TruthOf(const std::string& path) {
  if (path.empty() || access(path.c_str(), F_OK) != 0) return std::nullopt;
  return ReadTruth(path);
}

// A batch takes real time: at high speed the panel's interval is stretched to half a second.
seconds ReportInterval(const RunOptions& options) {
  auto step = static_cast<double>(options.panel_interval.count());
  auto steps = static_cast<int64_t>(std::ceil(options.speed * 0.5 / step));
  return options.panel_interval * std::max<int64_t>(1, steps);
}

class Run {
 public:
  Run(const RunOptions& options, std::ostream& progress)
      : options_(options),
        progress_(progress),
        before_(TruthOf(options.truth)),
        start_(StartTime()),
        population_(PopulationAt(options, start_)),
        truth_(PrepareTables(), before_.value_or(Truth())),
        plan_(population_, PlanOf()),
        traffic_(population_, plan_, MakeFeeds(),
                 {PlanSeed(), start_, options.interim, ReportInterval(options), MakeWorld()}) {}

  bool Go(const std::function<bool()>& is_stopped) {
    Pace pace(start_, options_.speed, std::chrono::steady_clock::now());
    SaveTruth(false);
    OpenRouters();
    while (!is_stopped() && !IsOver()) {
      Second until = std::min(pace.Next(std::chrono::steady_clock::now(), WallClock()), last_);
      Second reached = traffic_.Play(until);
      pace.Reached(reached);
      now_ = reached;
      if (routers_) TellRouters();
      Tick();
      if (IsHeld()) Hold(is_stopped);
      if (progress_watch_.Every(seconds(2))) Report();
      if (truth_watch_.Every(truth_interval_)) SaveTruth(false);
    }
    return End();
  }

 private:
  // True once in a while.
  class Watch {
   public:
    bool Every(std::chrono::steady_clock::duration interval) {
      auto now = std::chrono::steady_clock::now();
      if (now < last_ + interval) return false;
      last_ = now;
      return true;
    }

   private:
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  };

  static Population PopulationAt(const RunOptions& options, Second start) {
    PopulationOptions people = options.population;
    people.from = start;
    Population population(people);
    std::string complaint = Complaint(options.routers, static_cast<int>(population.nases().size()));
    if (!complaint.empty()) throw std::invalid_argument(complaint);
    return population;
  }

  // An earlier run's rows are older than this one's, as they are for whoever reads them by their
  // order of arrival.
  Second StartTime() const {
    Second start = options_.since.value_or(WallClock());
    if (before_ && before_->seed != options_.population.seed) {
      throw std::runtime_error(options_.truth + ": is of --seed " + std::to_string(before_->seed) +
                               "; take that one, or remove the file and the data");
    }
    return before_ ? std::max(start, before_->at) : start;
  }

  int run_number() const { return before_ ? before_->runs + 1 : 1; }
  uint64_t PlanSeed() const {
    return Mix(options_.population.seed, 0x73657373696f6e73 + static_cast<uint64_t>(run_number()));
  }

  PlanOptions PlanOf() const {
    double gap = 1.5 * options_.speed * static_cast<double>(options_.visible_for.count());
    PlanOptions plan;
    plan.seed = PlanSeed();
    plan.start = start_;
    plan.faults = options_.faults;
    plan.reuse_gap = seconds(static_cast<int64_t>(gap)) + 2 * ReportInterval(options_);
    if (options_.closing) plan.closing = start_ + *options_.closing;
    plan.idle_tail = options_.idle_tail;
    plan.reboots = Reboots();
    return plan;
  }

  std::map<int, seconds> Reboots() const {
    std::map<int, seconds> reboots;
    const FakeRoutersOptions& routers = options_.routers;
    for (int i = 0; i < routers.routers; ++i) {
      RouterFaults faults = routers.faults.For(i, routers.routers, options_.population.seed);
      if (faults.has(RouterFault::kReboot)) reboots[i] = faults.after(RouterFault::kReboot);
    }
    return reboots;
  }

  NasObserver* MakeWorld() {
    const FakeRoutersOptions& routers = options_.routers;
    if (routers.routers == 0) return nullptr;
    world_ = std::make_unique<RouterWorld>(
        population_, RouterWorld::Options{routers.routers, start_, routers.drift,
                                          options_.population.seed, routers.faults});
    return world_.get();
  }

  void OpenRouters() {
    if (!world_) return;
    routers_ = std::make_unique<FakeRouters>(*world_, options_.routers, options_.population.seed);
    progress_ << routers_->Describe(options_.json) << std::flush;
  }

  void TellRouters() {
    world_->Reached(now_);
    if (routers_watch_.Every(seconds(1))) routers_->WriteTruth();
  }

  const Population& PrepareTables() {
    if (options_.database.empty()) return population_;
    PanelStore store(options_.database);
    if (options_.create_tables) store.CreateTables();
    TenantColumns columns = store.CheckTables(options_.population.user_sessions);
    if (!columns.time_zone) population_.ForgetZones();
    if (!columns.billing_day) population_.ForgetBillingDays();
    store.WriteTenants(population_.tenants(), columns);
    if (options_.population.user_sessions && run_number() > 1) {
      store.CloseLeftovers(population_.tenants(), start_);
    }
    return population_;
  }

  Traffic::Feeds MakeFeeds() {
    if (options_.population.user_sessions) {
      panel_ = std::make_unique<PanelFeed>(
          population_, truth_,
          PanelFeed::Options{options_.database, options_.faults.duplicate, options_.faults.purge,
                             options_.visible_for, options_.purge_after, options_.interim});
    }
    if (options_.population.radius) {
      RadiusClient::Options client;
      client.server = options_.radius;
      client.secret = options_.secret;
      radius_ = std::make_unique<RadiusFeed>(
          population_, truth_,
          RadiusFeed::Options{client, options_.faults.duplicate, options_.visible_for});
    }
    if (options_.duration) last_ = start_ + *options_.duration;
    return {panel_.get(), radius_.get()};
  }

  bool IsOver() const { return now_ >= last_; }
  bool IsSettled() const {
    return (!panel_ || panel_->is_settled()) && (!radius_ || radius_->is_settled());
  }

  void Tick() {
    milliseconds wait(std::clamp(static_cast<int>(1000 / options_.speed), 1, 50));
    if (panel_) panel_->Tick(milliseconds(0));
    if (radius_) {
      radius_->Tick(wait);
    } else {
      std::this_thread::sleep_for(wait);
    }
  }

  bool IsHeld() {
    if (options_.truth.empty() || !hold_watch_.Every(milliseconds(100))) return false;
    return access((options_.truth + ".hold").c_str(), F_OK) == 0;
  }

  void Hold(const std::function<bool()>& is_stopped) {
    while (!IsSettled() && !is_stopped()) Tick();
    if (!IsSettled()) return;
    SaveTruth(true);
    while (access((options_.truth + ".hold").c_str(), F_OK) == 0 && !is_stopped()) {
      std::this_thread::sleep_for(milliseconds(50));
    }
    SaveTruth(false);
  }

  bool End() {
    auto deadline = std::chrono::steady_clock::now() + seconds(30);
    while (!IsSettled() && std::chrono::steady_clock::now() < deadline) Tick();
    bool is_settled = IsSettled();
    SaveTruth(is_settled);
    if (routers_) routers_->WriteTruth();
    Report();
    return is_settled;
  }

  // A large truth takes its time: at most a fiftieth of all.
  void SaveTruth(bool is_settled) {
    if (options_.truth.empty()) return;
    auto began = std::chrono::steady_clock::now();
    WriteTruth(truth_.Take(now_, is_settled), options_.truth);
    auto took = std::chrono::steady_clock::now() - began;
    truth_interval_ = std::max<std::chrono::steady_clock::duration>(seconds(2), took * 50);
  }

  void Report() {
    auto now = std::chrono::steady_clock::now();
    RadiusClient::Statistics sent = radius_ ? radius_->statistics() : RadiusClient::Statistics();
    double passed = std::chrono::duration<double>(now - reported_at_).count();
    double rate = static_cast<double>(sent.sent - reported_packets_) / std::max(passed, 1e-3);
    reported_at_ = now;
    reported_packets_ = sent.sent;
    options_.json ? ReportJson(sent, rate) : ReportText(sent, rate);
    std::string error = panel_ ? panel_->last_error() : "";
    if (!error.empty() && !options_.json) progress_ << "database: " << error << '\n';
    progress_.flush();
  }

  void ReportText(const RadiusClient::Statistics& sent, double rate) {
    char line[300];
    std::snprintf(line, sizeof line,
                  "%.19s  %llu sessions open, %llu begun  %llu packets, %.0f/s, %llu sent again  "
                  "%.3f GB\n",
                  FormatInstant(now_).c_str(), Number(traffic_.open_sessions()),
                  Number(traffic_.sessions()), Number(sent.sent), rate, Number(sent.retransmitted),
                  static_cast<double>(truth_.bytes()) / 1e9);
    progress_ << line;
  }

  void ReportJson(const RadiusClient::Statistics& sent, double rate) {
    char line[400];
    std::snprintf(line, sizeof line,
                  "{\"virtual_time\":%lld,\"sessions_open\":%llu,\"sessions_begun\":%llu,"
                  "\"packets\":%llu,\"packets_per_second\":%.1f,\"retransmitted\":%llu,"
                  "\"bad_answers\":%llu,\"database_up\":%s,\"bytes\":%llu}\n",
                  static_cast<long long>(now_.time_since_epoch().count()),
                  Number(traffic_.open_sessions()), Number(traffic_.sessions()), Number(sent.sent),
                  rate, Number(sent.retransmitted), Number(sent.bad_answers),
                  !panel_ || panel_->last_error().empty() ? "true" : "false",
                  Number(truth_.bytes()));
    progress_ << line;
  }

  static unsigned long long Number(uint64_t value) { return value; }

  const RunOptions& options_;
  std::ostream& progress_;
  std::optional<Truth> before_;
  Second start_;
  Second now_ = start_;
  Second last_ = Second::max();
  Population population_;
  TruthKeeper truth_;
  Plan plan_;
  std::unique_ptr<RouterWorld> world_;
  std::unique_ptr<PanelFeed> panel_;
  std::unique_ptr<RadiusFeed> radius_;
  Traffic traffic_;
  std::unique_ptr<FakeRouters> routers_;
  Watch progress_watch_, truth_watch_, hold_watch_, routers_watch_;
  std::chrono::steady_clock::duration truth_interval_ = seconds(2);
  std::chrono::steady_clock::time_point reported_at_ = std::chrono::steady_clock::now();
  uint64_t reported_packets_ = 0;
};

}  // namespace

bool RunSimulator(const RunOptions& options, const std::function<bool()>& is_stopped,
                  std::ostream& progress) {
  std::string complaint = Complaint(options);
  if (!complaint.empty()) throw std::invalid_argument(complaint);
  return Run(options, progress).Go(is_stopped);
}

}  // namespace usage::sim
