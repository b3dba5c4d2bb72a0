#include "ledger/tenant.h"

#include <algorithm>

namespace usage {

void CurrentUsage::AddToDay(Day d, Volume v) {
  if (d < day) return;
  if (d > day) {
    day = d;
    today = {};
  }
  today += v;
}

void CurrentUsage::AddToMonth(Day p, Volume v) {
  if (p < period) return;
  if (p > period) {
    period = p;
    month = {};
  }
  month += v;
}

void TopAccounts::Update(const Account* account, Day period) {
  const std::string& name = account->name.subscriber;
  if (period < period_ || size_ == 0 || name.empty() || name == "other") return;
  if (period > period_) {
    period_ = period;
    accounts_.clear();
  }
  auto more = [period](const Account* a, const Account* b) {
    auto x = a->usage.MonthIn(period).sum(), y = b->usage.MonthIn(period).sum();
    return x != y ? x > y : a->name.subscriber < b->name.subscriber;
  };
  if (!Holds(account)) {
    if (accounts_.size() == size_ && !more(account, accounts_.back())) return;
    if (accounts_.size() == size_) accounts_.pop_back();
    accounts_.push_back(account);
  }
  std::sort(accounts_.begin(), accounts_.end(), more);
}

const std::vector<const Account*>& TopAccounts::in(Day period) const {
  static const std::vector<const Account*> kNone;
  return period == period_ ? accounts_ : kNone;
}

bool TopAccounts::Holds(const Account* account) const {
  return std::find(accounts_.begin(), accounts_.end(), account) != accounts_.end();
}

}  // namespace usage
