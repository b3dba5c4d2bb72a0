#include "ledger/router_screen.h"

#include <algorithm>
#include <functional>

namespace usage {
namespace {

// Uptimes are whole seconds, and a table takes a while to be answered.
constexpr Duration kUptimeSlack = std::chrono::seconds(10);
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
  const int64_t seconds = std::chrono::floor<std::chrono::seconds>(*uptime).count();
  return static_cast<int32_t>(std::clamp<int64_t>(seconds, 0, INT32_MAX));
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

const std::vector<ScreenedRow>& RouterScreen::Take(const RouterReading& reading) {
  ++reading_;
  screened_.assign(reading.rows.size(), {});
  if (!first_at_) first_at_ = reading.at;
  FindTwins(reading);
  for (size_t i = 0; i < screened_.size(); ++i) {
    ScreenedRow& row = screened_[i];
    if (!row.lie) Screen(reading.rows[i], reading.at, &row);
    if (row.lie) ++lies_[static_cast<size_t>(*row.lie)];
  }
  Forget(reading.at);
  last_at_ = reading.at;
  return screened_;
}

void RouterScreen::FindTwins(const RouterReading& reading) {
  order_.clear();
  for (size_t i = 0; i < screened_.size(); ++i) {
    screened_[i].place = PlaceOf(reading.rows[i]);
    order_.emplace_back(screened_[i].place, i);
  }
  std::sort(order_.begin(), order_.end());
  for (size_t i = 1; i < order_.size(); ++i) {
    if (order_[i].first != order_[i - 1].first) continue;
    screened_[order_[i].second].lie = screened_[order_[i - 1].second].lie =
        RouterLie::kDuplicateRow;
    const auto known = rows_.find(order_[i].first);
    if (known != rows_.end()) known->second.reading = reading_;
  }
}

void RouterScreen::Screen(const RouterRow& row, Instant at, ScreenedRow* result) {
  const auto found = rows_.find(result->place);
  Known now;
  now.counted = {row.upload.value_or(0), row.download.value_or(0)};
  now.at = now.first_at = at;
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
  result->age = now.at - now.first_at;
  result->age_before = std::max(before->at - now.first_at, Duration(0));
  *before = now;
  if (!doubts_.empty()) doubts_.erase(result->place);
}

void RouterScreen::ScreenFirst(Known now, ScreenedRow* result) {
  const Duration age = std::chrono::seconds(std::max(now.uptime, 0));
  result->counted = now.counted;
  if (now.uptime >= 0 && !CanCarry(now.counted, age + kUptimeSlack)) {
    if (!IsBelievedNow(result->place, now, &result->growth)) {
      result->lie = RouterLie::kAbsurdJump;
      return;
    }
  }
  // Without an uptime: the router was read before, and had no such row then.
  now.is_fresh = last_at_ && (now.uptime < 0 || now.at - age >= *first_at_);
  result->growth = {};
  result->is_first = true;
  result->is_fresh = now.is_fresh;
  rows_.emplace(result->place, now);
  if (!doubts_.empty()) doubts_.erase(result->place);
}

bool RouterScreen::IsNewSession(const Known& before, const Known& now) const {
  const Duration since = now.at - before.at + kUptimeSlack;
  if (!Fell(before.counted, now.counted) || !CanCarry(now.counted, since)) return false;
  if (before.uptime < 0 || now.uptime < 0) return before.reading + 1 < reading_;
  return now.uptime < before.uptime && Duration(std::chrono::seconds(now.uptime)) <= since;
}

std::optional<RouterLie> RouterScreen::LieOf(const Known& before, const Known& now) const {
  if (before.user != now.user) return RouterLie::kNameSwapped;
  if (Fell(before.counted, now.counted)) return RouterLie::kCounterFell;
  if (UptimeFell(before.uptime, now.uptime)) return RouterLie::kUptimeShrank;
  if (!CanCarry(now.counted - before.counted, now.at - before.at)) return RouterLie::kAbsurdJump;
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
  const Duration least = std::max<Duration>(time, std::chrono::seconds(1));
  const auto most = static_cast<Wide>(line_ / 8) * static_cast<uint64_t>(least.count()) / 1'000'000;
  return std::max(growth.upload, growth.download) <= most;
}

void RouterScreen::Forget(Instant at) {
  std::erase_if(rows_, [&](const auto& entry) {
    return entry.second.reading != reading_ && at - entry.second.at > kRemembered;
  });
  std::erase_if(doubts_, [&](const auto& entry) { return at - entry.second.row.at > kRemembered; });
}

}  // namespace usage
