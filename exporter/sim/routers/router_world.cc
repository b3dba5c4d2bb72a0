#include "sim/routers/router_world.h"

#include <algorithm>
#include <sstream>

#include "core/mac.h"

namespace usage::sim {
namespace {

constexpr uint64_t kMeanPacket = 700;  // bytes
constexpr uint64_t kMemory = uint64_t{1} << 30;

std::string VersionOf(const RouterFaults& faults) {
  if (faults.has(RouterFault::kOldLogin)) return "6.42.12 (long-term)";
  return faults.has(RouterFault::kEmpty) ? "7.18.2 (stable)" : "7.16.2 (stable)";
}

// As RADIUS has it in Acct-Session-Id; the panel's rows have ids of their own, which no router
// knows.
std::string SessionIdOf(const Session& session) {
  if (session.subscriber->feed == FeedKind::kRadius) return session.row->id;
  char text[24];
  std::snprintf(text, sizeof text, "9%015llx",
                static_cast<unsigned long long>(session.plan.shape.seed >> 4));
  return text;
}

uint64_t Packets(uint64_t bytes) { return (bytes + kMeanPacket - 1) / kMeanPacket; }

void Append(std::ostringstream& out, Volume volume) {
  out << '\t' << volume.upload << '\t' << volume.download;
}

}  // namespace

RouterTally& RouterTally::operator+=(const RouterTally& other) {
  sessions += other.sessions;
  flowed += other.flowed;
  counted += other.counted;
  return *this;
}

uint64_t WithHeaders(uint64_t bytes, int drift) {
  return bytes + static_cast<uint64_t>(Wide{bytes} * static_cast<unsigned>(drift) / 10000);
}

WorldRouter::WorldRouter(Options options, const std::atomic<Second>& now)
    : options_(std::move(options)),
      now_(now),
      timetable_(options_.tenant.timetable->zone(), options_.timetable_from),
      up_(options_.start) {}

void WorldRouter::Begin(const Session& session, const std::string& name) {
  const Subscriber& who = *session.subscriber;
  ModelSession row;
  row.access = who.access;
  row.user = name;
  row.mac = ParseMac(who.mac).value_or(0);
  row.address = who.address;
  row.session_id = SessionIdOf(session);
  const PlannedSession& plan = session.plan;
  std::lock_guard lock(mutex_);
  online_.insert_or_assign(plan.subscriber, Online{std::move(row),
                                                   plan.start,
                                                   plan.end,
                                                   Curve(plan.shape, plan.start, timetable_),
                                                   {},
                                                   false});
}

void WorldRouter::End(const Session& session) {
  std::lock_guard lock(mutex_);
  auto found = online_.find(session.plan.subscriber);
  if (found == online_.end()) return;
  RouterTally tally = TallyOf(found->second, session.plan.end);
  passed_ += tally.flowed;
  over_[{session.subscriber->access, EndingName(session.plan.ending)}] += tally;
  online_.erase(found);
}

void WorldRouter::IsUp(Second up, Second down) {
  std::lock_guard lock(mutex_);
  up_ = up;
  down_ = down;
  passed_ = {};
}

bool WorldRouter::is_off() const {
  std::lock_guard lock(mutex_);
  return now_.load() >= down_;
}

bool WorldRouter::HasCome(RouterFault fault) const {
  const RouterFaults& faults = options_.faults;
  return faults.has(fault) && now_.load() >= options_.start + faults.after(fault);
}

Second WorldRouter::ResetAt() const {
  const RouterFaults& faults = options_.faults;
  if (!faults.has(RouterFault::kReset)) return Second::max();
  return options_.start + faults.after(RouterFault::kReset);
}

// Servers may ask after virtual time has passed an end that is not told yet.
Volume WorldRouter::Flowed(Online& online, Second at) const {
  online.curve.Advance(std::max(std::min(at, online.end), online.curve.now()));
  return online.curve.total();
}

Volume WorldRouter::Counted(Online& online, Second at) const {
  if (Second reset = ResetAt(); !online.is_reset && reset <= at) {
    online.is_reset = true;
    if (online.start < reset) online.before_reset = Flowed(online, reset);
  }
  Volume bytes = Flowed(online, at) - online.before_reset;
  int drift = online.row.access == Access::kPppoe ? options_.drift : 0;
  return {WithHeaders(bytes.upload, drift), WithHeaders(bytes.download, drift)};
}

RouterTally WorldRouter::TallyOf(Online& online, Second at) const {
  Volume counted = Counted(online, at);
  return {1, Flowed(online, at), counted};
}

ModelSession WorldRouter::RowOf(Online& online, Second now) const {
  ModelSession row = online.row;
  row.uptime = now - online.start;
  row.bytes = Counted(online, now);
  row.upload_packets = Packets(row.bytes.upload);
  row.download_packets = Packets(row.bytes.download);
  return row;
}

// ether1 goes to the Internet, ether2 to the subscribers.
std::vector<RouterInterface> WorldRouter::Uplinks(Volume now) const {
  Volume all = passed_ + now;
  return {{"ether1", true, all.download, all.upload, 0, 0, 0, 0, 1},
          {"ether2", true, all.upload, all.download, 0, 0, 0, 0, 0}};
}

ModelState WorldRouter::Now() const {
  std::lock_guard lock(mutex_);
  Second now = now_.load();
  ModelState state;
  state.identity = options_.tenant.name + " " + options_.name;
  state.version = VersionOf(options_.faults);
  state.board = "CCR2004-16G-2S+";
  state.uptime = std::max(now - up_, seconds(0));
  Volume flowing;
  for (auto& [subscriber, online] : online_) {
    if (online.start > now) continue;  // it has been told already
    state.sessions.push_back(RowOf(online, now));
    flowing += Flowed(online, now);
  }
  std::sort(state.sessions.begin(), state.sessions.end(),
            [](const auto& a, const auto& b) { return a.address < b.address; });
  state.uplinks = Uplinks(flowing);
  state.cpu_load = std::min(0.9, 0.02 + 0.0002 * static_cast<double>(state.sessions.size()));
  state.total_memory = kMemory;
  state.free_memory = kMemory - kMemory / 4 - 4096 * state.sessions.size();
  return state;
}

RouterTallies WorldRouter::tallies() const {
  std::lock_guard lock(mutex_);
  RouterTallies all = over_;
  for (auto& [subscriber, online] : online_) {
    all[{online.row.access, "open"}] += TallyOf(online, now_.load());
  }
  return all;
}

RouterWorld::RouterWorld(const Population& population, const Options& options)
    : population_(population), now_(options.start) {
  for (int i = 0; i < options.routers; ++i) {
    const Nas& nas = population.nases()[static_cast<size_t>(i)];
    WorldRouter::Options one;
    one.name = "router" + std::to_string(i);
    one.tenant = population.tenants()[static_cast<size_t>(nas.tenant)];
    one.start = options.start;
    one.timetable_from = population.options().from;
    one.drift = options.drift;
    one.faults = options.faults.For(i, options.routers, options.seed);
    routers_.push_back(std::make_unique<WorldRouter>(std::move(one), now_));
  }
}

WorldRouter* RouterWorld::RouterOf(const Session& session) const {
  auto nas = static_cast<size_t>(session.subscriber->nas);
  return nas < routers_.size() ? routers_[nas].get() : nullptr;
}

void RouterWorld::Begins(const Session& session) {
  const Subscriber& who = *session.subscriber;
  std::string name = who.feed == FeedKind::kRadius ? population_.AccountName(who) : who.login;
  if (WorldRouter* router = RouterOf(session)) router->Begin(session, name);
}

void RouterWorld::Ends(const Session& session) {
  if (WorldRouter* router = RouterOf(session)) router->End(session);
}

void RouterWorld::NasIsUp(int nas, Second up, Second down) {
  if (static_cast<size_t>(nas) < routers_.size()) {
    routers_[static_cast<size_t>(nas)]->IsUp(up, down);
  }
}

std::string RouterWorld::TruthText() const {
  std::ostringstream out;
  out << "at\t" << now_.load().time_since_epoch().count() << '\n';
  for (const auto& router : routers_) {
    for (const auto& [key, tally] : router->tallies()) {
      out << router->name() << '\t' << router->tenant() << '\t' << AccessName(key.first) << '\t'
          << key.second << '\t' << tally.sessions;
      Append(out, tally.flowed);
      Append(out, tally.counted);
      out << '\n';
    }
  }
  return out.str();
}

}  // namespace usage::sim
