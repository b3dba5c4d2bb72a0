#include "app/publisher.h"

#include "app/log.h"
#include "app/process_status.h"
#include "core/version.h"
#include "metrics/forecasts.h"

namespace usage {

void Publisher::Publish() {
  std::lock_guard lock(mutex_);
  PublishLocked();
}

bool Publisher::PublishIfOlder(std::chrono::milliseconds age) {
  std::lock_guard lock(mutex_);
  const bool is_due = std::chrono::steady_clock::now() - last_ >= age;
  if (is_due) PublishLocked();
  return is_due;
}

void Publisher::PublishLocked() try {
  auto begin = std::chrono::steady_clock::now();
  last_made_ = Make();
  hub_.Publish(last_made_);
  last_ = std::chrono::steady_clock::now();
  build_seconds_ = std::chrono::duration<double>(last_ - begin).count();
} catch (const std::exception& e) {
  ++program_.cycle_errors;
  Log(LogLevel::kError, std::string("no new snapshot: ") + e.what());
}

SnapshotPtr Publisher::Make() {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->at = clock_.Now();
  board_.Describe(snapshot.get());
  if (routers_ != nullptr) routers_->Describe(snapshot.get());
  books_.Describe(last_made_.get(), snapshot.get());
  alerts_.Describe(snapshot.get());
  if (const auto history = history_.Latest()) AddForecasts(*history, snapshot.get());
  ExporterStatus& exporter = snapshot->exporter;
  exporter.version = kVersion;
  exporter.revision = kRevision;
  exporter.started = program_.started;
  exporter.cycles = ++program_.snapshots;
  exporter.cycle_errors = program_.cycle_errors;
  exporter.snapshot_build_seconds = build_seconds_;
  exporter.config_reload_ok = program_.reload_ok;
  exporter.config_reload_success = FromUnixMicros(program_.reload_success_micros);
  if (live_ != nullptr) exporter.live = live_->status();
  if (write_back_ != nullptr) exporter.write_back = write_back_->status();
  DescribeProcess(&exporter);
  return snapshot;
}

}  // namespace usage
