// A snapshot as the page that Prometheus reads.
#pragma once

#include <string>
#include <vector>

#include "metrics/series.h"
#include "metrics/snapshot.h"

namespace usage {

enum class Format {
  kText,         // Prometheus text format 0.0.4
  kOpenMetrics,  // OpenMetrics 1.0.0
};

// The value of Content-Type.
std::string_view ContentType(Format format);

// Renders snapshot after snapshot at about the speed of a copy, by what it keeps between them.
// The page depends on the snapshot alone, never on what was rendered before. Families stand in
// the order of their names, series in the snapshot's order. Not thread-safe.
//
// A line costs two short copies (name, labels) and std::to_chars. Measured against it
// (tests/bench/exposition) and left out:
// - a ready `name{labels} ` per series: one copy instead of two, but ten times the memory to read;
// - slots of fixed width in a page that is kept and patched: OpenMetrics allows one space only
//   before a value and none after it, so a number that grows a digit moves all that follows;
// - chunks of the page per tenant, copied when it did not change: families must be contiguous, so
//   a tenant is scattered over some thirty places, and on a busy system every tenant changes.
class Exposition {
 public:
  // Overwrites `page`; gives its best when `page` was filled by it before, as then nothing is
  // allocated.
  void Render(const Snapshot& snapshot, Format format, std::string& page);

 private:
  SeriesCache series_;
};

}  // namespace usage
