// What a router has counted of a session since accounting's last word on it. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "core/types.h"

namespace usage {

struct CarryRules {
  uint64_t line_bits_per_second = 100'000'000'000;  // no carry grows faster, in one direction
  Duration silence = std::chrono::minutes(30);      // of accounting; from then on no carry grows
};

// Signed bytes.
struct Balance {
  int64_t upload = 0;
  int64_t download = 0;

  constexpr Balance& operator+=(Balance b) {
    upload += b.upload;
    download += b.download;
    return *this;
  }
  constexpr Balance operator-() const { return {-upload, -download}; }
  friend constexpr Balance operator+(Balance a, Balance b) { return a += b; }
  friend constexpr bool operator==(Balance, Balance) = default;
};

// a - b.
constexpr Balance Difference(Volume a, Volume b) {
  return {static_cast<int64_t>(a.upload - b.upload), static_cast<int64_t>(a.download - b.download)};
}

constexpr Volume PositivePart(Balance b) {
  return {b.upload > 0 ? static_cast<uint64_t>(b.upload) : 0,
          b.download > 0 ? static_cast<uint64_t>(b.download) : 0};
}

// What accounting and the router counted in the same time: from the last word that could be
// compared to this one.
struct Compared {
  Volume router;
  Volume accounting;
  Duration unread{0};  // of the time: after the last reading
};

// One session's. Routers' readings and accounting's words come in the order in which they are
// known, not of their times. The router's counter at the moment of a word is interpolated between
// the readings around it: the anchor, from where the carry is measured. A word from before the kept
// readings moves the anchor by as much as accounting has grown, as if the two agreed; but not one
// whose bytes the router may have counted before its first reading.
class Carry {
 public:
  // The first reading. `counted`: by the router since its session began at `began`, if it says
  // when; else the carry begins with nothing. `word`: the moment of accounting's last one.
  void Begin(Instant at, Volume counted, std::optional<Instant> began, Instant word);
  // Counts from `offset` on, which accounting had counted before the router's counter began.
  void Shift(Volume offset);
  bool has_begun() const { return kept_ > 0; }

  // Another one, later than the one before.
  void Read(Instant at, Volume growth, const CarryRules& rules);

  // Accounting's word: what it books in all, up to the moment `word`.
  void Hear(Volume booked, Instant word, const CarryRules& rules);
  // Before Begin: what it has booked in all so far.
  void SetBooked(Volume booked) { booked_ = booked; }

  // It left the router and accounting stays silent: nothing is carried on.
  void GiveUp();

  // Since the last call that gave a value; none before the first word that can be compared, and
  // while the last one's moment is not known at the router. `is_last`: no reading will follow.
  std::optional<Compared> Compare(bool is_last);

  // By the router since the last comparison.
  Volume uncompared() const;
  // There was a word since.
  bool is_heard() const { return is_heard_; }

  // Whether the anchor is known: not guessed before the first word after the first reading.
  bool is_anchored() const { return is_anchored_; }
  Volume now() const { return PositivePart(Difference(usable_, anchor_)); }
  Volume grown() const { return grown_; }  // the router's counter, and what was shifted
  Volume booked() const { return booked_; }
  Volume anchor() const { return anchor_; }  // of grown(): at accounting's last word
  Instant read_at() const { return read_at_; }
  // Of the time up to accounting's last word: after the last reading.
  Duration unread() const { return std::max(word_ - read_at(), Duration(0)); }

  // The mean over the readings of the last `window`; none before two of them.
  struct Rate {
    double upload = 0;  // bytes a second
    double download = 0;

    Rate& operator+=(const Rate& other) {
      upload += other.upload;
      download += other.download;
      return *this;
    }
  };
  std::optional<Rate> RateOver(Duration window) const;

 private:
  // A reading before the last one, seen from the one after it. There are 50,000 of these.
  struct Earlier {
    uint32_t milliseconds = 0;
    uint32_t upload = 0, download = 0;  // grown since
  };
  static constexpr size_t kEarlier = 2;
  // Where the two last stood when they were compared last: kept from a word that can't be compared
  // yet to one that can.
  struct Mark {
    Volume router, booked;
  };

  void KeepMark();
  void Push(Instant at, Volume growth);
  std::optional<Volume> GrownAt(Instant t) const;
  void Bound(const CarryRules& rules);
  void SetAnchor(Volume growth);
  void Settle(Volume anchor);

  Instant read_at_;
  Volume grown_;
  Volume usable_;  // of grown(): what the carry may hold
  Volume anchor_;
  Volume booked_;
  Instant word_;                             // of accounting's last word
  std::unique_ptr<Mark> mark_;               // null: anchor and booked are it
  std::array<Earlier, kEarlier> earlier_{};  // the newest first
  uint8_t kept_ = 0;                         // readings
  bool is_anchored_ = false;
  bool is_heard_ = false;  // since the last comparison
  bool is_ahead_ = false;  // the last word is newer than the last reading: the anchor is to follow
};

}  // namespace usage
