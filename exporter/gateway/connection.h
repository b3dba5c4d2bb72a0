// One client's connection: the requests that come on it, one after the other.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "gateway/front_server.h"
#include "net/channel.h"
#include "net/http_message.h"
#include "net/web_gate.h"

namespace usage::gateway {

// Since when a connection waits for a request: steady nanoseconds; 0: it serves one.
using IdleSince = std::atomic<int64_t>;

// On a thread of its own.
class Connection {
 public:
  // `stopping`: an eventfd that speaks when the server stops. Borrows all.
  Connection(Channel* channel, Gateway* gateway, const FrontServer::Limits& limits,
             const std::map<std::string, std::string>& headers, TokenBucket* bucket, int stopping,
             IdleSince* idle_since);

  // Returns when the connection is to be closed.
  void Serve();

 private:
  enum class Next { kRequest, kClose };

  Next ReadHead();
  // False: the connection is of no use any more; an answer has been sent where one could be.
  bool ServeRequest();
  bool ReadBody(const BodyFrame& frame, std::string* body);
  bool ReadLength(uint64_t length, SteadyTime deadline, std::string* body);
  bool ReadChunks(SteadyTime deadline, std::string* body);
  std::optional<HttpFault> CheckHead(const RequestHead& head) const;
  bool Welcome(const RequestHead& head);
  void Refuse(const HttpFault& fault);
  void RefuseByRate();
  void Linger();

  Channel& channel_;
  Gateway& gateway_;
  const FrontServer::Limits& limits_;
  const std::map<std::string, std::string>& headers_;
  TokenBucket* const bucket_;
  const int stopping_;
  IdleSince* const idle_since_;
  const std::string remote_;
  InBuffer in_;
  InBuffer upstream_in_;
  std::string head_text_;  // what a RequestHead views
};

}  // namespace usage::gateway
