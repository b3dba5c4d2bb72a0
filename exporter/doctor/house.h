// All that a check may look at.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>

#include "config/config.h"
#include "doctor/metrics_page.h"
#include "net/http_client.h"
#include "net/postgres.h"

namespace usage::doctor {

struct DiskSpace {
  double size = 0;  // bytes
  double free = 0;  // for those who are not root
};

// Says nothing, or throws std::runtime_error with the reason.
using LookAtDisk = std::function<DiskSpace(const std::string& folder)>;
DiskSpace SpaceOf(const std::string& folder);

// A part that gives no answer, or a wrong one. The message names it and holds no secret.
class Silence : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The configuration, the time, and the ways to the other parts. Nothing of it changes anything
// anywhere: requests are GETs, database sessions are read only. Thread-safe.
class House {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  // The time of the checks begins here. `disk` is of the tests.
  House(std::string config_file, Config config, Instant now, LookAtDisk disk = SpaceOf);

  const std::string& config_file() const { return config_file_; }
  const Config& config() const { return config_; }
  const DoctorConfig& doctor() const { return config_.doctor; }
  Instant now() const { return now_; }
  DiskSpace Disk(const std::string& folder) const { return disk_(folder); }

  // When every check has to have ended.
  Deadline deadline() const { return deadline_; }
  // What one of `askers` that come one after the other may take of the time that is left, some
  // being kept for saying so.
  std::chrono::milliseconds Share(size_t askers = 1) const;

  // The body of an answer of status 200. Throws Silence.
  std::string Get(const HttpUrl& url, const std::string& path) const;
  // Is asked once for all who want it. Throws Silence, each time.
  bool HasExporterPage() const;
  const MetricsPage& ExporterPage() const { return PageOf(exporter_page_, doctor().exporter); }
  const MetricsPage& GatewayPage() const { return PageOf(gateway_page_, doctor().gateway_metrics); }

  // Throws PgError.
  std::unique_ptr<PgConnection> Open(const DatabaseConfig& database, Deadline deadline) const;

 private:
  struct SharedPage {
    std::once_flag once;
    MetricsPage page;
    std::string error;
  };

  const MetricsPage& PageOf(SharedPage& shared, const std::optional<HttpUrl>& url) const;
  HttpPeer PeerOf(const HttpUrl& url) const;
  bool IsOurs(const HttpUrl& url) const;

  const std::string config_file_;
  const Config config_;
  const Instant now_;
  const LookAtDisk disk_;
  const Deadline deadline_;
  std::string password_;
  mutable SharedPage exporter_page_;
  mutable SharedPage gateway_page_;
};

// Where Alertmanager is, as the configuration has it.
std::optional<HttpUrl> AlertmanagerUrl(const Config& config);
// The token file of usage_gateway; "" when nobody says.
std::string TokensFile(const Config& config);

}  // namespace usage::doctor
