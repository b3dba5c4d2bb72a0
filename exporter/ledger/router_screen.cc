#include "ledger/router_screen.h"

#include <algorithm>
#include <functional>

namespace usage {
namespace {

using std::chrono::seconds;

// Uptimes are whole seconds, and a table takes a while to be answered.
constexpr Duration kUptimeSlack = seconds(10);
// A row that is away for so long is forgotten; one that comes back sooner goes on where it was.
constexpr Duration kRemembered = std::chrono::minutes(10);
// So often a lie is told until it is how things are.
constexpr int kBelievedAfter = 3;

uint64_t Mixed(uint64_t hash, uint64_t more) { return (hash ^ more) * 0x9E3779B97F4A7C15ull; }

RowPlace PlaceOf(const RouterRow& row) {
  const std::hash<std::string_view> hash;
  const auto of = [&row](uint64_t kind, uint64_t value) {
    const uint64_t seed = Mixed(kind, static_cast<uint64_t>(row.table) + 1);
    const uint64_t mixed = Mixed(seed, value);
    return mixed ^ mixed >> 32;
  };
  if (!row.session_id.empty()) return of(1, hash(row.session_id));
  if (row.mac != 0) return of(2, row.mac);
  if (!row.user.empty()) return of(3, hash(row.user));
  return of(4, hash(row.address));
}

int32_t SecondsOf(const std::optional<Duration>& uptime) {
  if (!uptime) return -1;
  const int64_t whole = std::chrono::floor<seconds>(*uptime).count();
  return static_cast<int32_t>(std::clamp<int64_t>(whole, 0, INT32_MAX));
}

bool Fell(Volume before, Volume now) {
  return now.upload < before.upload || now.download < before.download;
}

bool UptimeFell(int32_t before, int32_t now) { return before >= 0 && now >= 0 && now < before; }

}  // namespace

std::string_view RouterLieName(RouterLie lie) {
  constexpr std::string_view kNames[] = {"counter_fell", "uptime_shrank", "name_swapped",
                                         "duplicate_row", "absurd_jump"};
  return kNames[static_cast<size_t>(lie)];
}

void RouterScreen::Take(const RouterReading& reading, Screening* result) {
  ++reading_;
  if (!first_at_) first_at_ = reading.at;
  const auto now = std::chrono::round<seconds>(reading.at - *first_at_).count();
  now_ = static_cast<uint32_t>(std::max<int64_t>(now, now_));
  result->rows.assign(reading.rows.size(), {});
  FindTwins(reading, result);
  for (size_t i = 0; i < reading.rows.size(); ++i) {
    ScreenedRow& row = result->rows[i];
    if (!row.lie) Screen(reading.rows[i], &row);
    if (row.lie) ++lies_[static_cast<size_t>(*row.lie)];
  }
  Forget();
}

void RouterScreen::FindTwins(const RouterReading& reading, Screening* result) {
  auto& order = result->order;
  order.clear();
  for (uint32_t i = 0; i < reading.rows.size(); ++i) {
    result->rows[i].place = PlaceOf(reading.rows[i]);
    order.emplace_back(result->rows[i].place, i);
  }
  std::sort(order.begin(), order.end());
  for (size_t i = 1; i < order.size(); ++i) {
    if (order[i].first != order[i - 1].first) continue;
    result->rows[order[i].second].lie = result->rows[order[i - 1].second].lie =
        RouterLie::kDuplicateRow;
    const auto known = rows_.find(order[i].first);
    if (known != rows_.end()) known->second.reading = reading_;
  }
}

void RouterScreen::Screen(const RouterRow& row, ScreenedRow* result) {
  const auto found = rows_.find(result->place);
  Known now;
  now.counted = {row.upload.value_or(0), row.download.value_or(0)};
  now.at = now.first_at = now_;
  now.uptime = SecondsOf(row.uptime);
  now.user = static_cast<uint32_t>(std::hash<std::string_view>()(row.user));
  now.reading = reading_;
  if (found == rows_.end()) return ScreenFirst(now, result);
  if (!row.upload) now.counted.upload = found->second.counted.upload;
  if (!row.download) now.counted.download = found->second.counted.download;
  ScreenNext(now, &found->second, result);
}

void RouterScreen::ScreenNext(Known now, Known* before, ScreenedRow* result) {
  const bool is_new = IsNewSession(*before, now);
  before->reading = reading_;
  result->counted = result->growth = now.counted;
  now.is_fresh = is_new || before->is_fresh;
  if (!is_new) {
    now.first_at = before->first_at;
    const auto lie = LieOf(*before, now);
    if (!lie) {
      result->growth -= before->counted;
    } else if (!IsBelievedNow(result->place, now, &result->growth)) {
      result->lie = lie;
      return;
    }
  }
  result->is_fresh = now.is_fresh;
  result->age = seconds(now.at - now.first_at);
  result->age_before = is_new ? Duration(0) : seconds(before->at - now.first_at);
  *before = now;
  if (!doubts_.empty()) doubts_.erase(result->place);
}

void RouterScreen::ScreenFirst(Known now, ScreenedRow* result) {
  const int64_t age = std::max(now.uptime, 0);
  result->counted = now.counted;
  if (now.uptime >= 0 && !CanCarry(now.counted, seconds(age) + kUptimeSlack)) {
    if (!IsBelievedNow(result->place, now, &result->growth)) {
      result->lie = RouterLie::kAbsurdJump;
      return;
    }
  }
  // Without an uptime: the router was read before, and had no such row then.
  now.is_fresh = reading_ > 1 && now.at >= age;
  result->growth = {};
  result->is_first = true;
  result->is_fresh = now.is_fresh;
  rows_.emplace(result->place, now);
  if (!doubts_.empty()) doubts_.erase(result->place);
}

bool RouterScreen::IsNewSession(const Known& before, const Known& now) const {
  const Duration since = seconds(now.at - before.at) + kUptimeSlack;
  if (!Fell(before.counted, now.counted) || !CanCarry(now.counted, since)) return false;
  if (before.uptime < 0 || now.uptime < 0) return before.reading + 1 < reading_;
  return now.uptime < before.uptime && seconds(now.uptime) <= since;
}

std::optional<RouterLie> RouterScreen::LieOf(const Known& before, const Known& now) const {
  if (before.user != now.user) return RouterLie::kNameSwapped;
  if (Fell(before.counted, now.counted)) return RouterLie::kCounterFell;
  if (UptimeFell(before.uptime, now.uptime)) return RouterLie::kUptimeShrank;
  if (!CanCarry(now.counted - before.counted, seconds(now.at - before.at)))
    return RouterLie::kAbsurdJump;
  return std::nullopt;
}

// `growth`: since the first of the rows that are believed now.
bool RouterScreen::IsBelievedNow(RowPlace place, const Known& now, Volume* growth) {
  Doubt& doubt = doubts_[place];
  const bool is_like_before = doubt.count > 0 && !LieOf(doubt.row, now);
  if (!is_like_before) doubt = {now, now.counted, 0};
  doubt.row = now;
  *growth = now.counted - doubt.first;
  return ++doubt.count >= kBelievedAfter;
}

bool RouterScreen::CanCarry(Volume growth, Duration time) const {
  const Duration least = std::max<Duration>(time, seconds(1));
  const auto most = static_cast<Wide>(line_ / 8) * static_cast<uint64_t>(least.count()) / 1'000'000;
  return std::max(growth.upload, growth.download) <= most;
}

void RouterScreen::Forget() {
  const auto is_old = [this](const Known& row) { return seconds(now_ - row.at) > kRemembered; };
  std::erase_if(rows_, [&](const auto& entry) {
    return entry.second.reading != reading_ && is_old(entry.second);
  });
  std::erase_if(doubts_, [&](const auto& entry) { return is_old(entry.second.row); });
}

}  // namespace usage
