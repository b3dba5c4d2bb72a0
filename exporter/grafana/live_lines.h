// A tenant's frame for Grafana Live, in Influx's line protocol.
#pragma once

#include <string>

#include "metrics/rates.h"
#include "metrics/snapshot.h"

namespace usage::grafana {

// What a frame shows of a tenant.
struct LiveFrame {
  const TenantUsage& tenant;
  const Rates::Row& rates;  // the tenant's
  size_t top;               // subscribers of each access, at most

  // Whether the two show the same numbers.
  friend bool operator==(const LiveFrame& a, const LiveFrame& b);
};

// Lines of the measurements `traffic`, one for each access, and `subscribers`, one for each of the
// top ones. `at` in whole milliseconds: Grafana shows no less. Every line has all fields of its
// measurement, all of them floats, since Grafana sends the schema anew when one comes, goes or
// changes its type. So an access has no line before its rate is known. "": there is nothing to
// show yet.
//
// At most 2 + 2 * top lines of less than 2 kB.
std::string LiveLines(const LiveFrame& frame, Instant at);

// A tag's value: never empty, never longer than 256 bytes of `raw`, and without what the protocol
// cannot say, which is replaced: control characters, and a backslash where it would escape.
std::string LiveTag(const std::string& raw);

}  // namespace usage::grafana
