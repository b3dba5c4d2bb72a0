// Requests to the Prometheus behind the gateway.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/channel.h"
#include "net/http_reply.h"
#include "net/tls_client.h"

namespace usage::gateway {

struct UpstreamConfig {
  std::string host;  // without brackets
  int port = 9090;
  std::string prefix;  // in front of every path: "" or "/prometheus"
  bool tls = false;
  std::string ca_file;              // PEM; "": the system's
  std::string cert_file, key_file;  // the gateway's own, for an upstream that asks; or ""
  std::string server_name;          // of the certificate; "": host
  std::string authorization;        // a whole header value, a secret; or ""
  std::map<std::string, std::string> headers{};  // sent with every request, such as X-Scope-OrgID
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{120'000};  // of a whole answer's head, and between its parts
  int max_concurrent = 20;  // requests at once: Prometheus' own --query.max-concurrency
  int max_idle = 64;        // connections kept

  friend bool operator==(const UpstreamConfig&, const UpstreamConfig&) = default;
};

enum class UpstreamFault {
  kNone,
  kUnreachable,   // no connection
  kDisconnected,  // in the middle of it
  kTimeout,
  kMalformed,   // not HTTP as the gateway reads it
  kClientGone,  // the watch spoke: nobody wants the answer any more
};

struct UpstreamRequest {
  std::string_view method;
  std::string_view path;  // without the prefix
  std::string_view form;  // encoded: behind the path of a GET, the body of a POST
  bool gzip = false;      // what the client takes
};

// Connections to one upstream, kept for the next request. Thread-safe.
class UpstreamPool {
 public:
  // Throws std::runtime_error when the TLS files can't be used.
  explicit UpstreamPool(UpstreamConfig config);

  const UpstreamConfig& config() const { return config_; }
  // One that was kept and is still open; null: none.
  std::unique_ptr<Channel> TakeIdle();
  // A new one; null: unreachable, or `deadline` or the watch ended it.
  std::unique_ptr<Channel> Connect(Watch watch, UpstreamFault* fault);
  void Keep(std::unique_ptr<Channel> channel);
  // The constant part of a request's head, from "Host:" on.
  const std::string& fixed_headers() const { return fixed_headers_; }

 private:
  SSL* NewSsl() const;

  const UpstreamConfig config_;
  std::string fixed_headers_;
  std::optional<TlsClient> tls_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Channel>> idle_;  // guarded; the last is the warmest
};

// One request and its answer, on the thread of the client's connection. Going out of scope before
// the answer's end closes the connection, by which Prometheus gives the query up.
class UpstreamExchange {
 public:
  // `watch`: the client's hang-up, which ends every wait.
  UpstreamExchange(std::shared_ptr<UpstreamPool> pool, InBuffer* buffer, Watch watch);
  ~UpstreamExchange();

  // Sends it and reads the answer's head. Sent once more where a kept connection turns out to be
  // closed before a byte of the answer came: everything asked here only reads.
  UpstreamFault Start(const UpstreamRequest& request);
  const ResponseHead& head() const { return reply_->head(); }

  // Appends the next piece of the body to `*out`; waits for it. `*done`: that was the end.
  UpstreamFault ReadBody(std::string* out, bool* done);
  // The body's size, where the head tells it.
  std::optional<uint64_t> length() const { return reply_->length(); }

 private:
  UpstreamFault Send(const UpstreamRequest& request);
  UpstreamFault ReadHead();
  void Finish();

  const std::shared_ptr<UpstreamPool> pool_;
  InBuffer* const buffer_;
  const Watch watch_;
  SteadyTime deadline_;
  std::unique_ptr<Channel> channel_;
  std::optional<HttpReply> reply_;  // of channel_
};

}  // namespace usage::gateway
