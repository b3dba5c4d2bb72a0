// Makes snapshots of everything and hands them on.
#pragma once

#include <atomic>
#include <mutex>

#include "app/alert_settings.h"
#include "app/bookkeeper.h"
#include "app/router_fleet.h"
#include "app/status_board.h"
#include "app/write_back.h"
#include "grafana/live_push.h"
#include "metrics/hub.h"

namespace usage {

// What outlives a change of the configuration.
struct ProgramStatus {
  Instant started;
  std::atomic<bool> reload_ok{true};
  std::atomic<int64_t> reload_success_micros{0};
  std::atomic<uint64_t> snapshots{0};
  std::atomic<uint64_t> cycle_errors{0};
};

// Thread-safe: whoever has news calls Publish.
class Publisher {
 public:
  // None owned.
  Publisher(const Clock& clock, Bookkeeper& books, const StatusBoard& board,
            const AlertSettings& alerts, const HistoryHub& history, ProgramStatus& program,
            SnapshotHub& hub)
      : clock_(clock),
        books_(books),
        board_(board),
        alerts_(alerts),
        history_(history),
        program_(program),
        hub_(hub) {}

  // Lets snapshots say how the live push goes. Before the first Publish; must outlive this.
  void Show(const grafana::LivePush& live) { live_ = &live; }
  // Likewise the write-back.
  void Show(const WriteBack& write_back) { write_back_ = &write_back; }
  // Likewise of the routers.
  void Show(const RouterFleet& routers) { routers_ = &routers; }

  // Never throws: what goes wrong is counted and logged, and the last snapshot stays.
  void Publish();
  // As Publish, unless somebody did within `age`: whether there is a new one by this call.
  bool PublishIfOlder(std::chrono::milliseconds age);

 private:
  void PublishLocked();
  SnapshotPtr Make();

  const Clock& clock_;
  Bookkeeper& books_;
  const StatusBoard& board_;
  const AlertSettings& alerts_;
  const HistoryHub& history_;
  ProgramStatus& program_;
  SnapshotHub& hub_;
  const grafana::LivePush* live_ = nullptr;
  const WriteBack* write_back_ = nullptr;
  const RouterFleet* routers_ = nullptr;
  std::mutex mutex_;  // one snapshot at a time, in order; guards all below
  double build_seconds_ = 0;
  SnapshotPtr last_made_;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace usage
