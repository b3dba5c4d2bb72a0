// The books: what was counted of each session, and whose it is. No I/O and no clock of its own.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/observation.h"
#include "ledger/booking.h"
#include "ledger/change.h"
#include "ledger/tenant.h"

namespace usage {

struct LedgerRules {
  BookingRules booking;
  Duration day_closes_after = std::chrono::hours(1);  // after the tenant's midnight
  Duration stale_after = std::chrono::minutes(30);
  size_t top_accounts = 10;
};

// A session as the ledger holds it.
struct Session {
  SessionRef ref = 0;
  SessionName name;
  AccountRef account = 0;
  Baseline baseline;
};

// What is known only to the database: sessions that closed long ago, accounts that have been
// silent. Asked for before a change is planned.
struct Missing {
  std::vector<std::string> keys;  // of the batch's source
  std::vector<AccountName> accounts;

  bool empty() const { return keys.empty() && accounts.empty(); }
};

// What a change names that is not in memory: for replaying it.
struct MissingRefs {
  std::vector<SessionRef> sessions;
  std::vector<AccountRef> accounts;
};

// A tenant as its list has it, for UpdateTenants.
struct ListedTenant {
  std::string id;
  std::string name;
  std::string plan;
  std::optional<uint64_t> quota_bytes;
  const Zone* zone = nullptr;  // null: unknown to the time zone database
  int billing_day = 1;
};

// What a new list of tenants changes.
struct TenantUpdate {
  std::vector<TenantProfile> changed;   // new, changed, gone, or back
  std::vector<std::string> attributed;  // unknown so far: what was parked becomes theirs
  uint64_t unknown_zones = 0;           // tenants of the list whose zone is unknown
};

struct SourceCounts {
  Volume parked;
  uint64_t open_unattributed = 0;  // open sessions of unknown tenants, by the last CountSessions
  uint64_t refused = 0;            // sessions of implausible growth, likewise
};

// Not thread-safe: its owner serialises.
class Ledger {
 public:
  explicit Ledger(LedgerRules rules) : rules_(rules) {}

  // --- Planning: nothing is altered.

  // What a batch names that is not in memory. Look it up, Restore what there is, then Plan.
  Missing WhatIsMissing(SourceRef source, const SourceBatch& batch) const;

  // What a batch adds. `now` is the reader's clock. Throws std::logic_error when a session's days
  // would not sum to it.
  Change Plan(SourceRef source, const SourceBatch& batch, Instant now) const;

  // Likewise, before a change of the journal is applied again.
  MissingRefs WhatIsMissing(const Change& change) const;

  // What a new list of tenants means.
  TenantUpdate PlanTenants(const std::vector<ListedTenant>& listed, Instant now) const;

  // Books what was parked for tenants that are known now (after Apply of their profiles).
  Change PlanAttribution(const std::vector<Parked>& parked, Instant now) const;

  // --- Applying what is durable.

  void Apply(const Change& change);
  void Apply(const TenantUpdate& update, Instant now);

  // Moves the tenants' days on. False when the clock fell back over a midnight: the ledger must be
  // loaded anew, since it does not keep the days before the current one.
  [[nodiscard]] bool Advance(Instant now);

  // Drops from memory what the database has and the present does not need: closed sessions,
  // accounts without bytes in the current month.
  void ForgetTheSettled();

  // Counts stale, refused and unattributed sessions: one pass over the sessions in memory.
  void CountSessions(Instant now);

  // --- Restoring from the database, before anything is planned. Tenants first, then Advance.

  void RestoreTenant(TenantProfile profile);
  void RestoreTotals(const std::string& tenant, Access access, Volume total, uint64_t started,
                     uint64_t ended, std::optional<Instant> data_at);
  void RestoreLate(const std::string& tenant, Access access, Volume volume, uint64_t shares);
  void RestoreDay(const std::string& tenant, Access access, Day day, Volume volume);
  void RestoreMonth(const std::string& tenant, Access access, Day period, Volume volume);
  void RestoreAccount(AccountRef ref, AccountName name);
  void RestoreAccountDay(AccountRef ref, Day day, Volume volume);
  void RestoreAccountMonth(AccountRef ref, Day period, Volume volume);
  void RestoreSession(Session session);
  void RestoreParked(SourceRef source, Volume volume);
  void RestoreNextRefs(AccountRef next_account, SessionRef next_session);
  // When the ledger was begun: days that ended before it were never shown as closed.
  void RestoreBirth(Instant born) { born_ = born; }

  // --- Looking.

  const std::map<std::string, Tenant>& tenants() const { return tenants_; }
  const Tenant* FindTenant(const std::string& id) const;
  const Account* FindAccount(AccountRef ref) const;
  const Session* FindSession(const SessionName& name) const;
  const Session* FindSession(SessionRef ref) const;
  const SourceCounts& counts(SourceRef source) const;
  std::vector<std::string> OpenKeys(SourceRef source) const;
  size_t session_count() const { return sessions_.size(); }
  size_t account_count() const { return accounts_.size(); }
  // Changes of closed days since the ledger was begun: the lines of the audit.
  uint64_t late_shares() const { return late_shares_; }

 private:
  friend class BatchPlan;

  struct AccountHash {
    size_t operator()(const AccountName& name) const;
  };

  void AddShares(SessionRef session, AccountRef account, const Tenant& tenant, const Flow& flow,
                 Instant now, Change* change) const;
  Tenant& TenantOf(const std::string& id);
  AccessTotals& TotalsOf(const std::string& tenant, Access access);
  AccessTotals& TotalsOf(const Account& account);
  void ApplySession(const SessionChange& change);
  void ApplyShare(const Share& share);
  void CountOpen(const Session& session, int by);
  static void Cache(Tenant& tenant, Instant now);
  void ForgetSilentAccounts();

  LedgerRules rules_;
  Instant born_ = Instant::min();
  std::map<std::string, Tenant> tenants_;
  std::unordered_map<AccountRef, std::unique_ptr<Account>> accounts_;
  std::unordered_map<AccountName, AccountRef, AccountHash> account_refs_;
  std::unordered_map<SessionRef, Session> sessions_;
  std::map<SourceRef, std::unordered_map<std::string, SessionRef>> keys_;
  std::map<SourceRef, SourceCounts> counts_;
  AccountRef next_account_ = 1;
  SessionRef next_session_ = 1;
  uint64_t late_shares_ = 0;
};

}  // namespace usage
