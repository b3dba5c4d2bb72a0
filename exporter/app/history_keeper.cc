#include "app/history_keeper.h"

#include <algorithm>

namespace usage {
namespace {

constexpr auto kLongestAge = std::chrono::minutes(10);
// From the last change that is not late to the fold that has it in the tables.
constexpr auto kLongestFold = std::chrono::minutes(1);

Instant NextDayOfAny(const Past& past, Instant now) {
  Instant next = Instant::max();
  for (const TenantPast& tenant : past.tenants) {
    const TenantCalendar& calendar = tenant.profile.calendar;
    next = std::min(next, calendar.Start(calendar.DayAt(now) + 1));
  }
  return next;
}

// When the last day ended; and the ledger's own birth, as days before it are never late.
Instant LastEndOfAny(const Past& past, Instant now) {
  Instant last = past.born;
  for (const TenantPast& tenant : past.tenants) {
    const TenantCalendar& calendar = tenant.profile.calendar;
    last = std::max(last, calendar.Start(calendar.DayAt(now)));
  }
  return last;
}

}  // namespace

HistoryKeeper::HistoryKeeper(const Config& config, const Clock& clock, HistoryHub& hub)
    : storage_(config.storage),
      ledger_(config.ledger),
      keep_for_(config.tenants.keep_for),
      clock_(clock),
      hub_(hub),
      reader_(config.storage) {}

void HistoryKeeper::KeepUp() {
  const PastMark mark = reader_.Mark();
  const Instant now = clock_.Now();
  if (IsDue(mark, now)) Read(mark, now);
}

bool HistoryKeeper::IsDue(const PastMark& mark, Instant now) const {
  if (!kept_ || now >= kept_->next_day) return true;
  if (now < kept_->read_at || now - kept_->read_at >= kLongestAge) return true;
  if (mark.folds == kept_->mark.folds) return false;
  return now < kept_->settled_at || mark.restatements != kept_->mark.restatements;
}

void HistoryKeeper::Read(const PastMark& mark, Instant now) {
  const Past past = reader_.Read(FirstDayOfHistory(now), FirstPeriodOfHistory(now));
  hub_.Publish(std::make_shared<const History>(MakeHistory(past, now, keep_for_)));
  const Instant settled_at =
      LastEndOfAny(past, now) + ledger_.day_closes_after + storage_.fold_interval + kLongestFold;
  kept_ = {mark, now, NextDayOfAny(past, now), settled_at};
}

}  // namespace usage
