#include "ledger/batch_plan.h"

#include "ledger/spread.h"

namespace usage {

BatchPlan::BatchPlan(const Ledger& ledger, SourceRef source, std::string cursor, Instant now)
    : ledger_(ledger),
      now_(now),
      next_account_(ledger.next_account_),
      next_session_(ledger.next_session_) {
  change_.source = source;
  change_.cursor = std::move(cursor);
  change_.at = now;
}

void BatchPlan::Add(const Observation& seen) {
  AccountRef account = AccountOf(seen);
  const Session* session = ledger_.FindSession({change_.source, seen.key});
  if (session == nullptr) {
    Open(seen, account, FirstBaseline(seen, now_), true);
  } else if (IsReusedId(session->baseline, seen)) {
    Count(LedgerCase::kReusedId);
    Leave(*session, true);
    Open(seen, account, FirstBaseline(seen, now_), true);
  } else if (session->account != account) {
    // What was counted stays with the old one; the new one goes on from the same counters.
    Count(LedgerCase::kMovedSession);
    Leave(*session, false);
    Baseline first = session->baseline;
    first.booked = {};
    Open(seen, account, first, false);
  } else {
    Continue(*session, seen);
  }
}

void BatchPlan::AddGone(const std::string& key) {
  const Session* session = ledger_.FindSession({change_.source, key});
  if (session == nullptr || session->baseline.closed) return;
  Count(LedgerCase::kVanished);
  Leave(*session, true);
}

AccountRef BatchPlan::AccountOf(const Observation& seen) {
  AccountName name{seen.tenant, seen.access, seen.subscriber};
  auto known = ledger_.account_refs_.find(name);
  if (known != ledger_.account_refs_.end()) return known->second;
  auto [it, is_new] = new_accounts_.try_emplace(std::move(name), next_account_);
  if (is_new) change_.accounts.push_back({next_account_++, it->first});
  return it->second;
}

void BatchPlan::Open(const Observation& seen, AccountRef account, Baseline first, bool is_start) {
  const Tenant* tenant = ledger_.FindTenant(seen.tenant);
  if (tenant == nullptr || !tenant->known) Count(LedgerCase::kUnknownTenant);
  Booking booking = Book(first, seen, now_, ledger_.rules_.booking);
  Count(booking);
  SessionRef ref = next_session_++;
  change_.sessions.push_back({ref, SessionName{change_.source, seen.key}, account, booking.after,
                              is_start, booking.after.closed && !first.closed});
  BookFlow(ref, account, seen.tenant, booking.flow);
}

void BatchPlan::Continue(const Session& session, const Observation& seen) {
  const Baseline& before = session.baseline;
  Booking booking = Book(before, seen, now_, ledger_.rules_.booking);
  Count(booking);
  if (booking.after == before) return;
  change_.sessions.push_back({session.ref, std::nullopt, session.account, booking.after, false,
                              booking.after.closed && !before.closed});
  BookFlow(session.ref, session.account, seen.tenant, booking.flow);
}

void BatchPlan::Leave(const Session& session, bool ended) {
  if (session.baseline.closed) return;
  Baseline after = session.baseline;
  after.closed = after.mark;
  change_.sessions.push_back({session.ref, std::nullopt, session.account, after, false, ended});
}

void BatchPlan::BookFlow(SessionRef session, AccountRef account, const std::string& tenant,
                         const Flow& flow) {
  if (flow.volume.empty()) return;
  const Tenant* owner = ledger_.FindTenant(tenant);
  if (owner != nullptr && owner->known) {
    ledger_.AddShares(session, account, *owner, flow, now_, &change_);
    return;
  }
  for (const Flow& part : SplitByQuarter(flow)) {
    change_.parked.push_back({session, account, change_.source, part});
  }
}

void BatchPlan::Count(const Booking& booking) {
  for (LedgerCase c : booking.cases) Count(c);
}

}  // namespace usage
