// RouterBooks::Take: one reading put to the sessions.
#include <algorithm>

#include "ledger/router_books.h"

namespace usage {
namespace {

// So long a row may be nobody's before its bytes count as such: its Start is on the way.
constexpr Duration kStartOnTheWay = std::chrono::minutes(1);
// Another router's word for a session is not heard while the one that shows it was read so lately.
constexpr Duration kStillThere = std::chrono::minutes(1);
// What began later than this after the session is the session's next connection.
constexpr Duration kLoginTakes = std::chrono::minutes(2);
// A new connection began after the last reading of the one before, but for the clocks' sake.
constexpr Duration kSlack = std::chrono::seconds(10);

}  // namespace

// Lives for one call.
class RouterBooks::Intake {
 public:
  Intake(RouterBooks& books, const Ledger& ledger, Router& router, const RouterReading& reading)
      : books_(books),
        ledger_(ledger),
        router_(router),
        reading_(reading),
        screened_(books.screening_.rows) {
    router.screen.Take(reading, &books.screening_);
  }

  void Run() {
    ++router_.reading;
    Begin();
    for (uint32_t i = 0; i < reading_.rows.size(); ++i) Match(i);
    auto& claims = books_.claims_;
    std::sort(claims.begin(), claims.end(),
              [](const Claim& a, const Claim& b) { return a.rank() < b.rank(); });
    for (size_t from = 0, to = 0; from < claims.size(); from = to) {
      while (to < claims.size() && claims[to].slot == claims[from].slot) ++to;
      Decide(from, to);
    }
    NoteWhoLeft();
    router_.read_at = reading_.at;
  }

 private:
  void Begin() {
    books_.words_.clear();
    books_.claims_.clear();
    books_.showing_.clear();
    RouterFigures& figures = router_.figures;
    figures.rows = figures.matched = {};
    figures.unmatched.rows = figures.ambiguous.rows = 0;
    for (size_t i = 0; i < figures.lies.size(); ++i) {
      figures.lies[i] = router_.screen.lies(static_cast<RouterLie>(i));
    }
  }

  void Match(uint32_t i) {
    const RouterRow& row = reading_.rows[i];
    const RouterMatch match = books_.index_.Find(router_.tenant, row, reading_.at);
    if (!match.slot) return Unattributed(i, match.is_ambiguous);
    const Link& link = books_.links_[*match.slot];
    const bool is_other = link.place != screened_[i].place || link.router != router_.ref;
    books_.claims_.push_back({*match.slot, row.table, match.key, is_other, i});
  }

  // Of the rows that are one session's, the surest of the surest table counts. Another table's
  // have the same bytes once more; others of the same table are as good, and then none is.
  void Decide(size_t from, size_t to) {
    const Claim& best = books_.claims_[from];
    const bool has_rival = from + 1 < to && books_.claims_[from + 1].rank() == best.rank();
    Link& link = books_.links_[best.slot];
    const bool is_elsewhere = link.is_shown && link.router != router_.ref &&
                              reading_.at - link.carry.read_at() < kStillThere &&
                              link.carry.has_begun();
    const bool is_used = !has_rival && !is_elsewhere;
    for (size_t i = from; i < to; ++i) {
      const Claim& claim = books_.claims_[i];
      const bool is_twice = claim.table != best.table || (is_used && i > from);
      if (!is_used && !is_twice) Unattributed(claim.row, true);
    }
    if (!is_elsewhere) Show(best.slot, &link);
    if (!is_used) return;
    Attribute(best, &link);
  }

  void Attribute(const Claim& claim, Link* link) {
    const auto access = static_cast<size_t>(reading_.rows[claim.row].access);
    ++router_.figures.rows[access];
    ++router_.figures.matched[access];
    if (!screened_[claim.row].lie) Feed(claim, link);
  }

  void Show(MatchSlot slot, Link* link) {
    link->reading = router_.reading;
    link->router = router_.ref;
    link->is_shown = true;
    books_.showing_.push_back(slot);
  }

  void Feed(const Claim& claim, Link* link) {
    const uint32_t i = claim.row;
    Carry& carry = link->carry;
    if (!carry.has_begun()) {
      Start(i, link);
    } else {
      const bool was_anchored = carry.is_anchored();
      const Volume before = carry.now();
      const Volume growth = claim.is_other ? GrowthOfOther(i, *link) : screened_[i].growth;
      carry.Read(reading_.at, growth, books_.rules_.carry);
      // The word of before the reading is now between two: as in HearLink.
      if (!link->is_fresh && !was_anchored && carry.is_anchored()) {
        books_.groups_[link->group].base +=
            Difference(carry.now(), before) + -Difference(growth, {});
      }
    }
    books_.Compare(ledger_, link);
    link->place = screened_[i].place;
    books_.words_.push_back({link->session, carry.grown(), carry.read_at()});
  }

  std::optional<Instant> BeganAt(uint32_t i) const {
    const auto& uptime = reading_.rows[i].uptime;
    if (uptime) return reading_.at - *uptime;
    return screened_[i].is_fresh ? router_.read_at : std::nullopt;
  }

  void Start(uint32_t i, Link* link) {
    const ScreenedRow& row = screened_[i];
    const Baseline& baseline = ledger_.FindSession(link->session)->baseline;  // it is open
    const auto began = BeganAt(i);
    // Where accounting has counted nothing its word is of the beginning, whatever clock dated it.
    const Instant word = baseline.counted.empty() ? began.value_or(baseline.mark) : baseline.mark;
    link->carry.Begin(reading_.at, row.counted, began, word);
    link->is_fresh = row.is_fresh;
    if (IsNextConnection(baseline, began, row.counted)) {
      link->carry.Shift(PositivePart(Difference(baseline.counted, link->carry.anchor())));
    }
    Group& group = books_.groups_[link->group];
    if (!group.has_begun) group.base = Difference(books_.TotalOf(ledger_, group), {});
    group.has_begun = true;
    if (!link->is_fresh) group.base += Difference(link->carry.now(), {});
  }

  // Accounting counts on over several connections of a session; a router begins anew.
  static bool IsNextConnection(const Baseline& baseline, std::optional<Instant> began,
                               Volume counted) {
    if (baseline.started && began) return *began > *baseline.started + kLoginTakes;
    return counted.upload < baseline.counted.upload && counted.download < baseline.counted.download;
  }

  // Of a row that did not feed the session so far: a new connection, or one more count of the same
  // bytes, from here on.
  Volume GrowthOfOther(uint32_t i, const Link& link) const {
    const auto began = BeganAt(i);
    const bool is_next = began && *began + kSlack >= link.carry.read_at();
    return is_next ? screened_[i].counted : Volume{};
  }

  void Unattributed(uint32_t i, bool is_ambiguous) {
    const RouterRow& row = reading_.rows[i];
    const ScreenedRow& screened = screened_[i];
    RouterFigures& figures = router_.figures;
    UnattributedFigures& tally = is_ambiguous ? figures.ambiguous : figures.unmatched;
    ++figures.rows[static_cast<size_t>(row.access)];
    ++tally.rows;
    if (screened.lie || screened.is_first || screened.age < kStartOnTheWay) return;
    const bool is_due = screened.age_before < kStartOnTheWay && screened.is_fresh;
    const Volume bytes = is_due ? screened.counted : screened.growth;
    tally.bytes += bytes;
    if (!is_ambiguous && !router_.tenant.empty()) NoteUnknown(row.access, bytes);
  }

  void NoteUnknown(Access access, Volume bytes) {
    const GroupRef group = books_.GroupOf(router_.tenant, access);
    DriftSpans& drift = books_.DriftOf(ledger_, group, router_.ref);
    drift.today.AddUnknownSession(bytes);
    drift.closed.AddUnknownSession(bytes);
  }

  void NoteWhoLeft() {
    for (MatchSlot slot : router_.shown) {
      Link& link = books_.links_[slot];
      if (link.router == router_.ref && link.reading != router_.reading) link.is_shown = false;
    }
    router_.shown.swap(books_.showing_);
  }

  RouterBooks& books_;
  const Ledger& ledger_;
  Router& router_;
  const RouterReading& reading_;
  const std::vector<ScreenedRow>& screened_;
};

const std::vector<RouterWord>& RouterBooks::Take(const Ledger& ledger, const RouterId& router,
                                                 const RouterReading& reading) {
  words_.clear();
  const auto known = routers_.find(router.name);
  if (known == routers_.end()) return words_;
  known->second.tenant = router.tenant;
  Intake(*this, ledger, known->second, reading).Run();
  return words_;
}

}  // namespace usage
