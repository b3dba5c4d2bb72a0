// The live push: each snapshot's news to the tenants' orgs in Grafana.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "config/config.h"
#include "grafana/live_client.h"
#include "grafana/live_queue.h"
#include "metrics/hub.h"
#include "metrics/rates.h"

namespace usage::grafana {

// Nothing here is waited for by anybody: it takes the snapshots that the hub has, at its own pace,
// and reads the tokens on a connection of its own.
//
// Frames are of snapshots whose exporter writes the ledger: of two exporters one pushes, and
// numbers that stand still since the ledger is away do not come with a new time.
//
// Threads: one watches the hub, one reads the tokens, and `concurrency` push, each on its own
// connection. Thread-safe.
class LivePush {
 public:
  // How a try of `who` went; "" when it went well. Called by all the threads, one at a time.
  using Note = std::function<void(const std::string& who, const std::string& error)>;

  // Opens no connection. The hub must outlive it. Throws std::runtime_error for a bad CA file.
  LivePush(const GrafanaConfig& grafana, const StorageConfig& storage, const SnapshotHub& hub,
           Note note);
  ~LivePush() { Stop(); }

  void Start();
  // Pushes that are under way are given up. Idempotent.
  void Stop();

  LiveStatus status() const;

 private:
  using Time = LiveQueue::Time;
  using Lock = std::unique_lock<std::mutex>;

  // A snapshot with what was flowing then. Never changed.
  struct View {
    SnapshotPtr snapshot;
    std::vector<Rates::Row> rates;  // of the snapshot's tenants
  };
  using ViewPtr = std::shared_ptr<const View>;

  struct Worker {
    Worker(const GrafanaConfig& grafana, std::chrono::milliseconds timeout)
        : client(grafana, timeout) {}
    LiveClient client;
    Time busy_since = Time::max();  // guarded by mutex_
    std::jthread thread;
  };

  void Watch(const std::stop_token& stop);
  void Show(SnapshotPtr snapshot);
  std::vector<std::string> TenantsWithNews(const View& view) const;
  void CancelOverdue();

  void KeepTokens(const std::stop_token& stop);
  void ReadTokens();

  void Work(const std::stop_token& stop, Worker& worker);
  std::optional<LiveQueue::Job> WaitForJob(const std::stop_token& stop);
  void Push(const LiveQueue::Job& job, Worker& worker);
  std::string LinesOf(const View& view, const std::string& tenant) const;
  void Account(const LiveQueue::Job& job, const PushAnswer& answer, double seconds);
  void Tell(const LiveQueue::Job& job, const PushAnswer& answer);

  const LiveConfig config_;
  const SnapshotHub& hub_;
  const Note note_;

  Rates rates_;        // the watcher's
  LiveTokens tokens_;  // the reader's

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable_any changed_;
  LiveQueue queue_;
  uint64_t news_ = 0;  // changes of queue_ that may have made a push due, or due sooner
  ViewPtr view_;
  LiveStatus status_;
  bool reread_ = false;  // tokens: one was refused

  std::mutex note_mutex_;           // guards note_ and the next
  std::set<std::string> troubled_;  // tenants whose last push was refused or rejected

  std::vector<std::unique_ptr<Worker>> workers_;
  std::jthread watcher_, reader_;  // the last members: they use the others
};

}  // namespace usage::grafana
