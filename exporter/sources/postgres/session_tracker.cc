#include "sources/postgres/session_tracker.h"

#include <algorithm>
#include <utility>

#include "sources/postgres/fingerprint.h"

namespace usage {
namespace {

// Watched rows are read in portions: after a restart all of the last day are due at once.
constexpr size_t kMostChecks = 5000;

// How often every row is compared, also those whose version is the same: a tenant or an access may
// come from another table.
constexpr Duration kAllEvery = std::chrono::minutes(1);

// When more than a third of the rows changes, asking first which ones did costs more than it
// spares.
constexpr uint64_t kMostlyChanged = 3;

template <typename T>
void SortUnique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

SessionTracker::SessionTracker(std::string source, std::unique_ptr<SessionTable> table,
                               const Clock& clock)
    : source_(std::move(source)), table_(std::move(table)), clock_(clock) {}

// Nothing is known of the rows but their keys: each is delivered when it is read. The rows that
// closed last are read first: they are the likeliest to have grown meanwhile.
void SessionTracker::Resume(const ResumePoint& point) {
  table_->SetCursor(point.cursor);
  cursor_ = table_->Cursor();
  for (const std::string& key : point.open) MarkOpen(FindOrAdd(key));
  std::vector<ResumePoint::Closed> watched = point.watched;
  std::sort(watched.begin(), watched.end(),
            [](const auto& a, const auto& b) { return a.closed_at > b.closed_at; });
  all_next_ = true;
  const Instant now = clock_.Now();
  for (const auto& closed : watched) {
    const RowRef ref = FindOrAdd(closed.key);
    if (!rows_[ref].open) watch_.ReadSoon(ref, now - closed.closed_at);
  }
}

SourceBatch SessionTracker::Read() {
  return Batch([this] { ReadAll(); });
}

SourceBatch SessionTracker::ReadRows(std::span<const std::string> keys) {
  return Batch([&] { ReadSome(keys); });
}

template <typename Reading>
SourceBatch SessionTracker::Batch(const Reading& reading) {
  if (pending_) Reject();
  pending_ = true;
  ++reading_;
  batch_ = SourceBatch();
  batch_.source = source_;
  batch_.read_at = clock_.Now();
  try {
    reading();
  } catch (...) {
    Reject();
    throw;
  }
  return std::move(batch_);
}

void SessionTracker::ReadAll() {
  const auto scope = ChooseScope();
  table_->Begin(batch_.read_at);
  table_->VisitOpen(scope, [this](const TableRow& row) { TakeOpen(row); });
  table_->VisitArrived(scope, [this](const TableRow& row) { Take(FindOrAdd(row.key), row); });
  ReadByKey();
  table_->End();
  CountOpen();
  all_next_ = delivered_.size() * kMostlyChanged > batch_.open_rows;
  batch_.cursor = next_cursor_ = table_->Cursor();
  batch_.advice = table_->Advice();
}

void SessionTracker::ReadSome(std::span<const std::string> keys) {
  batch_.whole = false;
  table_->Begin(batch_.read_at);
  table_->VisitKeys(keys, [this](const TableRow& row) { TakeNamed(row); });
  table_->EndOfSome();
  batch_.cursor = next_cursor_ = table_->Cursor();
}

// A closed row that is not known is history, or one that the search for arrivals will find: which
// of the two, only that can tell.
void SessionTracker::TakeNamed(const TableRow& row) {
  const RowRef known = rows_.Find(row.key);
  if (known == kNoRow && !table_->Decode(row).observation.open) return;
  Take(known == kNoRow ? rows_.Add(row.key) : known, row);
}

SessionTable::Scope SessionTracker::ChooseScope() {
  const Instant now = batch_.read_at;
  const bool is_time = now - last_all_ >= kAllEvery || now < last_all_;
  if (!all_next_ && !is_time) return SessionTable::Scope::kChanged;
  last_all_ = now;
  return SessionTable::Scope::kAll;
}

// The hot path: nothing is allocated for a row that is known and unchanged.
void SessionTracker::TakeOpen(const TableRow& row) {
  RowRef ref = rows_.FindAfter(last_open_, row.key);
  if (row.content.empty() && (ref == kNoRow || rows_[ref].fingerprint == 0 || !rows_[ref].open)) {
    keys_.emplace_back(row.key);
    return;
  }
  if (ref == kNoRow) ref = rows_.Add(row.key);
  if (last_open_ != kNoRow) rows_[last_open_].next = ref;
  last_open_ = ref;
  row.content.empty() ? void(rows_[ref].seen = reading_) : Take(ref, row);
}

// A table without a unique key may show two rows of one key: the first one counts.
void SessionTracker::Take(RowRef ref, const TableRow& row) {
  if (std::exchange(rows_[ref].seen, reading_) == reading_) return;
  const uint64_t fingerprint = Fingerprint(row.content);
  if (rows_[ref].fingerprint != fingerprint) Deliver(ref, row, fingerprint);
}

void SessionTracker::Deliver(RowRef ref, const TableRow& row, uint64_t fingerprint) {
  DecodedRow decoded = table_->Decode(row);
  KnownRow& known = rows_[ref];
  delivered_.push_back({ref, known.cases, UsedDifference(ref)});
  Count(ref, decoded);
  known.fingerprint = fingerprint;
  known.delivered = reading_;
  if (decoded.observation.open) {
    MarkOpen(ref);
  } else {
    known.open = false;
    watch_.Restart(ref, batch_.read_at);
  }
  batch_.observations.push_back(std::move(decoded.observation));
}

// A case counts when a row comes into it, not at each change while it is in it; of a row's
// difference counts what it has grown by.
void SessionTracker::Count(RowRef ref, const DecodedRow& decoded) {
  KnownRow& known = rows_[ref];
  const CaseSet fresh = decoded.cases.Without(known.cases);
  for (int i = 0; i < static_cast<int>(SourceCase::kCount); ++i) {
    if (fresh.Has(static_cast<SourceCase>(i))) ++batch_.cases[static_cast<SourceCase>(i)];
  }
  known.cases = decoded.cases;
  const uint64_t counted = UsedDifference(ref);
  if (decoded.used_difference <= counted) return;
  batch_.used_difference_bytes += decoded.used_difference - counted;
  used_differences_[ref] = decoded.used_difference;
}

uint64_t SessionTracker::UsedDifference(RowRef ref) const {
  const auto found = used_differences_.find(ref);
  return found == used_differences_.end() ? 0 : found->second;
}

void SessionTracker::ReadByKey() {
  CollectMissing();
  CollectChecks();
  SortUnique(keys_);
  if (keys_.empty()) return;
  table_->VisitKeys(keys_, [this](const TableRow& row) { Take(FindOrAdd(row.key), row); });
  CloseMissing();
  CloseChecks();
}

void SessionTracker::DropClosed() {
  std::erase_if(open_, [this](RowRef ref) {
    KnownRow& known = rows_[ref];
    known.listed = known.open;
    return !known.open;
  });
}

void SessionTracker::CollectMissing() {
  DropClosed();
  for (const RowRef ref : open_) {
    const KnownRow& known = rows_[ref];
    if (known.seen == reading_ || !table_->Covers(rows_.Key(ref))) continue;
    missing_.push_back(ref);
    keys_.push_back(rows_.Key(ref));
  }
}

void SessionTracker::CollectChecks() {
  checks_ = watch_.TakeDue(batch_.read_at, kMostChecks);
  SortUnique(checks_);
  for (const RowRef ref : checks_) keys_.push_back(rows_.Key(ref));
}

void SessionTracker::CloseMissing() {
  for (const RowRef ref : missing_) {
    if (rows_[ref].seen != reading_) gone_.push_back(ref);
  }
  for (const RowRef ref : checks_) {
    if (rows_[ref].seen != reading_ && table_->Covers(rows_.Key(ref))) gone_.push_back(ref);
  }
  for (const RowRef ref : gone_) batch_.gone.push_back(rows_.Key(ref));
}

// Rows that were delivered have begun their pauses anew.
void SessionTracker::CloseChecks() {
  for (const RowRef ref : std::exchange(checks_, {})) {
    const KnownRow& known = rows_[ref];
    if (known.open || known.delivered == reading_) continue;
    const bool is_gone = known.seen != reading_ && table_->Covers(rows_.Key(ref));
    if (!is_gone && !watch_.Pass(ref, batch_.read_at)) Forget(ref);
  }
}

// The open set as the rows say it: also those that the search for open rows does not find.
void SessionTracker::CountOpen() {
  DropClosed();
  batch_.open_rows = open_.size();
  for (const RowRef ref : gone_) batch_.open_rows -= rows_[ref].open ? 1 : 0;
}

void SessionTracker::Acknowledge() {
  if (!std::exchange(pending_, false)) return;
  cursor_ = next_cursor_;
  for (const RowRef ref : gone_) rows_[ref].open = false;
  if (!gone_.empty()) DropClosed();
  for (const RowRef ref : gone_) Forget(ref);
  EndReading();
}

void SessionTracker::Reject() {
  if (!std::exchange(pending_, false)) return;
  for (const Delivery& delivery : delivered_) TakeBack(delivery);
  for (const RowRef ref : gone_) watch_.ReadSoon(ref);    // the watched ones among them
  for (const RowRef ref : checks_) watch_.ReadSoon(ref);  // the reading broke off
  table_->SetCursor(cursor_);
  all_next_ = true;
  EndReading();
}

void SessionTracker::TakeBack(const Delivery& delivery) {
  KnownRow& known = rows_[delivery.ref];
  known.fingerprint = 0;
  known.cases = delivery.cases;
  if (delivery.used_difference != UsedDifference(delivery.ref)) {
    used_differences_[delivery.ref] = delivery.used_difference;
  }
  if (!known.open) watch_.ReadSoon(delivery.ref);
}

void SessionTracker::EndReading() {
  delivered_.clear();
  keys_.clear();
  missing_.clear();
  checks_.clear();
  gone_.clear();
  last_open_ = kNoRow;
}

void SessionTracker::Forget(RowRef ref) {
  rows_.Remove(ref);
  used_differences_.erase(ref);
}

RowRef SessionTracker::FindOrAdd(std::string_view key) {
  const RowRef ref = rows_.Find(key);
  return ref == kNoRow ? rows_.Add(key) : ref;
}

void SessionTracker::MarkOpen(RowRef ref) {
  rows_[ref].open = true;
  if (!std::exchange(rows_[ref].listed, true)) open_.push_back(ref);
}

}  // namespace usage
