// One request from its token to the end of its answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/gateway.h"
#include "gateway/request_shape.h"

namespace usage::gateway {

// On the connection's thread; used once. Borrows everything.
class RequestRun {
 public:
  RequestRun(Gateway* gateway, const RequestHead& head, std::string_view body,
             const std::string& remote, InBuffer* buffer, ResponseWriter* writer);

  void Run();

 private:
  void Identify();
  void TakeRate();
  void ShapeRequest();
  void Answer();
  FairQueue::Place Enter();

  // The upstream's answer as it comes.
  void Pass();
  std::optional<CacheKey> KeyOfCacheable(bool gzip) const;
  bool SendCached(const CacheKey& key);
  static AnswerHead HeadOf(const UpstreamExchange& exchange);
  void SendWhole(const AnswerHead& head, std::string body, const std::optional<CacheKey>& key);
  void Stream(UpstreamExchange* exchange, std::string held);
  // The upstream's answer, changed: it is held as a whole.
  void Filter();
  std::optional<std::string> Filtered(const std::string& json);
  std::string Fetch(std::string_view path, std::string_view form, int* status);
  void SendBuildInfo();
  void SendError(const Refusal& refusal);

  void Start(UpstreamExchange* exchange, std::string_view path, std::string_view form, bool gzip);
  // Reads until the end or until `most` bytes are exceeded. True: all of it is there.
  bool Collect(UpstreamExchange* exchange, uint64_t most, std::string* held);
  void CheckSize(const UpstreamExchange& exchange) const;
  [[noreturn]] void ThrowFault(UpstreamFault fault) const;
  void Record() const;

  bool is_operator() const { return identity_.scope == Scope::kOperator; }
  // Of its own limits and its own lane at the upstream.
  std::string lane() const;

  Gateway& gateway_;
  const RequestHead& head_;
  const std::string_view body_;
  const std::string& remote_;
  InBuffer& buffer_;
  ResponseWriter& writer_;
  const std::shared_ptr<const GatewaySettings> settings_;
  const SteadyTime begun_;
  bool is_known_ = false;  // Identify has been successful
  Identity identity_;
  TenantMatcher matcher_;
  const TenantLimits* limits_;
  ShapedRequest shaped_;
  std::string_view endpoint_ = "none";
  std::string_view reason_;  // of a refusal
};

}  // namespace usage::gateway
