#include "sim/traffic.h"

#include <algorithm>
#include <cstdio>

#include "sim/names.h"

namespace usage::sim {
namespace {

// As RouterOS counts them, but without ever repeating: the simulator repeats ids where it means to.
std::string AcctSessionId(Random& random) {
  char text[24];
  std::snprintf(text, sizeof text, "8%015llx", static_cast<unsigned long long>(random.Next() >> 4));
  return text;
}

}  // namespace

bool Traffic::Later::operator()(const Event& a, const Event& b) const {
  if (a.at != b.at) return a.at > b.at;
  if (a.kind != b.kind) return a.kind > b.kind;
  return a.number > b.number;
}

Traffic::Traffic(const Population& population, Plan& plan, const Feeds& feeds,
                 const TrafficOptions& options)
    : population_(population),
      plan_(plan),
      feeds_(feeds),
      options_(options),
      rows_(population.subscribers().size()),
      now_(options.start) {
  for (size_t nas = 0; nas < population.nases().size(); ++nas) {
    // Every NAS says that it begins.
    Schedule(options.start, Kind::kNasUp, static_cast<int>(nas), nullptr);
  }
  for (size_t i = 0; i < rows_.size(); ++i) ScheduleStart(plan.First(static_cast<int>(i)));
  Schedule(options.start + options.report, Kind::kReport, 0, nullptr);
}

void Traffic::Schedule(Second at, Kind kind, int index, SessionPtr session) {
  events_.push({at, kind, planned_++, index, std::move(session)});
}

void Traffic::ScheduleStart(const PlannedSession& planned) {
  if (planned.start == PlannedSession::kNever) return;
  const Subscriber& who = population_.subscribers()[static_cast<size_t>(planned.subscriber)];
  const Tenant& tenant = population_.tenant_of(who);
  auto session =
      std::make_shared<Session>(Session{planned,
                                        &who,
                                        &tenant,
                                        nullptr,
                                        Curve(planned.shape, planned.start, *tenant.timetable),
                                        {},
                                        false,
                                        false,
                                        false});
  Schedule(planned.start, Kind::kStart, planned.subscriber, std::move(session));
}

Feed& Traffic::feed_of(const SessionPtr& session) const {
  return *feeds_[static_cast<size_t>(session->subscriber->feed)];
}

RowPtr Traffic::RowOf(const PlannedSession& planned) {
  RowPtr& row = rows_[static_cast<size_t>(planned.subscriber)];
  if (row != nullptr && planned.reuses_id) return row;
  Random random(Mix(options_.seed, planned.shape.seed));
  bool is_radius =
      population_.subscribers()[static_cast<size_t>(planned.subscriber)].feed == FeedKind::kRadius;
  row = std::make_shared<Row>();
  row->id = is_radius ? AcctSessionId(random) : Uuid(random);
  return row;
}

bool Traffic::MustWait(const Event& event) const {
  return std::any_of(feeds_.begin(), feeds_.end(), [&](const Feed* feed) {
    if (feed == nullptr) return false;
    return feed->is_busy() || (event.kind == Kind::kReport && !feed->can_report());
  });
}

Second Traffic::Play(Second until) {
  while (events_.top().at <= until) {
    if (MustWait(events_.top())) return now_;
    Event event = events_.top();
    events_.pop();
    now_ = event.at;
    Happen(event);
  }
  return now_ = std::max(now_, until);
}

void Traffic::Happen(const Event& event) {
  switch (event.kind) {
    case Kind::kNasUp:
      return OnNasUp(event.index, event.at);
    case Kind::kStop:
      return feed_of(event.session).Stop(event.session);
    case Kind::kEnd:
      return OnEnd(event.session);
    case Kind::kStart:
      return OnStart(event.session);
    case Kind::kInterim:
      return OnInterim(event.session, event.at);
    case Kind::kReport:
      return OnReport(event.at);
  }
}

void Traffic::OnNasUp(int nas, Second at) {
  for (Feed* feed : feeds_) {
    if (feed != nullptr) feed->NasUp(nas, at);
  }
  const NasCalendar::Outage next = plan_.nas(nas).NextAfter(at);
  if (options_.observer != nullptr) options_.observer->NasIsUp(nas, at, next.down);
  Schedule(next.up, Kind::kNasUp, nas, nullptr);
}

void Traffic::OnStart(const SessionPtr& session) {
  ++open_;
  ++started_;
  session->row = RowOf(session->plan);
  if (options_.observer != nullptr) options_.observer->Begins(*session);
  feed_of(session).Start(session);
  Schedule(session->plan.end, Kind::kEnd, 0, session);
  if (session->subscriber->feed == FeedKind::kRadius) {
    Schedule(session->plan.start + options_.interim, Kind::kInterim, 0, session);
  }
}

void Traffic::OnInterim(const SessionPtr& session, Second at) {
  if (at >= session->plan.end) return;
  feed_of(session).Interim(session, at);
  Schedule(at + options_.interim, Kind::kInterim, 0, session);
}

void Traffic::OnEnd(const SessionPtr& session) {
  --open_;
  if (options_.observer != nullptr) options_.observer->Ends(*session);
  switch (session->plan.ending) {
    case Ending::kStop:
    case Ending::kZeroedStop:
      feed_of(session).Stop(session);
      break;
    case Ending::kLateStop:
      Schedule(session->plan.end + session->plan.stop_delay, Kind::kStop, 0, session);
      break;
    case Ending::kLostStop:
    case Ending::kReboot:
      feed_of(session).Lose(session);
      break;
  }
  ScheduleStart(plan_.Next(session->plan.subscriber));
}

void Traffic::OnReport(Second at) {
  for (Feed* feed : feeds_) {
    if (feed != nullptr) feed->Report(at);
  }
  Schedule(at + options_.report, Kind::kReport, 0, nullptr);
}

}  // namespace usage::sim
