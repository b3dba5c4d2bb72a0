// A ledger, and everything durable about it in memory: what a store would keep.
#pragma once

#include <map>
#include <sstream>
#include <string>

#include "ledger/ledger.h"

namespace usage::testing {

// In 2026, UTC.
inline Instant T(unsigned month, unsigned day, int hour, int minute = 0) {
  return Instant(std::chrono::days(Day::FromCivil(2026, month, day).number) +
                 std::chrono::hours(hour) + std::chrono::minutes(minute));
}

// Drives a ledger as the program does, on the clock of what it is told. Every row is a PPPoE
// session of one source.
class Books {
 public:
  explicit Books(Instant born, size_t top = 10) : ledger_(RulesWith(top)), now_(born) {
    ledger_.RestoreBirth(born);
  }

  TenantUpdate Tenant(const std::string& id, const std::string& zone, int billing_day) {
    listed_[id] = {id, id, "", std::nullopt, Zone::Find(zone), billing_day};
    return ListTenants();
  }
  void NoTenants() {
    listed_.clear();
    ListTenants();
  }

  void Open(const std::string& key, const std::string& tenant, Instant started,
            const std::string& subscriber = "") {
    Observation& row = rows_[key];
    row = Observation();
    row.key = key;
    row.tenant = tenant;
    row.subscriber = subscriber.empty() ? key : subscriber;
    row.access = Access::kPppoe;
    row.started = row.stamp = started;
    row.upload = row.download = 0;
    See(key, started);
  }
  void Interim(const std::string& key, Instant at, uint64_t up, uint64_t down) {
    rows_[key].stamp = at;
    rows_[key].upload = up;
    rows_[key].download = down;
    See(key, at);
  }
  void Stop(const std::string& key, Instant at, uint64_t up, uint64_t down) {
    StopAt(key, at, up, down, at);
  }
  // Seen at `seen`, dated `stopped`.
  void StopAt(const std::string& key, Instant seen, uint64_t up, uint64_t down, Instant stopped) {
    rows_[key].open = false;
    rows_[key].stopped = rows_[key].stamp = stopped;
    rows_[key].upload = up;
    rows_[key].download = down;
    See(key, seen);
  }
  void Purge(const std::string& key) {
    SourceBatch batch;
    batch.gone = {key};
    Apply(ledger_.Plan(1, batch, now_));
  }
  Observation& Row(const std::string& key) { return rows_[key]; }
  void See(const std::string& key, Instant now) {
    Wait(now);
    SourceBatch batch;
    batch.observations = {rows_[key]};
    Apply(ledger_.Plan(1, batch, now_));
  }
  void Wait(Instant until) {
    now_ = std::max(now_, until);
    if (!ledger_.Advance(now_)) throw std::logic_error("the clock of the test fell back");
  }

  Ledger& ledger() { return ledger_; }

  // "11-05 200 2000\n" for each day with bytes.
  std::string Days(const std::string& tenant) const {
    std::map<Day, Volume> days;
    for (const auto& [key, volume] : days_) {
      if (key.first == tenant) days[key.second] = volume;
    }
    return DaysText(days);
  }
  static std::string DaysText(const std::map<Day, Volume>& days) {
    std::ostringstream text;
    for (const auto& [day, volume] : days) {
      text << day.ToString().substr(5) << " " << Text(volume) << "\n";
    }
    return text.str();
  }
  std::string Total(const std::string& tenant) const { return Text(TotalsOf(tenant).total); }
  std::string Current(const std::string& id) const {
    const usage::Tenant& tenant = *ledger_.FindTenant(id);
    const AccessTotals& totals = TotalsOf(id);
    return "today " + Text(totals.usage.TodayOn(tenant.today)) + ", month " +
           Text(totals.usage.MonthIn(tenant.period)) + ", total " + Text(totals.total) + ", open " +
           std::to_string(totals.open);
  }
  // "user1 2\n" for each account with open sessions.
  std::string OpenByAccount(const std::string& id) const {
    std::map<std::string, uint32_t> open;
    for (AccountRef ref = 1; ref <= ledger_.account_count(); ++ref) {
      const Account* account = ledger_.FindAccount(ref);
      if (account != nullptr && account->name.tenant == id && account->open > 0)
        open[account->name.subscriber] = account->open;
    }
    std::ostringstream text;
    for (const auto& [name, count] : open) text << name << " " << count << "\n";
    return text.str();
  }
  std::string Audit() const { return audit_.str(); }
  std::string Unattributed() const { return Text(ledger_.counts(1).parked); }
  std::string Cases() const {
    std::ostringstream text;
    for (auto [c, count] : cases_) text << LedgerCaseName(c) << " " << count << "\n";
    return text.str();
  }
  std::string Top(const std::string& id) const {
    const usage::Tenant& tenant = *ledger_.FindTenant(id);
    std::ostringstream text;
    for (const Account* account : TotalsOf(id).top.in(tenant.period)) {
      text << account->name.subscriber << " " << account->usage.MonthIn(tenant.period).sum()
           << "\n";
    }
    return text.str();
  }
  // Sessions whose days and parked bytes do not sum to what was booked of them.
  int Violations() const {
    int violations = 0;
    for (const auto& [ref, booked] : booked_) {
      auto it = session_sums_.find(ref);
      violations += booked != (it == session_sums_.end() ? Volume{} : it->second);
    }
    return violations;
  }

 private:
  static LedgerRules RulesWith(size_t top) {
    LedgerRules rules;
    rules.top_accounts = top;
    return rules;
  }
  static std::string Text(Volume v) {
    return std::to_string(v.upload) + " " + std::to_string(v.download);
  }
  const AccessTotals& TotalsOf(const std::string& id) const {
    return ledger_.FindTenant(id)->access[static_cast<size_t>(Access::kPppoe)].value();
  }

  TenantUpdate ListTenants() {
    std::vector<ListedTenant> list;
    for (const auto& [id, tenant] : listed_) list.push_back(tenant);
    TenantUpdate update = ledger_.PlanTenants(list, now_);
    ledger_.Apply(update, now_);
    for (const auto& id : update.attributed) Attribute(id);
    return update;
  }
  void Attribute(const std::string& id) {
    std::vector<Parked> mine;
    std::erase_if(parked_, [&](const Parked& p) {
      if (ledger_.FindAccount(p.account)->name.tenant != id) return false;
      mine.push_back(p);
      return true;
    });
    Apply(ledger_.PlanAttribution(mine, now_));
  }
  void Apply(const Change& change) {
    ledger_.Apply(change);
    for (const Parked& p : change.parked) {
      parked_.push_back(p);
      session_sums_[p.session] += p.flow.volume;
    }
    for (const Parked& p : change.unparked) session_sums_[p.session] -= p.flow.volume;
    for (const SessionChange& s : change.sessions) booked_[s.ref] = s.after.booked;
    for (const Share& share : change.shares) Keep(share);
    for (auto [c, count] : change.cases) cases_[c] += count;
  }
  void Keep(const Share& share) {
    const std::string& tenant = ledger_.FindAccount(share.account)->name.tenant;
    days_[{tenant, share.day}] += share.volume;
    session_sums_[share.session] += share.volume;
    if (!share.late) return;
    audit_ << tenant << " " << share.day.ToString().substr(5) << " " << Text(share.volume) << "\n";
  }

  Ledger ledger_;
  Instant now_;
  std::map<std::string, ListedTenant> listed_;
  std::map<std::string, Observation> rows_;
  std::map<std::pair<std::string, Day>, Volume> days_;
  std::map<SessionRef, Volume> booked_;
  std::map<SessionRef, Volume> session_sums_;
  std::vector<Parked> parked_;
  std::ostringstream audit_;
  std::map<LedgerCase, uint64_t> cases_;
};

}  // namespace usage::testing
