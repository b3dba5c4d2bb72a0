#include "metrics/rates.h"

#include <algorithm>

namespace usage {
namespace {

using Sample = RateWindow::Sample;

bool Fell(Volume before, Volume now) {
  return now.upload < before.upload || now.download < before.download;
}

// Without what went into closed days: it did not flow now.
Volume Booked(const AccessUsage& usage) {
  return Fell(usage.late, usage.total) ? usage.total : usage.total - usage.late;
}

// The time that the bytes between two samples cover.
Duration Covered(const Sample& from, const Sample& to) {
  return std::max(to.at - from.at, to.data - from.data);
}

Rate Mean(const Sample& from, const Sample& to, std::chrono::seconds window) {
  Volume grown = to.booked - from.booked;
  double per_second = 8e6 / static_cast<double>(Covered(from, to).count());
  return {static_cast<double>(grown.upload) * per_second,
          static_cast<double>(grown.download) * per_second, window};
}

// By the routers, if nearly all sessions are at routers that are read.
std::optional<Rate> RoutersRate(const AccessUsage& usage) {
  if (!usage.live || usage.live->sessions == 0) return std::nullopt;
  if (10 * usage.live->sessions < 9 * usage.sessions) return std::nullopt;
  const LiveRate& bytes = usage.live->rate;
  return Rate{8 * bytes.upload, 8 * bytes.download, kRouterWindow};
}

}  // namespace

void RateWindow::Add(const Sample& sample) {
  if (!samples_.empty() && sample.at - samples_.back().at < step_) return;
  size_t old = 0;
  while (old + 1 < samples_.size() && samples_[old + 1].at <= sample.at - span_) ++old;
  samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(old));
  samples_.push_back(sample);
}

void RateMeter::Add(Instant at, const AccessUsage& usage) {
  Sample sample{at, usage.data_timestamp.value_or(at), Booked(usage), 1, 0};
  // A clock that was set back, or a ledger that was replaced: begin anew.
  if (last_ && (at < last_->at || Fell(last_->booked, sample.booked))) *this = RateMeter();
  sessions_ = usage.sessions;
  if (last_) {
    bool news = sample.data != last_->data || sample.booked != last_->booked;
    if (!news && at - last_->at < kStep) return;
    sample.snapshots = last_->snapshots + 1;
    sample.reports = last_->reports + (news ? 1 : 0);
  }
  last_ = sample;
  short_.Add(sample);
  long_.Add(sample);
}

bool RateMeter::Lively() const {
  const Sample& first = long_.oldest();
  return sessions_ == 0 ||
         2 * (last_->reports - first.reports) >= last_->snapshots - first.snapshots;
}

std::optional<Rate> RateMeter::Now() const {
  if (!last_) return std::nullopt;
  bool lively = Lively();
  const Sample& from = lively ? short_.oldest() : long_.oldest();
  Duration least = lively ? Duration(1) : Duration(kShortWindow);
  if (last_->at - from.at < least) return std::nullopt;
  return Mean(from, *last_, lively ? kShortWindow : kLongWindow);
}

Rates::Row Rates::ObserveTenant(Instant at, const TenantUsage& tenant) {
  Entry& entry = entries_[tenant.id];
  entry.round = round_;
  Row row;
  for (size_t i = 0; i < kAccessCount; ++i) {
    if (!tenant.access[i]) continue;
    entry.meters[i].Add(at, *tenant.access[i]);
    row[i] = RoutersRate(*tenant.access[i]);
    if (!row[i]) row[i] = entry.meters[i].Now();
  }
  return row;
}

std::vector<Rates::Row> Rates::Observe(const Snapshot& snapshot) {
  ++round_;
  std::vector<Row> rows;
  rows.reserve(snapshot.tenants.size());
  for (const TenantUsage& tenant : snapshot.tenants)
    rows.push_back(ObserveTenant(snapshot.at, tenant));
  std::erase_if(entries_, [this](const auto& entry) { return entry.second.round != round_; });
  return rows;
}

}  // namespace usage
