// usage_exporter from its flags to its end.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "api/event_feed.h"
#include "app/runtime.h"
#include "app/server_flags.h"
#include "core/clock.h"
#include "metrics/hub.h"
#include "metrics/page.h"
#include "net/http_server.h"

namespace usage {

class Exporter {
 public:
  // Reads and checks both files; throws std::runtime_error with every fault of them.
  explicit Exporter(ServerFlags flags);
  ~Exporter();

  // Serves until SIGTERM or SIGINT; SIGHUP reloads. The signals must be blocked already. Throws
  // std::runtime_error when the address can't be had.
  void Run();

  // Reads the files again. "" or why the old configuration stays. Thread-safe.
  std::string Reload();

  const Config& config() const { return runtime_->config(); }

 private:
  Config LoadedConfig() const;
  void Apply(Config config);

  const ServerFlags flags_;
  SystemClock clock_;
  ProgramStatus program_;
  SnapshotHub hub_;
  PageCache pages_{hub_};
  HistoryHub history_hub_;
  HistoryPages history_pages_{history_hub_};
  EventFeed events_{hub_, clock_};
  std::mutex reload_mutex_;  // guards runtime_ while the server runs
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<HttpServer> server_;  // the last member: its threads use the others
};

}  // namespace usage
