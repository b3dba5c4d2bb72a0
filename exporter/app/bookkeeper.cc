#include "app/bookkeeper.h"

#include <algorithm>
#include <thread>

#include "ledger/authority.h"
#include "metrics/label_text.h"
#include "metrics/live_rows.h"
#include "metrics/tenant_rows.h"

namespace usage {
namespace {

using Steady = std::chrono::steady_clock;

// One pass over all sessions in memory: often enough for gauges of minutes.
constexpr auto kCountInterval = std::chrono::seconds(15);
// A page waits so long for the books.
constexpr auto kLongestWait = std::chrono::seconds(1);
// A call to the ledger's database that takes longer is a fault that shows.
constexpr auto kLongestCall = std::chrono::seconds(10);

// By trying: the thread sanitizer of g++ 12 does not know std::timed_mutex's clocklock.
bool TakeWithin(std::chrono::milliseconds time, std::unique_lock<std::mutex>& lock) {
  for (const auto end = Steady::now() + time; !lock.try_lock();) {
    if (Steady::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

LedgerRules RulesOf(const LedgerConfig& config) {
  LedgerRules rules;
  rules.booking.line_bits_per_second = config.line_bits_per_second;
  rules.day_closes_after = config.day_closes_after;
  rules.stale_after = config.stale_after;
  rules.top_accounts = static_cast<size_t>(config.top_subscribers);
  return rules;
}

// The ledger's tables and the exposition hold valid UTF-8 only; the same bytes always become the
// same text.
SourceBatch WithValidText(SourceBatch batch) {
  for (Observation& seen : batch.observations) {
    seen.key = ValidName(seen.key);
    seen.tenant = ValidName(seen.tenant);
    seen.subscriber = ValidName(seen.subscriber);
  }
  for (std::string& key : batch.gone) key = ValidName(key);
  return batch;
}

// A rate is of three polls or more: one that comes late is no stop.
RouterRules RulesOf(const RoutersConfig& routers, const LedgerConfig& ledger) {
  RouterRules rules;
  rules.carry = {ledger.line_bits_per_second, routers.carry_max};
  rules.rate_window = std::max<Duration>(rules.rate_window, 3 * routers.interval);
  return rules;
}

std::vector<ListedTenant> Listed(const std::vector<TenantInfo>& tenants) {
  std::vector<ListedTenant> listed;
  for (const TenantInfo& t : tenants) {
    listed.push_back({ValidName(t.id), ValidText(t.name), ValidText(t.plan), t.quota_bytes,
                      Zone::Find(t.time_zone), t.billing_day});
  }
  return listed;
}

// What DescribeSource adds to what the source itself has said.
void CopyLedgersPart(const SourceStatus& from, SourceStatus* to) {
  to->unattributed = from.unattributed;
  to->unattributed_sessions = from.unattributed_sessions;
  to->refused_sessions = from.refused_sessions;
  auto ledgers = from.cases.begin() + static_cast<ptrdiff_t>(to->cases.size());
  to->cases.insert(to->cases.end(), ledgers, from.cases.end());
}

void CopyJoinsPart(const RouterStatus& from, RouterStatus* to) {
  to->rows = from.rows;
  to->matched = from.matched;
  to->lies = from.lies;
  to->unattributed = from.unattributed;
}

template <typename Status>
const Status* FindNamed(const std::vector<Status>& all, const std::string& name) {
  const auto it =
      std::find_if(all.begin(), all.end(), [&](const Status& s) { return s.name == name; });
  return it == all.end() ? nullptr : &*it;
}

}  // namespace

Bookkeeper::Bookkeeper(const Config& config, const Clock& clock)
    : config_(config), clock_(clock), store_(config.storage) {
  if (config.routers) routers_.emplace(RulesOf(*config.routers, config.ledger));
}

// Runs `body` on books that are current, under the lock, and keeps account of how that went.
template <typename Body>
auto Bookkeeper::WithBooks(Body body) {
  Lock lock(mutex_);
  return WithLockedBooks(body);
}

template <typename Body>
auto Bookkeeper::WithLockedBooks(Body body) {
  BusyTimer::Mark mark(busy_);
  try {
    if (!is_current_ || !ledger_->Advance(clock_.Now())) Load();
    return body();
  } catch (const std::exception& e) {
    is_current_ = false;
    status_.writer = status_.up = false;
    status_.error = e.what();
    ++status_.errors;
    throw;
  }
}

void Bookkeeper::Load() {
  is_current_ = false;
  ledger_ = store_.Load(RulesOf(config_.ledger), clock_.Now());
  if (routers_) routers_->Reload(*ledger_);
  is_current_ = status_.writer = status_.up = true;
  status_.error.clear();
  next_fold_ = Steady::now() + config_.storage.fold_interval;
}

ResumePoint Bookkeeper::Resume(const std::string& source) {
  return WithBooks([&] { return store_.Resume(SourceOf(source), *ledger_); });
}

SourceRef Bookkeeper::SourceOf(const std::string& name) {
  auto it = sources_.find(name);
  if (it == sources_.end()) it = sources_.emplace(name, store_.SourceOf(name)).first;
  return it->second;
}

void Bookkeeper::Book(const SourceBatch& raw) {
  SourceBatch batch = WithValidText(raw);
  WithBooks([&] {
    SourceRef source = SourceOf(batch.source);
    store_.Restore(source, ledger_->WhatIsMissing(source, batch), ledger_.get());
    std::map<LedgerCase, uint64_t> cases;
    if (routers_) Overrule(source, &batch, &cases);
    Change change = ledger_->Plan(source, batch, batch.read_at);
    change.cases.merge(cases);
    Commit(change);
    cursors_[source] = batch.cursor;
    if (routers_) Place(source, batch);
    FoldIfDue();
  });
}

void Bookkeeper::SetRouters(const std::vector<RouterId>& routers) {
  Lock lock(mutex_);
  if (routers_) routers_->SetRouters(routers);
}

// The carry falls in the same locked step in which the ledger grows: no snapshot has both or
// neither.
void Bookkeeper::TakeReading(const std::string& router, const std::string& tenant,
                             const RouterReading& reading) {
  Lock lock(mutex_);
  if (!routers_ || !ledger_) return;
  const auto& words = routers_->Take(*ledger_, {router, tenant}, reading);
  if (is_current_) BookRoutersWords(words, reading.at);
}

Authority Bookkeeper::AuthorityOf(Access access) const {
  return config_.routers->authority[static_cast<size_t>(access)];
}

void Bookkeeper::BookRoutersWords(const std::vector<RouterWord>& words, Instant at) {
  std::map<SourceRef, SourceBatch> batches;
  for (const RouterWord& word : words) {
    const Session* session = ledger_->FindSession(word.session);
    if (session == nullptr) continue;
    const AccountName& account = ledger_->FindAccount(session->account)->name;
    if (AuthorityOf(account.access) == Authority::kAccounting) continue;
    auto seen = ObservationOf(word, *session, account);
    if (seen) batches[session->name.source].observations.push_back(std::move(*seen));
  }
  if (batches.empty()) return;
  WithLockedBooks([&] {
    for (auto& [source, batch] : batches) {
      batch.cursor = cursors_[source];
      Commit(ledger_->Plan(source, batch, at));
    }
  });
}

void Bookkeeper::Overrule(SourceRef source, SourceBatch* batch,
                          std::map<LedgerCase, uint64_t>* cases) {
  const Duration silence = config_.routers->carry_max;
  for (Observation& seen : batch->observations) {
    const Authority authority = AuthorityOf(seen.access);
    const Session* session = ledger_->FindSession({source, seen.key});
    if (authority == Authority::kAccounting || session == nullptr) continue;
    const auto word = routers_->WordOf(session->ref);
    if (!word || IsReusedId(session->baseline, seen)) continue;
    if (IsOutdated(*word, seen, silence)) ++(*cases)[LedgerCase::kRouterSilent];
    usage::Overrule(authority, *word, session->baseline, silence, &seen);
  }
}

void Bookkeeper::Commit(const Change& change) {
  auto begin = Steady::now();
  store_.Commit(change);
  ledger_->Apply(change);
  if (routers_) Hear(change);
  for (auto [c, count] : change.cases) cases_[change.source][c] += count;
  ++status_.commits;
  status_.write_seconds = std::chrono::duration<double>(Steady::now() - begin).count();
}

// Before the sessions that ended leave the routers' books.
void Bookkeeper::Hear(const Change& change) {
  for (const SessionChange& session : change.sessions) {
    const AccountName& account = ledger_->FindAccount(session.account)->name;
    const bool is_unseen = session.ended && AuthorityOf(account.access) != Authority::kAccounting &&
                           !routers_->WordOf(session.ref);
    if (is_unseen) ++cases_[change.source][LedgerCase::kNoRouter];
    routers_->Hear(*ledger_, session);
  }
}

// What a source says of where its open sessions are; their closed ones were heard of.
void Bookkeeper::Place(SourceRef source, const SourceBatch& batch) {
  for (const Observation& seen : batch.observations) {
    const Session* session = seen.where ? ledger_->FindSession({source, seen.key}) : nullptr;
    const bool is_open = session != nullptr && !session->baseline.closed;
    if (is_open) routers_->Place(*ledger_, *session, *seen.where);
  }
}

void Bookkeeper::UpdateTenants(const std::vector<TenantInfo>& tenants) {
  WithBooks([&] {
    Instant now = clock_.Now();
    TenantUpdate update = ledger_->PlanTenants(Listed(tenants), now);
    store_.Commit(update);
    ledger_->Apply(update, now);
    status_.unknown_zones = update.unknown_zones;
    if (!update.attributed.empty()) Attribute(update.attributed);
  });
}

void Bookkeeper::Attribute(const std::vector<std::string>& tenants) {
  std::vector<Parked> parked = store_.ParkedOf(tenants);
  std::vector<AccountRef> absent;
  for (const Parked& item : parked) {
    if (ledger_->FindAccount(item.account) == nullptr) absent.push_back(item.account);
  }
  store_.RestoreAccounts(absent, ledger_.get());
  Commit(ledger_->PlanAttribution(parked, clock_.Now()));
}

void Bookkeeper::KeepUp() {
  WithBooks([&] { FoldIfDue(); });
}

void Bookkeeper::Close() {
  WithBooks([&] { Fold(); });
}

void Bookkeeper::FoldIfDue() {
  if (Steady::now() >= next_fold_) Fold();
}

void Bookkeeper::Fold() {
  status_.invariant_violations = store_.Fold();
  ledger_->ForgetTheSettled();
  next_fold_ = Steady::now() + config_.storage.fold_interval;
}

void Bookkeeper::Describe(const Snapshot* before, Snapshot* snapshot) {
  Lock lock(mutex_, std::defer_lock);
  if (!TakeWithin(kLongestWait, lock)) {
    if (before != nullptr) DescribeAsBefore(*before, snapshot);
    return;
  }
  snapshot->exporter.ledger = status_;
  for (SourceStatus& source : snapshot->sources) DescribeSource(&source);
  if (ledger_) DescribeTenants(snapshot);
}

void Bookkeeper::DescribeAsBefore(const Snapshot& before, Snapshot* snapshot) const {
  LedgerStatus& ledger = snapshot->exporter.ledger;
  ledger = before.exporter.ledger;
  if (ledger.up && busy_.busy_for() > kLongestCall) {
    ledger.up = false;
    ledger.error = "its database has not answered for more than 10 s";
  }
  snapshot->tenants = before.tenants;
  for (SourceStatus& source : snapshot->sources) {
    const SourceStatus* old = FindNamed(before.sources, source.name);
    if (old != nullptr) CopyLedgersPart(*old, &source);
  }
  for (RouterStatus& router : snapshot->routers) {
    const RouterStatus* old = FindNamed(before.routers, router.name);
    if (old != nullptr) CopyJoinsPart(*old, &router);
  }
}

void Bookkeeper::DescribeTenants(Snapshot* snapshot) {
  CountIfDue();
  // Days begin without a database too; a clock that fell back shows the old day until Load.
  (void)ledger_->Advance(snapshot->at);
  snapshot->exporter.ledger.restated_days = ledger_->late_shares();
  snapshot->tenants = TenantRows(*ledger_, snapshot->at, config_.tenants.keep_for);
  if (!routers_) return;
  routers_->Count(*ledger_, snapshot->at);
  AddLiveRows(*ledger_, *routers_, snapshot);
}

void Bookkeeper::CountIfDue() {
  auto now = Steady::now();
  if (now < next_count_) return;
  ledger_->CountSessions(clock_.Now());
  next_count_ = now + kCountInterval;
}

void Bookkeeper::DescribeSource(SourceStatus* status) {
  auto it = sources_.find(status->name);
  SourceRef ref = it == sources_.end() ? SourceRef{0} : it->second;
  auto& cases = cases_[ref];
  for (int i = 0; i < static_cast<int>(LedgerCase::kCount); ++i) {
    auto c = static_cast<LedgerCase>(i);
    status->cases.push_back({LedgerCaseName(c), cases[c]});
  }
  if (!ledger_ || ref == 0) return;
  const SourceCounts& counts = ledger_->counts(ref);
  status->unattributed = counts.parked;
  status->unattributed_sessions = counts.open_unattributed;
  status->refused_sessions = counts.refused;
}

}  // namespace usage
