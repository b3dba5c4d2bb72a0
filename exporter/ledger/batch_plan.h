// The planning of one batch: Ledger::Plan's workbench.
#pragma once

#include <map>
#include <string>

#include "ledger/ledger.h"

namespace usage {

// Lives for one call of Ledger::Plan. Alters nothing but itself.
class BatchPlan {
 public:
  BatchPlan(const Ledger& ledger, SourceRef source, std::string cursor, Instant now);

  void Add(const Observation& seen);
  void AddGone(const std::string& key);
  Change Finish() { return std::move(change_); }

 private:
  AccountRef AccountOf(const Observation& seen);
  void Open(const Observation& seen, AccountRef account, Baseline first, bool is_start);
  void Continue(const Session& session, const Observation& seen);
  void Leave(const Session& session, bool ended);
  void BookFlow(SessionRef session, AccountRef account, const std::string& tenant,
                const Flow& flow);
  void Count(const Booking& booking);
  void Count(LedgerCase c) { ++change_.cases[c]; }

  const Ledger& ledger_;
  const Instant now_;
  Change change_;
  std::map<AccountName, AccountRef> new_accounts_;
  AccountRef next_account_;
  SessionRef next_session_;
};

}  // namespace usage
