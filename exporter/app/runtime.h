// The program as one configuration describes it: sources, books, threads.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/alert_settings.h"
#include "app/bookkeeper.h"
#include "app/fault_log.h"
#include "app/history_keeper.h"
#include "app/periodic.h"
#include "app/publisher.h"
#include "app/router_fleet.h"
#include "app/source_loop.h"
#include "app/status_board.h"
#include "app/write_back_loop.h"
#include "grafana/live_push.h"

namespace usage {

// Built from a checked configuration, which opens no connection. One thread starts and stops it.
class Runtime {
 public:
  // The references must outlive it.
  Runtime(const Config& config, const Clock& clock, ProgramStatus& program, SnapshotHub& hub,
          HistoryHub& history_hub);
  ~Runtime() { Stop(); }

  void Start();
  // Lets the cycles that are under way finish, then takes all into the ledger's tables. Idempotent.
  void Stop();

  const Config& config() const { return config_; }

 private:
  void ReadTenants();
  std::unique_ptr<grafana::LivePush> MakeLivePush(const SnapshotHub& hub);
  std::unique_ptr<WriteBackLoop> MakeWriteBack();
  std::unique_ptr<RouterFleet> MakeRouterFleet();
  void LogUnknownZones(const std::vector<TenantInfo>& tenants);
  void KeepHouse();
  void KeepHistory();
  void Pulse();

  const Config config_;
  const Clock& clock_;
  StatusBoard board_;
  Bookkeeper books_;
  AlertSettings alerts_;
  Publisher publisher_;
  HistoryKeeper history_;
  std::map<std::string, FaultLog> live_faults_;  // by who; of the live push's threads, in turn
  std::unique_ptr<grafana::LivePush> live_;      // null: not configured
  std::unique_ptr<WriteBackLoop> write_back_;    // null: not configured
  std::unique_ptr<RouterFleet> routers_;         // null: not configured
  bool has_news_ = false;                        // of routers, not shown yet; the pulse's thread's
  std::unique_ptr<TenantSource> tenant_source_;
  FaultLog tenants_faults_, ledger_faults_, history_faults_;
  std::set<std::string> logged_zones_;
  bool is_started_ = false;
  std::unique_ptr<Periodic> tenants_;
  std::unique_ptr<Periodic> house_;
  std::unique_ptr<Periodic> historian_;
  // Makes pages while every other thread waits for a ledger that stands still.
  std::unique_ptr<Periodic> pulse_;
  std::vector<std::unique_ptr<SourceLoop>> sources_;
};

}  // namespace usage
