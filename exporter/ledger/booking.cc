#include "ledger/booking.h"

#include <algorithm>
#include <array>

namespace usage {
namespace {

constexpr uint64_t kWrap = uint64_t{1} << 32;
constexpr uint64_t kNearWrap = kWrap - (kWrap >> 2);
// A start before it is a default value of some program, not a time.
constexpr Instant kOldestStart = FromUnixMicros(946'684'800'000'000);  // 2000-01-01
// Two machines' clocks are this close without anybody having to know.
constexpr Duration kClockTolerance = std::chrono::seconds(10);
// What a session of unknown start may have lasted: only for judging whether its bytes are
// plausible, never for dating them.
constexpr Duration kLongestSession = std::chrono::days(62);

std::optional<Instant> PlausibleStart(const Observation& seen, Instant now) {
  if (!seen.started || *seen.started < kOldestStart) return std::nullopt;
  return std::min(*seen.started, now);
}

// What one direction's counter says.
struct Step {
  uint64_t growth = 0;
  uint64_t counted = 0;  // what the next growth is measured from
};

// Books one observation; lives for one call.
class Bookkeeper {
 public:
  Bookkeeper(const Baseline& before, const Observation& seen, Instant now,
             const BookingRules& rules)
      : before_(before), seen_(seen), now_(now), rules_(rules), result_{before, {}, {}} {}

  Booking Run() {
    Step up = StepOf(Direction::kUpload), down = StepOf(Direction::kDownload);
    Volume growth{up.growth, down.growth};
    Instant until = growth.empty() ? before_.mark : DateOf();
    if (!IsPlausible(growth, until)) {
      Refuse();
    } else {
      result_.after.counted = {up.counted, down.counted};
      result_.after.refused = false;
      growth.empty() ? Idle() : Add(growth, until);
      NoteTimes();
    }
    NoteEnd();
    return std::move(result_);
  }

 private:
  enum class Direction { kUpload, kDownload };

  void Count(LedgerCase c) {
    auto& cases = result_.cases;
    if (std::find(cases.begin(), cases.end(), c) == cases.end()) cases.push_back(c);
  }

  // Every fall is decided here, and counted; no growth is negative.
  Step StepOf(Direction direction) {
    bool is_upload = direction == Direction::kUpload;
    const auto& value = is_upload ? seen_.upload : seen_.download;
    uint64_t old = is_upload ? before_.counted.upload : before_.counted.download;
    if (!value || *value == old) return {0, old};
    if (*value > old) return {*value - old, *value};
    if (HasWrapped(direction, *value, old))
      return Fall(LedgerCase::kWrapped, *value + kWrap - old, *value);
    if (!seen_.open) return Silent(LedgerCase::kShortStop, old);
    if (IsZero()) return Silent(LedgerCase::kZeroInterim, old);
    if (IsOlderState()) return Silent(LedgerCase::kOlderState, old);
    return Fall(LedgerCase::kReset, *value, *value);
  }

  Step Fall(LedgerCase c, uint64_t growth, uint64_t counted) {
    Count(c);
    return {growth, counted};
  }

  // The old value stays: what comes later is measured from there.
  Step Silent(LedgerCase c, uint64_t old) {
    Count(c);
    silent_ = true;
    return {0, old};
  }

  bool IsZero() const { return seen_.upload.value_or(0) == 0 && seen_.download.value_or(0) == 0; }

  bool StampMoved() const {
    return seen_.stamp && (!before_.stamp || *seen_.stamp > *before_.stamp);
  }

  // A writer that repeats an old packet puts the old counters with the old time. A writer that
  // never moves its stamps is not meant: its rows are dated by the reader's clock.
  bool IsOlderState() const {
    return seen_.stamp && before_.stamp && !StampMoved() && !before_.by_readers_clock;
  }

  // A NAS without Gigawords (RFC 2869 5.1): one counter begins again, the other goes on.
  bool HasWrapped(Direction direction, uint64_t value, uint64_t old) const {
    bool is_upload = direction == Direction::kUpload;
    const auto& other = is_upload ? seen_.download : seen_.upload;
    uint64_t other_old = is_upload ? before_.counted.download : before_.counted.upload;
    return old >= kNearWrap && old < kWrap && value < kWrap - kNearWrap && other &&
           *other > other_old;
  }

  // Nothing was used up to the stamp, if the row says so. Zero octets say nothing, also when
  // nothing else was ever said: a Start and some interims have them whatever was used.
  void Idle() {
    bool said = !IsZero() && !silent_ && StampMoved();
    if (!said) return;
    result_.after.mark = std::max(before_.mark, std::min(*seen_.stamp, now_));
    result_.after.by_readers_clock = false;
  }

  void Add(Volume growth, Instant until) {
    if (before_.closed && !seen_.open) Count(LedgerCase::kGrewAfterClose);
    result_.flow = {FlowStart(until), until, growth};
    result_.after.booked += growth;
    result_.after.mark = until;
  }

  // Until when the growth flowed: the row's own word, never later than now, never before what
  // is booked.
  Instant DateOf() {
    bool is_stop = EndIsNews();
    if (!is_stop && !StampMoved()) {
      Count(LedgerCase::kReadersClock);
      result_.after.by_readers_clock = true;
      return std::max(before_.mark, now_);
    }
    result_.after.by_readers_clock = false;
    return std::max(before_.mark, std::min(is_stop ? *seen_.stopped : *seen_.stamp, now_));
  }

  bool EndIsNews() const { return !seen_.open && seen_.stopped && before_.closed != seen_.stopped; }

  Instant FlowStart(Instant until) {
    if (before_.counted.empty() && !PlausibleStart(seen_, now_)) {
      Count(LedgerCase::kUnknownStart);
      return until;
    }
    return before_.mark;
  }

  bool IsPlausible(Volume growth, Instant until) const {
    Duration span = until - before_.mark;
    if (span <= Duration(0)) span = now_ - before_.mark;
    if (before_.counted.empty() && !PlausibleStart(seen_, now_)) span = kLongestSession;
    span = std::max<Duration>(span, std::chrono::seconds(1));
    auto carried = static_cast<Wide>(rules_.line_bits_per_second / 8) *
                   static_cast<uint64_t>(span.count()) / 1'000'000;
    return std::max(growth.upload, growth.download) <= carried;
  }

  void Refuse() {
    result_.after = before_;
    result_.after.refused = true;
    result_.cases = {LedgerCase::kRefusedGrowth};
  }

  void NoteTimes() {
    if (StampMoved()) result_.after.stamp = seen_.stamp;
    if (seen_.stamp && *seen_.stamp > now_ + kClockTolerance) Count(LedgerCase::kFutureStamp);
    if (seen_.started) result_.after.started = seen_.started;
  }

  void NoteEnd() {
    auto& closed = result_.after.closed;
    if (seen_.open) {
      if (closed) Count(LedgerCase::kReopened);
      closed.reset();
    } else if (seen_.stopped) {
      closed = seen_.stopped;
    } else if (!closed) {
      closed = result_.after.mark;
    }
  }

  const Baseline& before_;
  const Observation& seen_;
  const Instant now_;
  const BookingRules& rules_;
  Booking result_;
  bool silent_ = false;  // a counter that is to be disregarded
};

}  // namespace

std::string_view LedgerCaseName(LedgerCase c) {
  static constexpr std::array<std::string_view, static_cast<size_t>(LedgerCase::kCount)> kNames = {
      "reset",          "wrapped",      "zero_interim",  "short_stop",       "older_state",
      "refused",        "reused_id",    "moved_session", "grew_after_close", "reopened",
      "readers_clock",  "future_stamp", "unknown_start", "vanished",         "late_growth",
      "unknown_tenant", "no_router",    "router_silent",
  };
  return kNames.at(static_cast<size_t>(c));
}

Baseline FirstBaseline(const Observation& seen, Instant now) {
  Baseline first;
  first.started = seen.started;
  Instant known = std::min(seen.stamp.value_or(now), now);
  first.mark = PlausibleStart(seen, now).value_or(known);
  return first;
}

bool IsReusedId(const Baseline& before, const Observation& seen) {
  if (!seen.started || !before.started) return false;
  return *seen.started > *before.started && *seen.started > before.mark;
}

Booking Book(const Baseline& before, const Observation& seen, Instant now,
             const BookingRules& rules) {
  return Bookkeeper(before, seen, now, rules).Run();
}

}  // namespace usage
