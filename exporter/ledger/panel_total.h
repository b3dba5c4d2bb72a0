// What a row of the panel's table of sessions should show, by what a router counts.
#pragma once

#include <optional>
#include <string>

#include "core/router_reading.h"
#include "core/types.h"

namespace usage {

// What a router counts of one session.
struct RouterCount {
  std::string router;
  RouterTable table = RouterTable::kHotspotActive;
  std::string session_id;        // "": not said
  std::optional<Instant> began;  // the router's session, by our clock; none: not said
  Instant at;                    // of the reading
  Volume counted;                // since the router's session began

  friend bool operator==(const RouterCount&, const RouterCount&) = default;
};

// One row's total. A row of the panel can outlive many sessions at the router, each of which counts
// from zero: a guest who signs in again with the same voucher. Where it is in doubt whether bytes
// are in the row already, they are left out: a number that is too high could never be taken back.
class PanelTotal {
 public:
  // What the row shows and, if known, when it began.
  struct Row {
    Volume shows;
    std::optional<Instant> started;
  };

  // `line_bits_per_second`: what grows faster than that is not believed.
  explicit PanelTotal(uint64_t line_bits_per_second) : line_(line_bits_per_second) {}

  // What the row should show. Each direction alone may be less than it shows: then the panel knows
  // more, and is left alone.
  Volume Take(const Row& row, const RouterCount& count);

 private:
  void Begin(const Row& row, const RouterCount& count);
  void FollowThePanelDown(const Volume& shows);
  std::optional<Volume> Growth(const RouterCount& count) const;
  std::optional<Volume> GrowthOfAnother(const RouterCount& count) const;
  bool IsSameCounter(const RouterCount& count) const;
  bool IsSameSession(const RouterCount& count) const;
  bool IsPlausible(const Volume& growth, Duration time) const;

  uint64_t line_;
  std::optional<RouterCount> last_;  // believed
  Volume total_;
  Volume shown_;  // by the row, when it was looked at last
};

}  // namespace usage
