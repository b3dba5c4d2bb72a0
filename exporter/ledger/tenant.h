// What the ledger holds of a tenant.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/types.h"
#include "ledger/calendar.h"
#include "ledger/change.h"

namespace usage {

// Bytes of the day and the billing month that are going on, and which those are: a value of an
// earlier one counts as zero without being touched at midnight.
struct CurrentUsage {
  Day day;
  Day period;
  Volume today;
  Volume month;

  Volume TodayOn(Day d) const { return d == day ? today : Volume{}; }
  Volume MonthIn(Day p) const { return p == period ? month : Volume{}; }
  void AddToDay(Day d, Volume v);    // an earlier day than the current one is not kept
  void AddToMonth(Day p, Volume v);  // likewise
};

struct Account {
  AccountRef ref = 0;
  AccountName name;
  CurrentUsage usage;
  uint32_t open = 0;  // sessions
};

// The N accounts with the most bytes in a billing month, largest first. Within a month bytes only
// grow, so an account that is not among them can enter only when it grows. The nameless and
// whoever is named like the rest, "other", never enter.
class TopAccounts {
 public:
  void SetSize(size_t n) { size_ = n; }
  void Update(const Account* account, Day period);
  const std::vector<const Account*>& in(Day period) const;
  bool Holds(const Account* account) const;

 private:
  size_t size_ = 10;
  Day period_;
  std::vector<const Account*> accounts_;
};

// One tenant's bytes by one access.
struct AccessTotals {
  Volume total;
  CurrentUsage usage;
  Volume late;  // of the total: booked on days that were closed
  uint64_t open = 0;
  uint64_t started = 0;
  uint64_t ended = 0;
  uint64_t stale = 0;
  std::optional<Instant> data_at;
  TopAccounts top;
};

// What is known about a tenant besides its bytes.
struct TenantProfile {
  std::string id;
  std::string name;
  std::string plan;
  std::optional<uint64_t> quota_bytes;
  TenantCalendar calendar;
  std::optional<Instant> gone_since;  // not in the list of tenants since

  // A tenant that has left the list is shown for a while.
  bool IsShown(Instant now, Duration keep_for) const {
    return !gone_since || now - *gone_since < keep_for;
  }

  friend bool operator==(const TenantProfile& a, const TenantProfile& b) {
    return a.id == b.id && a.name == b.name && a.plan == b.plan && a.quota_bytes == b.quota_bytes &&
           a.gone_since == b.gone_since && a.calendar.eras() == b.calendar.eras();
  }
};

struct Tenant {
  TenantProfile profile;
  bool known = false;  // false: named by sessions only
  // Cached from the calendar by Ledger::Advance.
  Day today;
  Day period;
  Instant today_start;
  Instant next_day;
  Instant month_start;
  Instant next_month;
  std::array<std::optional<AccessTotals>, kAccessCount> access;
};

}  // namespace usage
