// When the rates of a time zone's sessions may change.
#pragma once

#include <chrono>
#include <deque>

#include "core/types.h"
#include "core/zone.h"

namespace usage::sim {

// Everything that the simulator reports happens at a whole second.
using Second = std::chrono::sys_seconds;
using std::chrono::seconds;

// Time without a change of rate: [begin, end). At most one midnight is in it.
struct Segment {
  Second begin;
  Second end;
  int hour;         // of the local day, counted from its midnight, at `begin`
  Day day;          // the local day of `begin`
  Second midnight;  // when the next local day begins; may be at or after `end`
  Day next_day;     // the day that begins there
};

// Cuts time at whole local hours, but nowhere within two hours of a midnight. A ledger spreads a
// difference evenly over the time between two reports and can't know better; with one rate around
// midnight its cut is exact whichever reports it saw there. Hours are counted from midnight, so
// days of 23 and 25 hours need no care. Not thread-safe.
class Timetable {
 public:
  // `from`: nothing before it is ever asked for.
  Timetable(const Zone& zone, Second from);

  const Segment& At(Second t);  // valid as long as the table
  const Zone& zone() const { return zone_; }

 private:
  void AddDay();
  void Open(Second begin, int hour);

  const Zone& zone_;
  Day day_;  // the next day to cut
  std::deque<Segment> segments_;
};

}  // namespace usage::sim
