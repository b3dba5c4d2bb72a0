#include "ledger/ledger.h"

#include <algorithm>
#include <stdexcept>
#include <unordered_set>

#include "ledger/batch_plan.h"
#include "ledger/spread.h"

namespace usage {

size_t Ledger::AccountHash::operator()(const AccountName& name) const {
  size_t hash = std::hash<std::string>()(name.tenant) * 31 + static_cast<size_t>(name.access);
  return hash * 0x9E3779B97F4A7C15ull + std::hash<std::string>()(name.subscriber);
}

// --- Planning

Missing Ledger::WhatIsMissing(SourceRef source, const SourceBatch& batch) const {
  Missing missing;
  std::set<AccountName> accounts;
  for (const Observation& seen : batch.observations) {
    if (FindSession({source, seen.key}) == nullptr) missing.keys.push_back(seen.key);
    AccountName name{seen.tenant, seen.access, seen.subscriber};
    if (!account_refs_.contains(name)) accounts.insert(std::move(name));
  }
  missing.accounts.assign(accounts.begin(), accounts.end());
  return missing;
}

MissingRefs Ledger::WhatIsMissing(const Change& change) const {
  std::set<AccountRef> accounts;
  MissingRefs missing;
  for (const SessionChange& session : change.sessions) {
    accounts.insert(session.account);
    if (session.opened || sessions_.contains(session.ref)) continue;
    missing.sessions.push_back(session.ref);
  }
  for (const Share& share : change.shares) accounts.insert(share.account);
  for (const NewAccount& account : change.accounts) accounts.erase(account.ref);
  std::erase_if(accounts, [this](AccountRef ref) { return accounts_.contains(ref); });
  missing.accounts.assign(accounts.begin(), accounts.end());
  return missing;
}

Change Ledger::Plan(SourceRef source, const SourceBatch& batch, Instant now) const {
  BatchPlan plan(*this, source, batch.cursor, now);
  for (const Observation& seen : batch.observations) plan.Add(seen);
  for (const std::string& key : batch.gone) plan.AddGone(key);
  return plan.Finish();
}

void Ledger::AddShares(SessionRef session, AccountRef account, const Tenant& tenant,
                       const Flow& flow, Instant now, Change* change) const {
  const TenantCalendar& calendar = tenant.profile.calendar;
  Volume sum;
  for (const DayPart& part : SplitByDay(flow, calendar)) {
    Instant end = calendar.Start(part.day + 1);
    bool late = end > born_ && now >= end + rules_.day_closes_after;
    if (late) ++change->cases[LedgerCase::kLateGrowth];
    change->shares.push_back(
        {session, account, part.day, calendar.PeriodOf(part.day), part.volume, late});
    sum += part.volume;
  }
  if (sum != flow.volume) throw std::logic_error("the days of a flow do not sum to it");
}

namespace {

// `old` is null for a tenant that was not known.
TenantProfile ProfileOf(const ListedTenant& listed, const Tenant* old, Instant now) {
  const Zone& zone = listed.zone != nullptr ? *listed.zone : Zone::Utc();
  TenantProfile profile;
  profile.id = listed.id;
  profile.name = listed.name;
  profile.plan = listed.plan;
  profile.quota_bytes = listed.quota_bytes;
  profile.calendar =
      old != nullptr ? old->profile.calendar : TenantCalendar(zone, listed.billing_day);
  profile.calendar.Change(now, zone, listed.billing_day);
  return profile;
}

}  // namespace

TenantUpdate Ledger::PlanTenants(const std::vector<ListedTenant>& listed, Instant now) const {
  TenantUpdate update;
  std::unordered_set<std::string> ids;
  for (const ListedTenant& tenant : listed) {
    if (!ids.insert(tenant.id).second) continue;
    const Tenant* found = FindTenant(tenant.id);
    const Tenant* old = found != nullptr && found->known ? found : nullptr;
    if (tenant.zone == nullptr) ++update.unknown_zones;
    if (found != nullptr && !found->known) update.attributed.push_back(tenant.id);
    TenantProfile profile = ProfileOf(tenant, old, now);
    if (old == nullptr || old->profile != profile) update.changed.push_back(std::move(profile));
  }
  for (const auto& [id, tenant] : tenants_) {
    if (!tenant.known || tenant.profile.gone_since || ids.contains(id)) continue;
    update.changed.push_back(tenant.profile);
    update.changed.back().gone_since = now;
  }
  return update;
}

Change Ledger::PlanAttribution(const std::vector<Parked>& parked, Instant now) const {
  Change change;
  change.at = now;
  for (const Parked& item : parked) {
    const Tenant& tenant = tenants_.at(accounts_.at(item.account)->name.tenant);
    AddShares(item.session, item.account, tenant, item.flow, now, &change);
    change.unparked.push_back(item);
  }
  return change;
}

// --- Applying

void Ledger::Apply(const Change& change) {
  for (const NewAccount& account : change.accounts) RestoreAccount(account.ref, account.name);
  for (const SessionChange& session : change.sessions) ApplySession(session);
  for (const Share& share : change.shares) ApplyShare(share);
  for (const Parked& item : change.parked) counts_[item.source].parked += item.flow.volume;
  for (const Parked& item : change.unparked) counts_[item.source].parked -= item.flow.volume;
}

void Ledger::ApplySession(const SessionChange& change) {
  Session& session = change.opened ? sessions_[change.ref] : sessions_.at(change.ref);
  if (change.opened) {
    session.ref = change.ref;
    session.name = *change.opened;
    session.account = change.account;
    session.baseline.closed = Instant::min();  // so that it counts as open from here on
    keys_[session.name.source][session.name.key] = change.ref;
    next_session_ = std::max(next_session_, change.ref + 1);
  }
  if (!session.baseline.closed) CountOpen(session, -1);
  session.baseline = change.after;
  if (!session.baseline.closed) CountOpen(session, +1);
  AccessTotals& totals = TotalsOf(*accounts_.at(session.account));
  totals.started += change.started;
  totals.ended += change.ended;
  totals.data_at = std::max(totals.data_at.value_or(Instant::min()), change.after.mark);
}

void Ledger::CountOpen(const Session& session, int by) {
  Account& account = *accounts_.at(session.account);
  account.open += static_cast<uint32_t>(by);
  TotalsOf(account).open += static_cast<uint64_t>(by);
}

void Ledger::ApplyShare(const Share& share) {
  Account& account = *accounts_.at(share.account);
  account.usage.AddToDay(share.day, share.volume);
  account.usage.AddToMonth(share.period, share.volume);
  AccessTotals& totals = TotalsOf(account);
  totals.total += share.volume;
  totals.usage.AddToDay(share.day, share.volume);
  totals.usage.AddToMonth(share.period, share.volume);
  totals.top.Update(&account, share.period);
  if (!share.late) return;
  totals.late += share.volume;
  ++late_shares_;
}

void Ledger::Apply(const TenantUpdate& update, Instant now) {
  for (const TenantProfile& profile : update.changed) {
    RestoreTenant(profile);
    Cache(tenants_.at(profile.id), now);
  }
}

bool Ledger::Advance(Instant now) {
  for (auto& [id, tenant] : tenants_) {
    if (now >= tenant.next_day) Cache(tenant, now);
    if (now < tenant.today_start) return false;
  }
  return true;
}

void Ledger::Cache(Tenant& tenant, Instant now) {
  const TenantCalendar& calendar = tenant.profile.calendar;
  tenant.today = calendar.DayAt(now);
  tenant.period = calendar.PeriodOf(tenant.today);
  tenant.today_start = calendar.Start(tenant.today);
  tenant.next_day = calendar.Start(tenant.today + 1);
  tenant.month_start = calendar.Start(calendar.FirstDayIn(tenant.period));
  tenant.next_month = calendar.Start(calendar.NextPeriodAfter(tenant.today));
}

void Ledger::ForgetTheSettled() {
  std::erase_if(sessions_, [this](const auto& entry) {
    const Session& session = entry.second;
    if (!session.baseline.closed) return false;
    auto& keys = keys_[session.name.source];
    auto key = keys.find(session.name.key);
    if (key != keys.end() && key->second == session.ref) keys.erase(key);
    return true;
  });
  ForgetSilentAccounts();
}

void Ledger::ForgetSilentAccounts() {
  std::unordered_set<AccountRef> in_use;
  for (const auto& [ref, session] : sessions_) in_use.insert(session.account);
  std::erase_if(accounts_, [&](const auto& entry) {
    const Account& account = *entry.second;
    auto tenant = tenants_.find(account.name.tenant);
    bool is_current = tenant != tenants_.end() && account.usage.period >= tenant->second.period;
    if (is_current || in_use.contains(account.ref)) return false;
    if (TotalsOf(account).top.Holds(&account)) return false;  // it has the address
    account_refs_.erase(account.name);
    return true;
  });
}

void Ledger::CountSessions(Instant now) {
  for (auto& [source, counts] : counts_) counts.open_unattributed = counts.refused = 0;
  for (auto& [id, tenant] : tenants_) {
    for (auto& totals : tenant.access) {
      if (totals) totals->stale = 0;
    }
  }
  for (const auto& [ref, session] : sessions_) {
    SourceCounts& counts = counts_[session.name.source];
    counts.refused += session.baseline.refused;
    if (session.baseline.closed) continue;
    const Account& account = *accounts_.at(session.account);
    counts.open_unattributed += !tenants_.at(account.name.tenant).known;
    TotalsOf(account).stale += now - session.baseline.mark > rules_.stale_after;
  }
}

// --- Restoring

void Ledger::RestoreTenant(TenantProfile profile) {
  Tenant& tenant = TenantOf(profile.id);
  tenant.profile = std::move(profile);
  tenant.known = true;
  tenant.next_day = Instant::min();  // Advance finds its days
}

void Ledger::RestoreTotals(const std::string& tenant, Access access, Volume total, uint64_t started,
                           uint64_t ended, std::optional<Instant> data_at) {
  AccessTotals& totals = TotalsOf(tenant, access);
  totals.total = total;
  totals.started = started;
  totals.ended = ended;
  totals.data_at = data_at;
}

void Ledger::RestoreLate(const std::string& tenant, Access access, Volume volume, uint64_t shares) {
  TotalsOf(tenant, access).late = volume;
  late_shares_ += shares;
}

void Ledger::RestoreDay(const std::string& tenant, Access access, Day day, Volume volume) {
  TotalsOf(tenant, access).usage.AddToDay(day, volume);
}

void Ledger::RestoreMonth(const std::string& tenant, Access access, Day period, Volume volume) {
  TotalsOf(tenant, access).usage.AddToMonth(period, volume);
}

void Ledger::RestoreAccount(AccountRef ref, AccountName name) {
  auto account = std::make_unique<Account>();
  account->ref = ref;
  account->name = std::move(name);
  TotalsOf(*account);  // from here on the tenant has this access
  account_refs_[account->name] = ref;
  accounts_[ref] = std::move(account);
  next_account_ = std::max(next_account_, ref + 1);
}

void Ledger::RestoreAccountDay(AccountRef ref, Day day, Volume volume) {
  accounts_.at(ref)->usage.AddToDay(day, volume);
}

void Ledger::RestoreAccountMonth(AccountRef ref, Day period, Volume volume) {
  Account& account = *accounts_.at(ref);
  account.usage.AddToMonth(period, volume);
  TotalsOf(account).top.Update(&account, period);
}

void Ledger::RestoreSession(Session session) {
  if (sessions_.contains(session.ref)) return;
  keys_[session.name.source][session.name.key] = session.ref;
  next_session_ = std::max(next_session_, session.ref + 1);
  if (!session.baseline.closed) CountOpen(session, +1);
  SessionRef ref = session.ref;
  sessions_[ref] = std::move(session);
}

void Ledger::RestoreParked(SourceRef source, Volume volume) { counts_[source].parked += volume; }

void Ledger::RestoreNextRefs(AccountRef next_account, SessionRef next_session) {
  next_account_ = std::max(next_account_, next_account);
  next_session_ = std::max(next_session_, next_session);
}

// --- Looking

const Tenant* Ledger::FindTenant(const std::string& id) const {
  auto it = tenants_.find(id);
  return it == tenants_.end() ? nullptr : &it->second;
}

const Account* Ledger::FindAccount(AccountRef ref) const {
  auto it = accounts_.find(ref);
  return it == accounts_.end() ? nullptr : it->second.get();
}

const Session* Ledger::FindSession(const SessionName& name) const {
  auto keys = keys_.find(name.source);
  if (keys == keys_.end()) return nullptr;
  auto key = keys->second.find(name.key);
  return key == keys->second.end() ? nullptr : &sessions_.at(key->second);
}

const Session* Ledger::FindSession(SessionRef ref) const {
  auto it = sessions_.find(ref);
  return it == sessions_.end() ? nullptr : &it->second;
}

const SourceCounts& Ledger::counts(SourceRef source) const {
  static const SourceCounts kNone;
  auto it = counts_.find(source);
  return it == counts_.end() ? kNone : it->second;
}

std::vector<std::string> Ledger::OpenKeys(SourceRef source) const {
  std::vector<std::string> open;
  for (const auto& [ref, session] : sessions_) {
    bool is_open = session.name.source == source && !session.baseline.closed;
    if (is_open) open.push_back(session.name.key);
  }
  return open;
}

Tenant& Ledger::TenantOf(const std::string& id) {
  auto [it, is_new] = tenants_.try_emplace(id);
  if (is_new) {
    it->second.profile.id = id;
    it->second.next_day = Instant::max();  // until it is known
    it->second.today = it->second.profile.calendar.DayAt(Instant());
  }
  return it->second;
}

AccessTotals& Ledger::TotalsOf(const std::string& tenant, Access access) {
  auto& totals = TenantOf(tenant).access[static_cast<size_t>(access)];
  if (!totals) {
    totals.emplace();
    totals->top.SetSize(rules_.top_accounts);
  }
  return *totals;
}

AccessTotals& Ledger::TotalsOf(const Account& account) {
  return TotalsOf(account.name.tenant, account.name.access);
}

}  // namespace usage
