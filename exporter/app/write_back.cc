#include "app/write_back.h"

#include <algorithm>
#include <span>

namespace usage {
namespace {

constexpr Duration kShortestMemory = std::chrono::minutes(1);

// Polls that fail one after the other before the last good one is forgotten.
constexpr int kFailedPolls = 3;

WriteBackConfig WithWhereabouts(WriteBackConfig config) {
  config.rows.with_whereabouts = true;
  return config;
}

}  // namespace

WriteBack::WriteBack(const Config& config, const Clock& clock, LatestReadings& latest)
    : config_(WithWhereabouts(*config.routers->write_back)),
      oldest_(std::max<Duration>(kShortestMemory, kFailedPolls * config.routers->interval)),
      clock_(clock),
      latest_(latest),
      table_("write_back", config_.database, config_.timeout, config_.rows),
      plan_(config.ledger.line_bits_per_second),
      writer_(config_, config.sources),
      looked_at_(clock.Now()) {}

bool WriteBack::Step() try {
  const Instant now = clock_.Now();
  if (next_ < updates_.size()) {
    WriteBatch();
  } else if (IsDue(now)) {
    Look(now);
  } else {
    return false;
  }
  return true;
} catch (const AnotherWritesBack&) {
  throw;
} catch (const std::exception&) {
  next_ = updates_.size();
  std::lock_guard lock(mutex_);
  ++status_.errors;
  status_.is_writer = writer_.is_writer();
  throw;
}

// A clock that was set back is no reason to wait.
bool WriteBack::IsDue(Instant now) const {
  return now < looked_at_ || now - looked_at_ >= config_.interval;
}

void WriteBack::Look(Instant now) {
  looked_at_ = now;
  BecomeWriter();
  const std::vector<PanelRow> rows = OpenRows(now);
  PanelUpdates updates = plan_.Make(rows, FreshReadings(now));
  updates_ = std::move(updates.rows);
  next_ = 0;
  std::lock_guard lock(mutex_);
  status_.unmatched_rows = updates.unmatched;
  if (updates_.empty()) status_.last_success = now;
}

void WriteBack::BecomeWriter() {
  const bool is_writer = writer_.BecomeWriter();
  {
    std::lock_guard lock(mutex_);
    status_.is_writer = is_writer;
  }
  if (is_writer) return;
  throw AnotherWritesBack(config_.database.display + ": " + writer_.other() +
                          " fills this table already; this one waits");
}

std::vector<PanelRow> WriteBack::OpenRows(Instant now) {
  std::vector<PanelRow> rows;
  table_.Begin(now);
  table_.VisitOpen(SessionTable::Scope::kAll, [&](const TableRow& row) {
    const Observation seen = table_.Decode(row).observation;
    rows.push_back({seen.key,
                    {seen.tenant, seen.access, *seen.where, seen.started},
                    {seen.upload.value_or(0), seen.download.value_or(0)}});
  });
  table_.End();
  return rows;
}

// What a router said long ago may be of a session before the one that is in the panel now.
std::vector<LatestReading> WriteBack::FreshReadings(Instant now) {
  std::vector<LatestReading> readings = latest_.Take();
  std::erase_if(readings, [&](const auto& r) { return now - r.reading->at > oldest_; });
  return readings;
}

void WriteBack::WriteBatch() {
  const size_t count =
      std::min(updates_.size() - next_, static_cast<size_t>(config_.rows_per_batch));
  const auto batch = std::span(updates_).subspan(next_, count);
  const uint64_t written = writer_.Write(batch);
  next_ += count;
  std::lock_guard lock(mutex_);
  status_.rows += written;
  if (next_ == updates_.size()) status_.last_success = clock_.Now();
}

WriteBackStatus WriteBack::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace usage
