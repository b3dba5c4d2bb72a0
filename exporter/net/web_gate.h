// What a web config says of requests, once they have arrived: who may come in, how often, and
// which headers go out. Knows no socket.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "net/basic_auth.h"
#include "net/http_server.h"
#include "net/web_config.h"

namespace usage {

// A bucket that holds up to `burst` tokens and gets one every `interval`. Thread-safe.
class TokenBucket {
 public:
  using Clock = std::chrono::steady_clock;
  TokenBucket(std::chrono::milliseconds interval, int burst)
      : interval_(interval), tokens_(burst), burst_(burst) {}
  bool Take(Clock::time_point now);

 private:
  const std::chrono::duration<double, std::milli> interval_;
  std::mutex mutex_;
  double tokens_;
  const double burst_;
  std::optional<Clock::time_point> last_;
};

// Thread-safe.
class WebGate {
 public:
  explicit WebGate(const WebConfig& config);

  // The response for a request that may not come in; none for one that may, whose user it fills in.
  std::optional<HttpResponse> Refuse(HttpRequest* request);
  // The configured headers take the place of the response's own.
  void AddHeaders(HttpResponse* response) const;

 private:
  std::optional<HttpResponse> CheckUser(HttpRequest* request);

  const std::map<std::string, std::string> headers_;
  std::optional<TokenBucket> bucket_;
  std::optional<BasicAuth> auth_;
};

}  // namespace usage
