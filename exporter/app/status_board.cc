#include "app/status_board.h"

#include <algorithm>

namespace usage {

StatusBoard::StatusBoard(const std::vector<SourceConfig>& sources) {
  for (const SourceConfig& config : sources) {
    Source source;
    source.status.name = config.name;
    source.status.type = SourceTypeName(config);
    source.status.interval = config.interval;
    source.status.notify = config.notify;
    sources_.push_back(std::move(source));
  }
}

void StatusBoard::Begin(size_t source, uint64_t missed) {
  std::lock_guard lock(mutex_);
  ++sources_.at(source).status.cycles;
  sources_.at(source).status.missed_cycles += missed;
}

void StatusBoard::Succeeded(size_t index, const SourceBatch& batch, double seconds) {
  std::lock_guard lock(mutex_);
  Source& source = sources_.at(index);
  SourceStatus& status = source.status;
  status.up = true;
  status.last_success = batch.read_at;
  status.last_duration_seconds = seconds;
  status.last_error.clear();
  status.open_rows = batch.open_rows;
  status.advice = batch.advice;
  Count(batch, source);
}

void StatusBoard::Woken(size_t index, const SourceBatch& batch) {
  std::lock_guard lock(mutex_);
  Source& source = sources_.at(index);
  ++source.status.woken;
  Count(batch, source);
}

void StatusBoard::Heard(size_t source, const NotifyFeed::Status& feed) {
  std::lock_guard lock(mutex_);
  sources_.at(source).status.listening = feed.listening;
  sources_.at(source).status.notifications = feed.notifications;
}

void StatusBoard::Count(const SourceBatch& batch, Source& source) {
  source.status.changed_rows += batch.observations.size();
  source.status.used_difference_bytes += batch.used_difference_bytes;
  for (auto [c, count] : batch.cases) source.cases[c] += count;
}

void StatusBoard::Failed(size_t source, const std::string& error, Instant now, double seconds) {
  std::lock_guard lock(mutex_);
  SourceStatus& status = sources_.at(source).status;
  status.up = false;
  ++status.errors;
  status.last_error = error;
  status.last_error_at = now;
  status.last_duration_seconds = seconds;
}

void StatusBoard::TenantsRead(Instant now) {
  std::lock_guard lock(mutex_);
  tenants_up_ = true;
  tenants_error_.clear();
  tenants_at_ = now;
}

void StatusBoard::TenantsFailed(const std::string& error) {
  std::lock_guard lock(mutex_);
  tenants_up_ = false;
  tenants_error_ = error;
}

void StatusBoard::Describe(Snapshot* snapshot) const {
  std::lock_guard lock(mutex_);
  for (const Source& source : sources_) snapshot->sources.push_back(StatusOf(source));
  snapshot->exporter.tenants_up = tenants_up_;
  snapshot->exporter.tenants_error = tenants_error_;
  snapshot->exporter.tenants_timestamp = tenants_at_;
  snapshot->ready = tenants_at_ && std::all_of(sources_.begin(), sources_.end(), [](auto& source) {
                      return source.status.last_success.has_value();
                    });
}

SourceStatus StatusBoard::StatusOf(const Source& source) {
  SourceStatus status = source.status;
  for (int i = 0; i < static_cast<int>(SourceCase::kCount); ++i) {
    auto c = static_cast<SourceCase>(i);
    auto it = source.cases.find(c);
    status.cases.push_back({SourceCaseName(c), it == source.cases.end() ? 0 : it->second});
  }
  return status;
}

}  // namespace usage
