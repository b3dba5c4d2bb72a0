// One session's counters: what an observation adds to what was counted before. Pure functions of
// their arguments; the table of doubtful cases is in docs/accounting.md.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/observation.h"
#include "core/types.h"
#include "ledger/spread.h"

namespace usage {

// The doubtful cases that show only against what was counted before. Each is decided and counted
// in usage_accounting_cases_total.
enum class LedgerCase {
  kReset,           // a counter fell in mid-session: a new start
  kWrapped,         // a 32-bit counter went over 4 GiB
  kZeroInterim,     // an interim with zero octets: says nothing
  kShortStop,       // a Stop smaller than the last interim, or zero
  kOlderState,      // an older state overwrote a newer one
  kRefusedGrowth,   // more than a line can carry
  kReusedId,        // the id of an older session names a new one
  kMovedSession,    // the row went to another tenant, access or subscriber
  kGrewAfterClose,  // a closed row that goes on growing
  kReopened,        // a closed row that is open again
  kReadersClock,    // growth without a stamp, or with a stale one
  kFutureStamp,     // a stamp ahead of the reader's clock
  kUnknownStart,    // growth whose beginning nobody knows
  kVanished,        // an open row is gone
  kLateGrowth,      // bytes of a day that was closed
  kUnknownTenant,   // a session of a tenant that is not in the list
  kNoRouter,        // ended, and no router showed it, though theirs is the word
  kRouterSilent,    // the router whose word it is was silent too long: the larger one is booked
  kCount
};
std::string_view LedgerCaseName(LedgerCase c);

// What was counted of one session.
struct Baseline {
  Volume counted;                  // the counters' values that the next growth is measured from
  Volume booked;                   // what the session has added to totals; its days sum to this
  std::optional<Instant> started;  // as the row says it, unchecked
  Instant mark;                    // bytes are booked up to here
  std::optional<Instant> stamp;    // the newest stamp of a row
  std::optional<Instant> closed;   // its end as the row says it, unchecked; no value: open
  bool by_readers_clock = false;   // the mark is the reader's time: the row's stamp stood still
  bool refused = false;            // its growth is implausible since

  friend bool operator==(const Baseline&, const Baseline&) = default;
};

struct BookingRules {
  // Bits a second that the fastest line carries, in one direction. More growth is refused.
  uint64_t line_bits_per_second = 100'000'000'000;
};

struct Booking {
  Baseline after;
  Flow flow;  // what is added; empty volume: nothing
  std::vector<LedgerCase> cases;
};

// A session that is seen for the first time: nothing counted yet.
Baseline FirstBaseline(const Observation& seen, Instant now);

// Whether the observation is of a new session that has the same id as the one before.
bool IsReusedId(const Baseline& before, const Observation& seen);

// What `seen` adds to `before`. `now` is the reader's clock; no result is later than it.
// The same observation booked twice adds nothing the second time and changes nothing.
Booking Book(const Baseline& before, const Observation& seen, Instant now,
             const BookingRules& rules);

}  // namespace usage
