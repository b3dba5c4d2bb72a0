// What a router says that can't be true. Pure.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/router_reading.h"

namespace usage {

enum class RouterLie {
  kCounterFell,   // in mid-session
  kUptimeShrank,  // in mid-session
  kNameSwapped,   // another user in the same session
  kDuplicateRow,  // two rows of one session: which one is true nobody knows
  kAbsurdJump,    // more than a line can carry
  kCount
};
std::string_view RouterLieName(RouterLie lie);

// What tells a session's row from the others of one router: the session id, else the MAC, else
// the user, else the address, each within its table.
using RowPlace = uint64_t;

// What the screen makes of one row.
struct ScreenedRow {
  RowPlace place = 0;
  std::optional<RouterLie> lie;  // a value: the row is not to be used
  bool is_first = false;         // of its place
  bool is_fresh = false;         // its session began after the router's first reading
  Volume counted;                // what the row says; where it is silent, as before
  Volume growth;                 // since the place's last good row; not of the first
  Duration age{0};               // since the session was seen first
  Duration age_before{0};        // at the last good row
};

// What the screen makes of a reading. One object serves many: its memory is used again.
struct Screening {
  std::vector<ScreenedRow> rows;
  std::vector<std::pair<RowPlace, uint32_t>> order;  // by place: for finding twins
};

// One router's. A row is compared with the last good one of its place. It is a new session's, no
// lie, when counter and uptime fell together and the new uptime fits between the two readings;
// where no uptime is said, when the counter fell while the row was away. What was a lie three times
// in a row, each time true to the one before, is how it is now: counters were reset. It is believed
// from there on, and what was lost in the step is not guessed.
class RouterScreen {
 public:
  explicit RouterScreen(uint64_t line_bits_per_second) : line_(line_bits_per_second) {}

  // `result->rows` are the reading's, in their order.
  void Take(const RouterReading& reading, Screening* result);

  uint64_t lies(RouterLie lie) const { return lies_[static_cast<size_t>(lie)]; }  // since begin
  size_t size() const { return rows_.size(); }                                    // places known

 private:
  // The last good row of a place. Times are seconds since the router's first reading.
  struct Known {
    Volume counted;
    uint32_t at = 0, first_at = 0;
    int32_t uptime = -1;   // seconds; -1: not said
    uint32_t user = 0;     // hash
    uint32_t reading = 0;  // in which it was seen last
    bool is_fresh = false;
  };
  // A row that was not believed, and how often one like it came.
  struct Doubt {
    Known row;
    Volume first;
    int count = 0;
  };

  void FindTwins(const RouterReading& reading, Screening* result);
  void Screen(const RouterRow& row, ScreenedRow* result);
  void ScreenFirst(Known now, ScreenedRow* result);
  void ScreenNext(Known now, Known* before, ScreenedRow* result);
  std::optional<RouterLie> LieOf(const Known& before, const Known& now) const;
  bool IsNewSession(const Known& before, const Known& now) const;
  bool IsBelievedNow(RowPlace place, const Known& now, Volume* growth);
  bool CanCarry(Volume growth, Duration time) const;
  void Forget();

  const uint64_t line_;
  std::optional<Instant> first_at_;
  uint32_t now_ = 0;  // of the reading that is taken
  uint32_t reading_ = 0;
  std::unordered_map<RowPlace, Known> rows_;
  std::unordered_map<RowPlace, Doubt> doubts_;
  std::array<uint64_t, static_cast<size_t>(RouterLie::kCount)> lies_{};
};

}  // namespace usage
