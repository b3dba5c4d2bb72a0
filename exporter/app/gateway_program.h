// usage_gateway from its flags to its end.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "app/server_flags.h"
#include "gateway/front_server.h"
#include "gateway/gateway.h"
#include "net/http_server.h"

namespace usage {

struct GatewayFlags : ServerFlags {
  std::string telemetry_address;
};

// Reads and checks both files and the token file. Throws std::runtime_error with every fault.
gateway::GatewayConfig CheckGatewayFiles(const GatewayFlags& flags);

class GatewayProgram {
 public:
  // Throws as CheckGatewayFiles does.
  explicit GatewayProgram(GatewayFlags flags);
  ~GatewayProgram();

  // Serves until SIGTERM or SIGINT; SIGHUP reloads. The signals must be blocked already. Throws
  // std::runtime_error when an address can't be had.
  void Run();

 private:
  void AddTelemetry();
  std::string MetricsPage() const;
  void Reload();

  const GatewayFlags flags_;
  const double started_;
  std::atomic<bool> reload_ok_{true};
  std::atomic<bool> is_stopping_{false};
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<gateway::FrontServer> front_;
  std::unique_ptr<HttpServer> telemetry_;  // the last member: its threads use the others
};

}  // namespace usage
