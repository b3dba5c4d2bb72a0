#include "sim/curve.h"

#include <algorithm>
#include <array>

#include "sim/random.h"

namespace usage::sim {
namespace {

// Percent of the mean by local hour: a quiet night, a working day, the evening's peak.
constexpr std::array<int, 24> kBusy = {92, 58, 34, 24, 20,  22,  34,  56,  76,  86,  90,  94,
                                       98, 98, 96, 98, 104, 116, 140, 172, 206, 216, 124, 110};

// A gigabit a second: more is no subscriber.
constexpr double kFastest = 125e6;

}  // namespace

double HourWeight(int hour) { return kBusy[static_cast<size_t>(std::clamp(hour, 0, 23))] / 100.0; }

Volume RateIn(const CurveShape& shape, const Segment& segment) {
  Random random(Mix(shape.seed, static_cast<uint64_t>(segment.begin.time_since_epoch().count())));
  if (random.Chance(0.04)) return {};  // an idle hour: a real subscriber sleeps sometimes
  double rate = shape.bytes_per_second * HourWeight(segment.hour) * random.LogNormal(0.9, 0.5);
  rate = std::min(rate, kFastest);
  auto all = static_cast<uint64_t>(rate), upload = static_cast<uint64_t>(rate * shape.upload_share);
  return {upload, all - upload};
}

Curve::Curve(const CurveShape& shape, Second start, Timetable& timetable)
    : shape_(shape), timetable_(&timetable), now_(start) {
  Enter(start);
}

void Curve::Enter(Second t) {
  segment_ = &timetable_->At(t);
  rate_ = RateIn(shape_, *segment_);
  // Who greets the network sends something: zero octets would say nothing to accounting, and the
  // first that it hears of might be spread over a midnight.
  if (rate_.empty() && total_.empty()) rate_ = {2, 14};
}

void Curve::Flow(Second until, Day day, std::vector<DayVolume>& days) {
  bool is_quiet = now_ >= shape_.quiet_from;
  auto passed = is_quiet ? 0 : static_cast<uint64_t>((until - now_).count());
  Volume volume{rate_.upload * passed, rate_.download * passed};
  now_ = until;
  if (volume.empty()) return;
  total_ += volume;
  if (days.empty() || days.back().day != day) days.push_back({day, {}});
  days.back().volume += volume;
}

std::vector<DayVolume> Curve::Advance(Second t) {
  std::vector<DayVolume> days;
  while (now_ < t) {
    if (now_ >= segment_->end) Enter(now_);
    bool is_before_midnight = now_ < segment_->midnight;
    Second until = std::min(t, segment_->end);
    if (is_before_midnight) until = std::min(until, segment_->midnight);
    if (now_ < shape_.quiet_from) until = std::min(until, shape_.quiet_from);
    Flow(until, is_before_midnight ? segment_->day : segment_->next_day, days);
  }
  return days;
}

}  // namespace usage::sim
