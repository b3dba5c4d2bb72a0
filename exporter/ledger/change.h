// What one transaction makes durable. The ledger plans a change without altering itself, the
// storage commits it, then the ledger applies it; after a crash the storage gives the same
// changes to the ledger again. So memory is never ahead of the database.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/types.h"
#include "ledger/booking.h"

namespace usage {

using AccountRef = uint32_t;  // a subscriber of a tenant by one access
using SessionRef = uint64_t;  // one session; a reused id gets a new one
using SourceRef = uint16_t;

// Whose bytes they are.
struct AccountName {
  std::string tenant;
  Access access = Access::kHotspot;
  std::string subscriber;

  friend auto operator<=>(const AccountName&, const AccountName&) = default;
};

struct NewAccount {
  AccountRef ref = 0;
  AccountName name;

  friend bool operator==(const NewAccount&, const NewAccount&) = default;
};

struct SessionName {
  SourceRef source = 0;
  std::string key;

  friend auto operator<=>(const SessionName&, const SessionName&) = default;
};

struct SessionChange {
  SessionRef ref = 0;
  std::optional<SessionName> opened;  // only when the ref is new
  AccountRef account = 0;
  Baseline after;
  bool started = false;  // counts as a session that began: a move of a running one does not
  bool ended = false;    // went from open to closed

  friend bool operator==(const SessionChange&, const SessionChange&) = default;
};

// Bytes of one session on one day.
struct Share {
  SessionRef session = 0;
  AccountRef account = 0;
  Day day;
  Day period;  // the first day of the billing month
  Volume volume;
  bool late = false;  // the day was closed: leaves an audit line

  friend bool operator==(const Share&, const Share&) = default;
};

// Bytes of one session whose tenant is unknown: kept with their time, so that they can be booked
// on the right days when it becomes known.
struct Parked {
  SessionRef session = 0;
  AccountRef account = 0;
  SourceRef source = 0;
  Flow flow;

  friend bool operator==(const Parked&, const Parked&) = default;
};

struct Change {
  SourceRef source = 0;
  std::string cursor;
  Instant at;  // the reader's clock
  std::vector<NewAccount> accounts;
  std::vector<SessionChange> sessions;
  std::vector<Share> shares;
  std::vector<Parked> parked;
  std::vector<Parked> unparked;  // what was parked and is booked in `shares` now

  // For whoever counts them; not part of what is made durable.
  std::map<LedgerCase, uint64_t> cases;

  bool empty() const {
    return accounts.empty() && sessions.empty() && shares.empty() && parked.empty() &&
           unparked.empty();
  }
};

}  // namespace usage
