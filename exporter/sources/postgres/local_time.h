// Time stamps that were written without a time zone.
#pragma once

#include <cstdint>
#include <string>

#include "core/types.h"

namespace date {
class time_zone;
}

namespace usage {

// The reading of a clock in some zone, as microseconds since 1970-01-01 00:00 on that clock.
using LocalMicros = int64_t;

// What the clocks of a zone mean. When they are set back an hour's readings come twice, when they
// are set forward an hour's readings never come (they are taken as PostgreSQL takes them: as if
// the clock had not been set yet). Of one thread.
class LocalTime {
 public:
  // Throws std::runtime_error for a zone that the time zone database does not have.
  explicit LocalTime(const std::string& zone);

  // Of a reading that comes twice the first. It never changes its mind: for beginnings.
  Instant First(LocalMicros local) const;
  // The second when that is not after `now`: for stamps of things that have just happened.
  Instant LastUntil(LocalMicros local, Instant now) const;
  LocalMicros Reading(Instant t) const;

  // The least reading of the clock at any time from `back` before First(local) on: where a search
  // among readings begins that must not miss what was written after the clock was set back.
  LocalMicros LeastSince(LocalMicros local, Duration back) const;

 private:
  bool IsSimple(LocalMicros local) const;

  const date::time_zone* zone_;
  // Between these readings the offset is this one, and no reading comes twice or never.
  mutable LocalMicros simple_begin_ = 0;
  mutable LocalMicros simple_end_ = 0;
  mutable int64_t offset_ = 0;
};

}  // namespace usage
