#include "ledger/spread.h"

#include <algorithm>

namespace usage {
namespace {

constexpr Duration kQuarter = std::chrono::minutes(15);

uint64_t Share(uint64_t bytes, Duration part, Duration whole) {
  // Up to 2^64 bytes times 2^63 microseconds.
  auto product = static_cast<Wide>(bytes) * static_cast<uint64_t>(part.count());
  return static_cast<uint64_t>(product / static_cast<uint64_t>(whole.count()));
}

Instant QuarterAt(Instant t) {
  return Instant(
      std::chrono::floor<std::chrono::duration<int64_t, std::ratio<900>>>(t.time_since_epoch()));
}

}  // namespace

Volume FlowedBy(const Flow& flow, Instant t) {
  if (t >= flow.to) return flow.volume;
  if (t <= flow.from) return {};
  Duration part = t - flow.from, whole = flow.to - flow.from;
  return {Share(flow.volume.upload, part, whole), Share(flow.volume.download, part, whole)};
}

std::vector<DayPart> SplitByDay(const Flow& flow, const TenantCalendar& calendar) {
  std::vector<DayPart> parts;
  if (flow.volume.empty()) return parts;
  // An instant just before the end, so that a flow which ends at midnight has no part after it.
  Day last = calendar.DayAt(flow.to - Duration(1));
  Volume before;
  for (Day day = std::min(last, calendar.DayAt(flow.from)); day <= last; day = day + 1) {
    Volume by = day == last ? flow.volume : FlowedBy(flow, calendar.Start(day + 1));
    if (!(by - before).empty()) parts.push_back({day, by - before});
    before = by;
  }
  return parts;
}

std::vector<Flow> SplitByQuarter(const Flow& flow) {
  std::vector<Flow> parts;
  if (flow.volume.empty()) return parts;
  if (flow.to - flow.from > kQuarter) return {flow};
  Instant last = QuarterAt(flow.to - Duration(1));
  Volume before;
  for (Instant q = std::min(last, QuarterAt(flow.from)); q <= last; q += kQuarter) {
    Volume by = q == last ? flow.volume : FlowedBy(flow, q + kQuarter);
    if (!(by - before).empty()) parts.push_back({q, q + kQuarter, by - before});
    before = by;
  }
  return parts;
}

}  // namespace usage
