#include "sim/plan.h"

#include <algorithm>

namespace usage::sim {
namespace {

// Lengths of sessions and pauses: median and sigma of their lognormal distributions.
constexpr double kHotspotMedian = 20 * 60, kHotspotSigma = 1.1;
constexpr double kPppoeMedian = 3 * 86400, kPppoeSigma = 0.9;
constexpr double kPauseSigma = 0.8;
constexpr double kRedialMedian = 90;
constexpr double kLateMedian = 3 * 3600;
constexpr seconds kOrderedOutage(10);
constexpr seconds kShortest(30);  // of a session, when it is not cut off

// The mean of a lognormal distribution is median * e^(sigma²/2).
double MeanFactor(double sigma) { return Exp(sigma * sigma / 2); }

seconds Clamp(double value, double low, double high) {
  return seconds(static_cast<int64_t>(std::clamp(value, low, high)));
}

seconds Length(Access access, Random& random) {
  if (access == Access::kPppoe) {
    return Clamp(random.LogNormal(kPppoeMedian, kPppoeSigma), 600, 40 * 86400);
  }
  return Clamp(random.LogNormal(kHotspotMedian, kHotspotSigma), kShortest.count(), 12 * 3600);
}

// A pause between the sessions of a hotspot subscriber such that the right share is online. In
// seconds of an hour of average activity: in the evening they pass faster.
double Pause(double open_share, Random& random) {
  double open = std::clamp(open_share, 0.002, 0.98);
  double mean = kHotspotMedian * MeanFactor(kHotspotSigma) * (1 - open) / open;
  return std::max(5.0, random.LogNormal(mean / MeanFactor(kPauseSigma), kPauseSigma));
}

}  // namespace

const char* EndingName(Ending ending) {
  switch (ending) {
    case Ending::kStop:
      return "stop";
    case Ending::kLostStop:
      return "lost_stop";
    case Ending::kLateStop:
      return "late_stop";
    case Ending::kZeroedStop:
      return "zeroed_stop";
    case Ending::kReboot:
      break;
  }
  return "reboot";
}

NasCalendar::NasCalendar(uint64_t seed, Second start, double reboots_per_day)
    : random_(seed), last_up_(start), reboots_per_day_(reboots_per_day) {}

void NasCalendar::Add() {
  double median = 86400 / std::max(reboots_per_day_, 1e-6) / MeanFactor(0.7);
  Second down = last_up_ + Clamp(random_.LogNormal(median, 0.7), 300, 1e10);
  last_up_ = down + seconds(random_.Between(40, 180));
  outages_.push_back({down, last_up_});
}

void NasCalendar::GoDown(Second down, seconds length) {
  last_up_ = down + length;
  outages_.push_back({down, last_up_});
}

NasCalendar::Outage NasCalendar::NextAfter(Second t) {
  while (outages_.empty() || outages_.back().up <= t) Add();
  return *std::upper_bound(outages_.begin(), outages_.end(), t,
                           [](Second time, const Outage& o) { return time < o.up; });
}

Plan::Plan(const Population& population, const PlanOptions& options)
    : population_(population), options_(options) {
  for (size_t i = 0; i < population.nases().size(); ++i) {
    calendars_.emplace_back(Mix(options.seed, 1'000'000'000 + i), options.start,
                            options.faults.nas_reboot);
  }
  for (auto [nas, after] : options.reboots) {
    calendars_[static_cast<size_t>(nas)].GoDown(options.start + after, kOrderedOutage);
  }
  for (size_t i = 0; i < population.subscribers().size(); ++i) {
    itineraries_.push_back({Random(Mix(options.seed, i)), std::nullopt, false});
  }
}

const Subscriber& Plan::subscriber(int index) const {
  return population_.subscribers()[static_cast<size_t>(index)];
}

seconds Plan::RampOf(int sessions) { return seconds(std::max(60, sessions / 400)); }

Second Plan::WalkGap(const Tenant& tenant, Second from, double weighted) const {
  Second t = from;
  while (true) {
    const Segment& segment = tenant.timetable->At(t);
    double weight = HourWeight(segment.hour);
    auto left = static_cast<double>((segment.end - t).count());
    if (weighted <= left * weight) return t + seconds(static_cast<int64_t>(weighted / weight));
    weighted -= left * weight;
    t = segment.end;
  }
}

Second Plan::FirstStart(int index, Random& random) const {
  const Subscriber& who = subscriber(index);
  const Tenant& tenant = population_.tenant_of(who);
  double online = who.access == Access::kPppoe ? 1 : tenant.hotspot_open;
  if (random.Chance(online)) {
    return options_.start +
           seconds(random.Between(1, RampOf(population_.options().sessions).count()));
  }
  return WalkGap(tenant, options_.start, 1 + random.Uniform() * Pause(online, random));
}

Second Plan::NextStart(int index, Itinerary& itinerary) const {
  const Subscriber& who = subscriber(index);
  Random& random = itinerary.random;
  Second end = itinerary.last->end;
  if (who.access == Access::kPppoe) {
    return end + Clamp(random.LogNormal(kRedialMedian, kPauseSigma), 10, 3600);
  }
  const Tenant& tenant = population_.tenant_of(who);
  return WalkGap(tenant, end, Pause(tenant.hotspot_open, random));
}

PlannedSession Plan::First(int index) {
  auto& itinerary = itineraries_[static_cast<size_t>(index)];
  return Make(index, itinerary, FirstStart(index, itinerary.random));
}

PlannedSession Plan::Next(int index) {
  auto& itinerary = itineraries_[static_cast<size_t>(index)];
  return Make(index, itinerary, NextStart(index, itinerary));
}

PlannedSession Plan::Make(int index, Itinerary& itinerary, Second start) {
  const Subscriber& who = subscriber(index);
  Random& random = itinerary.random;
  const NasCalendar::Outage outage = nas(who.nas).NextAfter(start);
  // Nobody gets through while the NAS is away; afterwards all come at once.
  if (start >= outage.down) start = outage.up + seconds(random.Between(3, 90));
  PlannedSession session;
  session.subscriber = index;
  session.start = start;
  session.end = std::min(start + Length(who.access, random), options_.closing);
  session.shape = {random.Next(), who.bytes_per_second * random.LogNormal(0.8, 0.6),
                   who.upload_share};
  Decide(session, random);
  FallSilent(session);
  if (IsTooLate(start)) session.start = session.end = PlannedSession::kNever;
  session.reuses_id =
      itinerary.id_comes_again && itinerary.last && MayReuse(*itinerary.last, session);
  // A reused id without a Start can't be told from the session before.
  if (session.reuses_id) session.lost_start = false;
  itinerary.id_comes_again = random.Chance(options_.faults.reused_id);
  // A NAS that crashed without a word and counts its ids from the beginning.
  bool is_crash = itinerary.id_comes_again && who.feed == FeedKind::kRadius &&
                  session.ending != Ending::kReboot;
  if (is_crash) session.ending = Ending::kLostStop;
  itinerary.last = session;
  return session;
}

bool Plan::IsTooLate(Second start) const {
  return options_.closing != Second::max() && start + kShortest > options_.closing;
}

void Plan::FallSilent(PlannedSession& session) const {
  if (options_.idle_tail == seconds(0)) return;
  session.shape.quiet_from = std::max(session.start + seconds(1), session.end - options_.idle_tail);
}

void Plan::Decide(PlannedSession& session, Random& random) {
  const FaultRates& faults = options_.faults;
  double fate = random.Uniform();
  session.lost_start = random.Chance(faults.lost_start);
  session.stop_delay = Clamp(random.LogNormal(kLateMedian, 0.6), 600, 20 * 3600);
  const NasCalendar::Outage outage =
      nas(subscriber(session.subscriber).nas).NextAfter(session.start);
  if (session.end >= outage.down) {
    session.end = outage.down;
    session.ending = Ending::kReboot;
  } else if ((fate -= faults.lost_stop) < 0) {
    session.ending = Ending::kLostStop;
  } else if ((fate -= faults.late_stop) < 0) {
    // A NAS that reboots forgets what it still had to send.
    bool is_forgotten = session.end + session.stop_delay >= outage.down;
    session.ending = is_forgotten ? Ending::kLostStop : Ending::kLateStop;
  } else if ((fate -= faults.zeroed_stop) < 0) {
    session.ending = Ending::kZeroedStop;
  }
}

// Accounting must have known all of the session before. In radacct a row whose Start was lost looks
// after its first interim update as one that was started again: nobody could tell them apart. And
// the row must still be open there: FreeRADIUS drops the interim updates of a closed one, and its
// Stop would show only to a reader that looks at closed rows again.
bool Plan::MayReuse(const PlannedSession& last, const PlannedSession& session) {
  if (session.start < last.end + options_.reuse_gap || last.lost_start) return false;
  const Subscriber& who = subscriber(session.subscriber);
  if (who.feed == FeedKind::kUserSessions) {
    return last.ending != Ending::kLateStop && last.ending != Ending::kZeroedStop;
  }
  return last.ending == Ending::kLostStop && nas(who.nas).NextAfter(last.end).up > session.start;
}

}  // namespace usage::sim
