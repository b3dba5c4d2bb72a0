#include "gateway/gateway.h"

#include <algorithm>
#include <utility>

#include "core/clock.h"
#include "gateway/refusal.h"
#include "gateway/request_run.h"

namespace usage::gateway {
namespace {

std::vector<TokenExpiry> ExpiriesOf(const std::vector<TokenRecord>& records) {
  std::vector<TokenExpiry> expiries;
  for (const TokenRecord& record : records) {
    if (record.expires) expiries.push_back({record.tenant, record.id(), *record.expires});
  }
  return expiries;
}

}  // namespace

std::chrono::duration<double> RateBucket::Take(int per_second, int burst, SteadyTime now) {
  std::lock_guard lock(mutex_);
  std::chrono::duration<double> passed = now - std::exchange(last_, now);
  if (per_second == 0) return {};
  used_ = std::max(0.0, used_ - passed.count() * per_second);
  if (used_ + 1 <= burst) {
    used_ += 1;
    return {};
  }
  return std::chrono::duration<double>((used_ + 1 - burst) / per_second);
}

Gateway::Gateway(GatewayConfig config, GatewayLog log)
    : log_(std::move(log)),
      metrics_(std::make_unique<GatewayMetrics>(config.label)),
      queue_(config.upstream.max_concurrent) {
  settings_ = MakeSettings(std::move(config), nullptr);
}

Gateway::~Gateway() = default;

std::shared_ptr<TokenStore> Gateway::MakeTokens(const std::string& path) {
  auto store = std::make_shared<TokenStore>(path, [this](size_t count, const std::string& error) {
    tokens_ok_ = error.empty();
    if (error.empty()) {
      log_.info("token file reloaded, " + std::to_string(count) + " token(s)");
    } else {
      log_.error("the old tokens stay: " + error);
    }
  });
  store->Watch();
  return store;
}

// Takes over from the old one what is made from the same configuration.
std::shared_ptr<const GatewaySettings> Gateway::MakeSettings(GatewayConfig config,
                                                             const GatewaySettings* old) {
  auto made = std::make_shared<GatewaySettings>();
  bool same_upstream = old != nullptr && old->config.upstream == config.upstream;
  made->pool = same_upstream ? old->pool : std::make_shared<UpstreamPool>(config.upstream);
  bool same_tokens = old != nullptr && old->config.tokens_file == config.tokens_file;
  made->tokens = same_tokens ? old->tokens : MakeTokens(config.tokens_file);
  bool same_audit = old != nullptr && old->config.audit == config.audit;
  made->audit = same_audit ? old->audit : std::make_shared<AuditLog>(config.audit, log_.query_text);
  bool same_cache = same_upstream && old->config.cache == config.cache;
  if (same_cache) made->cache = old->cache;
  if (!same_cache && config.cache.max_bytes > 0) {
    made->cache = std::make_shared<ResultCache>(config.cache.max_bytes, config.cache.keep);
  }
  made->config = std::move(config);
  return made;
}

void Gateway::Reload(GatewayConfig config) {
  int capacity = config.upstream.max_concurrent;
  auto renewed = MakeSettings(std::move(config), settings().get());
  queue_.SetCapacity(capacity);
  std::lock_guard lock(mutex_);
  settings_ = std::move(renewed);
}

void Gateway::Refresh() {
  auto settings = this->settings();
  settings->tokens->Refresh();
  settings->audit->Reopen();
}

std::shared_ptr<const GatewaySettings> Gateway::settings() const {
  std::lock_guard lock(mutex_);
  return settings_;
}

RateBucket& Gateway::BucketOf(const std::string& tenant) {
  std::lock_guard lock(mutex_);
  std::unique_ptr<RateBucket>& bucket = buckets_[tenant];
  if (!bucket) bucket = std::make_unique<RateBucket>();
  return *bucket;
}

void Gateway::Describe(GatewayGauges* gauges) const {
  auto settings = this->settings();
  gauges->running = queue_.running();
  gauges->waiting = queue_.waiting();
  const auto tokens = settings->tokens->table();
  gauges->tokens = tokens->size();
  gauges->expiries = ExpiriesOf(tokens->records());
  gauges->tokens_reload_ok = tokens_ok_;
  if (!settings->cache) return;
  gauges->cache_hits = settings->cache->hits();
  gauges->cache_misses = settings->cache->misses();
}

void Gateway::Handle(const RequestHead& head, std::string_view body, const std::string& remote,
                     InBuffer* buffer, ResponseWriter* writer) {
  RequestRun(this, head, body, remote, buffer, writer).Run();
}

void Gateway::Refuse(const HttpFault& fault, const std::string& remote, ResponseWriter* writer) {
  AnswerHead head;
  head.status = fault.status;
  writer->CloseAfterwards();
  writer->Send(head, ErrorJson("bad_data", fault.message));
  metrics_->CountRequest("", "none", fault.status);
  metrics_->CountRefusal("", "http");
  AuditRecord record;
  record.time = SystemClock().Now();
  record.scope = "none";
  record.remote = remote;
  record.endpoint = "none";
  record.status = fault.status;
  record.reason = "http";
  settings()->audit->Write(record);
}

}  // namespace usage::gateway
