// A snapshot as the page that Prometheus reads.
#pragma once

#include <string>
#include <vector>

#include "metrics/history.h"
#include "metrics/series.h"
#include "metrics/snapshot.h"

namespace usage {

enum class Format {
  kText,         // Prometheus text format 0.0.4
  kOpenMetrics,  // OpenMetrics 1.0.0
};

// The value of Content-Type.
std::string_view ContentType(Format format);

// Renders snapshot after snapshot at about the speed of a copy, by what it keeps between them. The
// page depends on the snapshot alone, never on what was rendered before. Families stand in the
// order of their names, series in the snapshot's order. Not thread-safe.
//
// A line costs two short copies (name, labels) and a number. Tried and left out:
// - a ready `name{labels} ` per series: one copy instead of two, but ten times the memory to keep
//   and to read;
// - keeping the page and patching the numbers in it: both formats want exactly one space before a
//   number and a line feed after it, so one that grows a digit moves all that follows. Among
//   100,000 growing counters some do so in every cycle, and moving the page costs what it saves;
// - leaving out what did not change, tenant by tenant: families must be contiguous, so a tenant's
//   lines are in some thirty places, and on a busy system every tenant changes in every cycle;
// - making one format out of the other: rendering again is as fast.
class Exposition {
 public:
  // Overwrites `page`; gives its best when `page` was filled by it before, as then nothing is
  // allocated.
  void Render(const Snapshot& snapshot, Format format, std::string& page);

  // Likewise; keeps nothing.
  void Render(const History& history, Format format, std::string& page);

 private:
  SeriesCache series_;
};

}  // namespace usage
