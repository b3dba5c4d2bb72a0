// When rows that were closed are looked at again.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "sources/postgres/known_rows.h"

namespace usage {

// Closed rows may go on growing (a Stop that was sent twice, a panel that books late), most often
// soon. Each is read by key after these pauses; after the last one, a day after the closing, it is
// given up. A growth begins the row's pauses anew. So a closing costs ten reads by key, whatever
// there is of history.
inline constexpr std::array<std::chrono::seconds, 9> kWatchPauses = {
    std::chrono::seconds(15), std::chrono::seconds(45), std::chrono::minutes(4),
    std::chrono::minutes(10), std::chrono::minutes(45), std::chrono::hours(2),
    std::chrono::hours(3),    std::chrono::hours(6),    std::chrono::hours(13)};

// Since each pause is always as long, one queue per pause is in order of time by itself.
class WatchList {
 public:
  explicit WatchList(KnownRows& rows) : rows_(rows) {}

  // The row's pauses begin at `now`.
  void Restart(RowRef ref, Instant now) { Schedule(ref, 0, now); }

  // The row was read and was the same. False: it has passed its last check.
  bool Pass(RowRef ref, Instant now) {
    const int next = rows_[ref].level + 1;
    if (next >= static_cast<int>(kWatchPauses.size())) return false;
    Schedule(ref, next, now);
    return true;
  }

  // The row is read at the next opportunity, and then goes on as one that closed `age` ago.
  void ReadSoon(RowRef ref, Duration age) {
    rows_[ref].level = LevelOfAge(age);
    ReadSoon(ref);
  }
  void ReadSoon(RowRef ref) { soon_.push_back(ref); }

  // Up to `most` rows whose time has come.
  std::vector<RowRef> TakeDue(Instant now, size_t most) {
    std::vector<RowRef> due;
    TakeSoon(most, due);
    for (auto& queue : queues_) TakeFrom(queue, now, most, due);
    return due;
  }

 private:
  struct Entry {
    RowRef ref;
    uint32_t due;  // an entry that differs from its row is out of date
  };

  static uint32_t SecondsOf(Instant t) {
    return static_cast<uint32_t>(std::chrono::floor<std::chrono::seconds>(t - Instant()).count());
  }

  static uint8_t LevelOfAge(Duration age) {
    uint8_t level = 0;
    for (Duration passed = kWatchPauses[0]; passed < age && level + 1u < kWatchPauses.size();) {
      passed += kWatchPauses[++level];
    }
    return level;
  }

  void Schedule(RowRef ref, int level, Instant now) {
    KnownRow& row = rows_[ref];
    row.level = static_cast<uint8_t>(level);
    row.due = SecondsOf(now + kWatchPauses[static_cast<size_t>(level)]);
    queues_[static_cast<size_t>(level)].push_back({ref, row.due});
  }

  bool IsWatched(RowRef ref) { return rows_[ref].used && !rows_[ref].open; }

  void TakeSoon(size_t most, std::vector<RowRef>& due) {
    for (; !soon_.empty() && due.size() < most; soon_.pop_front()) {
      if (IsWatched(soon_.front())) due.push_back(soon_.front());
    }
  }

  // A clock that was set back makes rows wait, one that was set forward makes them early: no
  // row is lost.
  void TakeFrom(std::deque<Entry>& queue, Instant now, size_t most, std::vector<RowRef>& due) {
    for (; !queue.empty() && queue.front().due <= SecondsOf(now) && due.size() < most;
         queue.pop_front()) {
      const Entry& entry = queue.front();
      if (IsWatched(entry.ref) && rows_[entry.ref].due == entry.due) due.push_back(entry.ref);
    }
  }

  KnownRows& rows_;
  std::deque<RowRef> soon_;
  std::array<std::deque<Entry>, kWatchPauses.size()> queues_;
};

}  // namespace usage
