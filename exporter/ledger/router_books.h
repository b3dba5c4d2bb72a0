// What routers say of the ledger's open sessions: the live view beside the books. No I/O and no
// clock of its own.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "ledger/carry.h"
#include "ledger/drift.h"
#include "ledger/ledger.h"
#include "ledger/router_match.h"
#include "ledger/router_screen.h"

namespace usage {

struct RouterRules {
  CarryRules carry;
  Duration rate_window = std::chrono::seconds(20);  // a rate's readings are no older
};

// What routers add to one tenant's numbers by one access.
struct LiveFigures {
  Volume total;           // since the first session was carried; monotonic
  Volume carry;           // now
  Volume held;            // `total` is so far ahead of accounting and carry
  uint64_t sessions = 0;  // that a router shows now
  Carry::Rate rate;       // bytes a second, now
};

struct DriftSpans {
  DriftTally closed;  // sessions that ended since the exporter's start
  DriftTally today;   // the tenant's day
  Day day;            // which day that is
  DriftTally steady;  // what was read to its end: how the router usually counts
  Volume lost;        // of sessions that left the router and accounting did not end; in neither
  Volume lost_today;  // likewise, of those that left it today
};

struct UnattributedFigures {
  uint64_t rows = 0;  // in the last reading
  Volume bytes;       // grown since the exporter's start
};

struct RouterFigures {
  std::array<uint64_t, kAccessCount> rows{};     // in the last reading
  std::array<uint64_t, kAccessCount> matched{};  // of these
  std::array<uint64_t, static_cast<size_t>(RouterLie::kCount)> lies{};
  UnattributedFigures unmatched, ambiguous;
};

// What a router counts of a session, measured from the session's start as accounting does.
struct RouterWord {
  SessionRef session = 0;
  Volume counted;
  Instant at;
};

// Sessions are the ledger's, by its refs, from Place to the Hear that closes them. Every call that
// takes the ledger takes it as it is after the change that it is called for. About 400 bytes for a
// session. Not thread-safe: its owner serialises.
class RouterBooks {
 public:
  explicit RouterBooks(RouterRules rules) : rules_(rules) {}

  // The routers there are now. What is known of those that stay is kept.
  void SetRouters(const std::vector<RouterId>& routers);

  // --- Accounting.

  // Where an open session is. Again whenever a source has said it.
  void Place(const Ledger& ledger, const Session& session, const Whereabouts& where);
  // What was booked of a session. Unknown ones are passed over.
  void Hear(const Ledger& ledger, const SessionChange& change);

  // After the ledger was read anew from its tables: somebody else may have booked.
  void Reload(const Ledger& ledger);

  // --- Routers.

  // Takes in what a router said. Returns what it now counts of each session that it moved on; valid
  // until the next call. One that is not in the list is not heard.
  const std::vector<RouterWord>& Take(const Ledger& ledger, const RouterId& router,
                                      const RouterReading& reading);
  // Of a session that a router has shown.
  std::optional<RouterWord> WordOf(SessionRef session) const;

  // --- Looking. Count first: it brings all figures to `now`, and ends what accounting has left
  // without a word for too long. One pass over all sessions.

  void Count(const Ledger& ledger, Instant now);
  // Null before a session of theirs was carried.
  const LiveFigures* Live(const std::string& tenant, Access access) const;
  // By router; null as above.
  const std::map<std::string, DriftSpans>* Drifts(const std::string& tenant, Access access) const;
  const RouterFigures* Figures(const std::string& router) const;
  void EachRate(Instant now,
                const std::function<void(AccountRef, const Carry::Rate&)>& visit) const;

 private:
  using GroupRef = uint32_t;
  using RouterRef = uint16_t;

  // One tenant by one access.
  struct Group {
    std::string tenant;
    Access access = Access::kHotspot;
    bool has_begun = false;
    Balance base;  // of the ledger's total and the carries: what is not in the live counter
    LiveFigures live;
    std::map<std::string, DriftSpans> drifts;
  };

  // A session, beside its candidate in the index.
  struct Link {
    SessionRef session = 0;  // 0: none
    AccountRef account = 0;
    GroupRef group = 0;
    RowPlace place = 0;     // of the row that feeds it
    uint32_t reading = 0;   // of the router, in which it was seen last
    RouterRef router = 0;   // that feeds it
    bool is_shown = false;  // by a router, now
    bool is_fresh = false;  // began after the first reading: all of it is in the live counter
    Carry carry;
  };

  struct Router {
    explicit Router(uint64_t line) : screen(line) {}
    RouterRef ref = 0;
    std::string tenant;
    uint32_t reading = 0;  // how many there were
    std::optional<Instant> read_at;
    RouterScreen screen;
    RouterFigures figures;
    std::vector<MatchSlot> shown;  // by the last reading
  };

  // A row and the session that it may be.
  struct Claim {
    MatchSlot slot = 0;
    RouterTable table = RouterTable::kHotspotActive;
    MatchKey key = MatchKey::kNone;
    bool is_other = false;  // than the row that has fed it so far
    uint32_t row = 0;

    auto rank() const { return std::tie(slot, table, key, is_other); }
  };
  class Intake;

  GroupRef GroupOf(const std::string& tenant, Access access);
  Volume TotalOf(const Ledger& ledger, const Group& group) const;
  void HearLink(const Baseline& after, Link* link);
  void Close(const Ledger& ledger, const SessionChange& change, MatchSlot slot);
  void Compare(const Ledger& ledger, Link* link);
  void NoteLast(const Ledger& ledger, const Baseline& after, Link* link);
  void CountLink(const Ledger& ledger, Instant now, Link* link);
  void CountLost(const Ledger& ledger, const Link& link);
  void CountGroup(const Ledger& ledger, Group* group) const;
  void ClearCounts(const Ledger& ledger);
  static void BeginDay(const Ledger& ledger, const Group& group, DriftSpans* drift);
  DriftSpans& DriftOf(const Ledger& ledger, const Link& link);
  DriftSpans& DriftOf(const Ledger& ledger, GroupRef group, RouterRef router);

  const RouterRules rules_;
  std::map<std::string, Router> routers_;
  std::vector<std::string> router_names_;  // by RouterRef
  MatchIndex index_;
  std::deque<Link> links_;  // by MatchSlot
  std::unordered_map<SessionRef, MatchSlot> slots_;
  std::map<std::pair<std::string, Access>, GroupRef> group_refs_;
  std::deque<Group> groups_;
  std::vector<RouterWord> words_;   // what Take returns
  Screening screening_;             // scratch of Take
  std::vector<Claim> claims_;       // likewise
  std::vector<MatchSlot> showing_;  // likewise
};

}  // namespace usage
