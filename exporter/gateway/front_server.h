// The listener that tenants reach: connections, and the requests on them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "gateway/gateway.h"
#include "net/web_config.h"

namespace usage::gateway {

// A thread for each connection, which talks to the client and to the upstream. Not an event loop: a
// request waits for one upstream, whose own limit (20 queries at once) is far below what threads
// are good for; what a thread does then reads from top to bottom; and a large expression or answer
// that has to be parsed holds nobody else up.
class FrontServer {
 public:
  struct Limits {
    // For a further one the connection goes that has waited longest for a request; 503 when all
    // of them serve one.
    int connections = 1000;
    size_t body_bytes = 2 * 1024 * 1024;
    std::chrono::milliseconds handshake{10'000};
    std::chrono::milliseconds head{10'000};  // from a head's first byte to its last
    std::chrono::milliseconds body{30'000};
    std::chrono::milliseconds idle{120'000};  // Go's clients, Grafana too, let go after 90 s
    std::chrono::milliseconds drain{10'000};  // of requests under way, when it stops
  };
  struct Options {
    std::string listen_address = "127.0.0.1:9813";
    // Users are not asked here: tokens are.
    WebConfig web;
    Limits limits;
    std::function<void(const std::string&)> log_error;  // any thread
  };

  FrontServer(Options options, Gateway* gateway);
  ~FrontServer();  // Stop()

  // Throws std::runtime_error that names the address and the remedy.
  void Start();
  int port() const;
  std::string url() const;
  int connections() const;

  // Headers and rate limit, from the next connection on. Throws std::runtime_error for a changed
  // tls_server_config, and changes nothing then. Thread-safe.
  void SetWebConfig(WebConfig web);

  // Lets requests under way finish, then closes every connection. Idempotent.
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace usage::gateway
