#include "ledger/panel_total.h"

#include <algorithm>

namespace usage {
namespace {

// Uptimes are whole seconds, and our clock may be set while a session goes on.
constexpr Duration kSlack = std::chrono::seconds(10);

Volume Larger(const Volume& a, const Volume& b) {
  return {std::max(a.upload, b.upload), std::max(a.download, b.download)};
}

bool Fell(const Volume& from, const Volume& to) {
  return to.upload < from.upload || to.download < from.download;
}

bool BothSay(const std::string& a, const std::string& b) { return !a.empty() && !b.empty(); }

}  // namespace

Volume PanelTotal::Take(const Row& row, const RouterCount& count) {
  FollowThePanelDown(row.shows);
  shown_ = row.shows;
  if (!last_) {
    Begin(row, count);
    return total_;
  }
  const std::optional<Volume> growth = Growth(count);
  if (!growth || !IsPlausible(*growth, count.at - last_->at)) return total_;
  total_ += *growth;
  last_ = count;
  return total_;
}

// What a session had counted before the row began is not the row's, and nobody knows what of it the
// row shows by now.
void PanelTotal::Begin(const Row& row, const RouterCount& count) {
  const bool is_older = count.began && row.started && *count.began < *row.started - kSlack;
  total_ = row.shows;
  if (count.began && !IsPlausible(count.counted, count.at - *count.began)) return;
  if (!is_older) total_ = Larger(row.shows, count.counted);
  last_ = count;
}

// A panel that takes bytes out of a row, as for a new period, means it.
void PanelTotal::FollowThePanelDown(const Volume& shows) {
  if (shows.upload < shown_.upload) total_.upload = shows.upload;
  if (shows.download < shown_.download) total_.download = shows.download;
}

// None: the row lies, and is as if it were not there until it has passed what it said before.
std::optional<Volume> PanelTotal::Growth(const RouterCount& count) const {
  if (!IsSameSession(count)) return GrowthOfAnother(count);
  if (!Fell(last_->counted, count.counted)) return count.counted - last_->counted;
  if (count.began) return std::nullopt;
  return count.counted;  // the counter of an interface is as old as its session
}

// One that began since the last word counts whole. Of one that was there before, elsewhere or under
// another name, only what comes from now on.
std::optional<Volume> PanelTotal::GrowthOfAnother(const RouterCount& count) const {
  const bool began_since = count.began ? *count.began >= last_->at - kSlack : IsSameCounter(count);
  return began_since ? count.counted : Volume{};
}

bool PanelTotal::IsSameCounter(const RouterCount& count) const {
  return count.router == last_->router && count.table == last_->table;
}

bool PanelTotal::IsSameSession(const RouterCount& count) const {
  if (!IsSameCounter(count)) return false;
  if (BothSay(count.session_id, last_->session_id) && count.session_id != last_->session_id) {
    return false;
  }
  return !count.began || !last_->began || std::chrono::abs(*count.began - *last_->began) <= kSlack;
}

bool PanelTotal::IsPlausible(const Volume& growth, Duration time) const {
  const Wide micros = static_cast<Wide>(std::max(time, Duration(0)).count() + 1'000'000);
  const Wide most = micros * line_ / 8 / 1'000'000;
  return growth.upload <= most && growth.download <= most;
}

}  // namespace usage
