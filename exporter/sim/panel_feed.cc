#include "sim/panel_feed.h"

#include <algorithm>

#include "sim/random.h"

namespace usage::sim {
namespace {

// What a row plans while it is active: a voucher's hour, a line's month.
Second PlannedEnd(const Session& session) {
  bool is_hotspot = session.subscriber->access == Access::kHotspot;
  return session.plan.start + (is_hotspot ? seconds(3 * 3600) : seconds(30 * 86400));
}

const char* ClosedStatus(const Session& session) {
  if (session.plan.ending == Ending::kReboot) return "terminated";
  return session.plan.shape.seed % 2 == 0 ? "expired" : "closed";
}

// A writer that fills only data_used: that is what accounting can know, and it is a download.
std::vector<DayVolume> AsKnown(std::vector<DayVolume> days, const Session& session) {
  if (!session.tenant->data_used_only) return days;
  for (DayVolume& part : days) part.volume = {0, part.volume.sum()};
  return days;
}

}  // namespace

PanelFeed::PanelFeed(const Population& population, TruthKeeper& truth, Options options)
    : population_(population), truth_(truth), options_(std::move(options)), writer_(options_.dsn) {}

bool PanelFeed::IsSeen(const Row& row) const {
  return std::chrono::steady_clock::now() >= row.shown + options_.visible_for;
}

void PanelFeed::Start(const SessionPtr& session) {
  if (session->plan.reuses_id) {
    std::erase_if(to_purge_, [&](const auto& entry) { return entry.second == session->row; });
    session->row->is_closed = false;
  }
  sessions_.push_back(session);
}

void PanelFeed::Lose(const SessionPtr& session) {
  session->is_lost = true;
  if (session->plan.ending == Ending::kReboot && session->is_known) {
    cut_off_[session->subscriber->nas].push_back(session);
  }
}

void PanelFeed::NasUp(int nas, Second) {
  for (const SessionPtr& session : cut_off_[nas]) {
    session->row->is_closed = true;
    bulk_.push_back({session->row->id, session->plan.end, "terminated", std::nullopt});
  }
  cut_off_.erase(nas);
}

// A row's counters must have been seen before they are overwritten; a session whose Start was lost
// shows up later; one that is over and says so late stands still until then. A reused id must have
// been seen active: who reads the open rows does not look at closed ones often.
bool PanelFeed::MustWait(const Session& session, Second at) const {
  const PlannedSession& plan = session.plan;
  if (!session.is_over && at > plan.end) return true;
  if (!session.is_known) {
    bool is_hidden =
        plan.lost_start && !session.is_over && at < plan.start + options_.lost_start_delay;
    return is_hidden || (plan.reuses_id && !IsSeen(*session.row));
  }
  bool is_fragile = plan.reuses_id || plan.ending == Ending::kZeroedStop;
  return session.is_over && is_fragile && !IsSeen(*session.row);
}

PanelCounters PanelFeed::CountersOf(const Session& session) const {
  return {session.curve.total(), session.tenant->data_used_only};
}

PanelRow PanelFeed::RowOf(const Session& session, bool is_closed) const {
  const Subscriber& who = *session.subscriber;
  return {session.row->id,
          session.tenant->id,
          who.access == Access::kHotspot ? who.login : "",
          who.mac,
          session.plan.start,
          is_closed ? session.plan.end : PlannedEnd(session),
          is_closed ? ClosedStatus(session) : "active",
          CountersOf(session)};
}

PanelClose PanelFeed::CloseOf(const Session& session) const {
  bool is_zeroed = session.plan.ending == Ending::kZeroedStop;
  return {session.row->id, session.plan.end, ClosedStatus(session),
          is_zeroed ? PanelCounters{{}, session.tenant->data_used_only} : CountersOf(session)};
}

void PanelFeed::TellMoving(const Session& session, PanelBatch& batch) const {
  batch.moving.push_back({session.row->id, CountersOf(session)});
  auto when = static_cast<uint64_t>(batch.at.time_since_epoch().count());
  bool is_twice = Random(Mix(session.plan.shape.seed, when)).Chance(options_.duplicates);
  if (is_twice) batch.again.push_back(batch.moving.back());
}

// True when that was the session's end.
bool PanelFeed::Tell(const SessionPtr& session, PanelBatch& batch) {
  bool is_closed = session->is_over && (session->is_known || !session->plan.reuses_id);
  bool is_zeroed = is_closed && session->is_known && session->plan.ending == Ending::kZeroedStop;
  Told told{session, {}, is_closed};
  if (!is_zeroed) told.days = session->curve.Advance(std::min(batch.at, session->plan.end));
  if (!session->is_known) {
    batch.rows.push_back(RowOf(*session, is_closed));
  } else if (is_closed) {
    batch.closed.push_back(CloseOf(*session));
  } else {
    TellMoving(*session, batch);
  }
  session->is_known = true;
  told_.push_back(std::move(told));
  return is_closed;
}

void PanelFeed::Report(Second at) {
  PanelBatch batch;
  batch.at = at;
  std::vector<SessionPtr> going_on;
  for (const SessionPtr& session : sessions_) {
    if (session->is_lost) continue;
    bool is_closed = !MustWait(*session, at) && Tell(session, batch);
    if (!is_closed) going_on.push_back(session);
  }
  sessions_ = std::move(going_on);
  std::move(bulk_.begin(), bulk_.end(), std::back_inserter(batch.closed));
  bulk_.clear();
  AddPurges(batch);
  if (!batch.empty()) writer_.Submit(std::move(batch));
}

void PanelFeed::AddPurges(PanelBatch& batch) {
  RealTime due = std::chrono::steady_clock::now() - options_.purge_after;
  std::erase_if(to_purge_, [&](const auto& entry) {
    if (entry.first > due) return false;
    batch.purged.push_back(entry.second->id);
    return true;
  });
}

void PanelFeed::Tick(std::chrono::milliseconds) {
  if (writer_.Finished()) Committed();
}

void PanelFeed::Committed() {
  RealTime now = std::chrono::steady_clock::now();
  for (Told& told : std::exchange(told_, {})) {
    truth_.Book(told.session->plan.subscriber, AsKnown(std::move(told.days), *told.session));
    Row& row = *told.session->row;
    row.shown = now;
    if (!told.is_closed) continue;
    row.is_closed = true;
    bool is_purged = Random(Mix(told.session->plan.shape.seed, 7)).Chance(options_.purge);
    if (is_purged) to_purge_.emplace_back(now, told.session->row);
  }
}

}  // namespace usage::sim
