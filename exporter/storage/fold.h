// The journal's changes since the last fold, added up, and their way into the tables.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ledger/change.h"

namespace pqxx {
class transaction_base;
}

namespace usage {

// Not thread-safe.
class FoldBuffer {
 public:
  void Add(const Change& change);
  bool empty() const { return change_count_ == 0; }
  void Clear() { *this = FoldBuffer(); }

  // Writes everything that was added into the tables, in the caller's transaction.
  void WriteTo(pqxx::transaction_base& tx) const;
  // After WriteTo, in the same transaction: how many of the sessions that were written do not sum
  // to their days and parked bytes.
  uint64_t CountViolations(pqxx::transaction_base& tx) const;

 private:
  struct SessionRow {
    std::optional<SessionName> opened;
    AccountRef account = 0;
    Baseline baseline;
  };
  struct AccountTotals {
    uint64_t started = 0;
    uint64_t ended = 0;
    Instant data_at;
  };
  struct LateShare {
    Share share;
    Instant at;
  };
  struct ParkedKey {
    SessionRef session;
    AccountRef account;
    SourceRef source;
    Instant from;
    Instant to;

    friend auto operator<=>(const ParkedKey&, const ParkedKey&) = default;
  };
  struct AccountDay {
    AccountRef account;
    Day day;
    Day period;

    friend auto operator<=>(const AccountDay&, const AccountDay&) = default;
  };

  void AddSession(const SessionChange& change);
  void AddShare(const Share& share, Instant at);
  void WriteAccounts(pqxx::transaction_base& tx) const;
  void WriteSessions(pqxx::transaction_base& tx, bool opened) const;
  void WriteSessionDays(pqxx::transaction_base& tx) const;
  void WriteAccountDays(pqxx::transaction_base& tx) const;
  void WriteTotals(pqxx::transaction_base& tx) const;
  void WriteParked(pqxx::transaction_base& tx) const;
  void WriteAudit(pqxx::transaction_base& tx) const;

  uint64_t change_count_ = 0;
  std::vector<NewAccount> accounts_;
  std::unordered_map<SessionRef, SessionRow> sessions_;
  std::map<std::pair<SessionRef, Day>, std::pair<AccountRef, Volume>> session_days_;
  std::map<AccountDay, Volume> account_days_;
  std::map<AccountRef, AccountTotals> totals_;
  std::map<ParkedKey, Volume> parked_;
  std::vector<Parked> unparked_;
  std::vector<LateShare> late_;
};

}  // namespace usage
