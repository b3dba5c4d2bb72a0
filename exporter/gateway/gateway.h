// The gateway itself: one request in, one answer out.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "gateway/audit_log.h"
#include "gateway/fair_queue.h"
#include "gateway/gateway_config.h"
#include "gateway/gateway_metrics.h"
#include "gateway/response_writer.h"
#include "gateway/result_cache.h"
#include "gateway/token_store.h"
#include "net/http_message.h"

namespace usage::gateway {

// A bucket of tokens, one for each request. Thread-safe.
class RateBucket {
 public:
  // Zero: taken. Else how long until there would be one.
  std::chrono::duration<double> Take(int per_second, int burst, SteadyTime now);

 private:
  std::mutex mutex_;
  double used_ = 0;  // of the burst
  SteadyTime last_{};
};

// What the requests that began with one configuration use together.
struct GatewaySettings {
  GatewayConfig config;
  std::shared_ptr<UpstreamPool> pool;
  std::shared_ptr<TokenStore> tokens;
  std::shared_ptr<AuditLog> audit;
  std::shared_ptr<ResultCache> cache;  // null: off
};

struct GatewayLog {
  std::function<void(const std::string&)> info, error;  // any thread
  bool query_text = false;                              // in the audit log
};

// Thread-safe.
class Gateway {
 public:
  // Throws std::runtime_error when a file that the config names can't be used.
  Gateway(GatewayConfig config, GatewayLog log);
  ~Gateway();

  // Answers by `writer`, on the connection's thread. `buffer` is empty and the thread's own.
  void Handle(const RequestHead& head, std::string_view body, const std::string& remote,
              InBuffer* buffer, ResponseWriter* writer);
  // An answer to what is not even a request.
  void Refuse(const HttpFault& fault, const std::string& remote, ResponseWriter* writer);

  // From the next request on; those under way keep what they began with. Throws as the constructor
  // does, and then nothing is changed.
  void Reload(GatewayConfig config);
  // Looks for a new token file at once, and opens the audit log anew.
  void Refresh();

  GatewayMetrics& metrics() { return *metrics_; }
  // Fills in what the gateway knows.
  void Describe(GatewayGauges* gauges) const;
  std::shared_ptr<const GatewaySettings> settings() const;
  FairQueue& queue() { return queue_; }
  RateBucket& BucketOf(const std::string& tenant);

 private:
  std::shared_ptr<const GatewaySettings> MakeSettings(GatewayConfig config,
                                                      const GatewaySettings* old);
  std::shared_ptr<TokenStore> MakeTokens(const std::string& path);

  const GatewayLog log_;
  const std::unique_ptr<GatewayMetrics> metrics_;
  std::atomic<bool> tokens_ok_{true};
  FairQueue queue_;
  mutable std::mutex mutex_;
  std::shared_ptr<const GatewaySettings> settings_;             // guarded by mutex_
  std::map<std::string, std::unique_ptr<RateBucket>> buckets_;  // guarded; never erased
};

}  // namespace usage::gateway
