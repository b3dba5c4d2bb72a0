#include "gateway/request_run.h"

#include <algorithm>
#include <cmath>

#include "core/clock.h"
#include "core/version.h"
#include "gateway/response_filter.h"

namespace usage::gateway {
namespace {

// So much of an answer is held back, so that an answer that turns out to be too large, or that
// breaks off, can still be an error and not half an answer.
constexpr uint64_t kHeldBytes = 1024 * 1024;
// An answer that has to be filtered is held whole.
constexpr uint64_t kMostFilteredBytes = 64 * 1024 * 1024;

// As nginx calls it: no answer, for nobody waits for one.
constexpr int kClientClosed = 499;

// Ends the request; caught in Run.
struct Refused {
  Refusal refusal;
};

// Nobody is there any more to be answered.
struct ClientGone {};

[[noreturn]] void Throw(Refusal refusal) { throw Refused{std::move(refusal)}; }

std::chrono::steady_clock::time_point Now() { return std::chrono::steady_clock::now(); }

double SecondsSince(SteadyTime begin) {
  return std::chrono::duration<double>(Now() - begin).count();
}

// RFC 9110 12.5.3, as far as it is about gzip: named, and not with a weight of zero.
bool TakesGzip(const HttpFields& fields) {
  for (const HttpField& field : fields) {
    if (!SameName(field.name, "Accept-Encoding")) continue;
    size_t at = field.value.find("gzip");
    if (at == std::string_view::npos) continue;
    std::string_view rest = field.value.substr(at + 4);
    rest = rest.substr(0, rest.find(','));
    size_t weight = rest.find("q=0");
    bool refused = weight != std::string_view::npos &&
                   rest.find_first_of("123456789", weight) == std::string_view::npos;
    return !refused;
  }
  return false;
}

bool IsJson(std::string_view content_type) {
  return SameName(content_type.substr(0, content_type.find(';')), "application/json");
}

}  // namespace

RequestRun::RequestRun(Gateway* gateway, const RequestHead& head, std::string_view body,
                       const std::string& remote, InBuffer* buffer, ResponseWriter* writer)
    : gateway_(*gateway),
      head_(head),
      body_(body),
      remote_(remote),
      buffer_(*buffer),
      writer_(*writer),
      settings_(gateway->settings()),
      begun_(Now()),
      limits_(&settings_->config.limits) {}

void RequestRun::Run() {
  try {
    Identify();
    TakeRate();
    ShapeRequest();
    Answer();
  } catch (const Refused& refused) {
    SendError(refused.refusal);
  } catch (const ClientGone&) {
    reason_ = "client_gone";
    writer_.Abort();
  } catch (const std::exception& e) {
    SendError({500, "internal", "an internal error of usage_gateway", "internal"});
  }
  Record();
}

std::string RequestRun::lane() const {
  // No tenant begins with a control character.
  return is_operator() ? "\x01" + identity_.token_id : identity_.tenant;
}

void RequestRun::Identify() {
  PresentedToken presented = TokenOf(head_.fields, settings_->config.token_header);
  if (!presented.fault.empty()) Throw({400, "bad_data", presented.fault, "token"});
  auto table = settings_->tokens->table();
  const TokenRecord* record = presented.token.empty() ? nullptr : table->Find(presented.token);
  if (record == nullptr || record->is_expired(SystemClock().Now())) {
    Throw({401, "unauthorized", "a valid token is needed", "token"});
  }
  is_known_ = true;
  identity_ = {record->scope, record->tenant, record->id()};
  matcher_ = {settings_->config.label, record->tenant};
  limits_ =
      is_operator() ? &settings_->config.operators : &settings_->config.LimitsOf(identity_.tenant);
}

void RequestRun::TakeRate() {
  auto wait = gateway_.BucketOf(lane()).Take(limits_->requests_per_second, limits_->burst, Now());
  if (wait.count() <= 0) return;
  Throw({429, "too_many_requests", "too many requests (limit requests_per_second of usage_gateway)",
         "limit", "requests_per_second", static_cast<int>(std::ceil(wait.count()))});
}

void RequestRun::ShapeRequest() {
  const Endpoint* endpoint = FindEndpoint(head_.target.substr(0, head_.target.find('?')));
  if (endpoint != nullptr) endpoint_ = endpoint->name;
  ClientRequest request{head_.method, head_.target, head_.fields.Value("Content-Type"), body_};
  if (head_.fields.Count("Content-Encoding") > 0) {
    Throw({415, "bad_data", "a request's body must not be encoded"});
  }
  auto shaped = Shape(request, is_operator() ? nullptr : &matcher_, *limits_);
  if (auto* refusal = std::get_if<Refusal>(&shaped)) Throw(std::move(*refusal));
  shaped_ = std::move(std::get<ShapedRequest>(shaped));
}

void RequestRun::Answer() {
  switch (shaped_.endpoint->treatment) {
    case Treatment::kPass:
      return Pass();
    case Treatment::kFilterRules:
    case Treatment::kFilterAlerts:
      return is_operator() ? Pass() : Filter();
    case Treatment::kFilterMetadata:
      return Filter();
    case Treatment::kOwnBuildInfo:
      return SendBuildInfo();
  }
}

FairQueue::Place RequestRun::Enter() {
  FairQueue::Limits limits{limits_->max_concurrent, limits_->max_queued, limits_->queue_timeout};
  FairQueue::Place place = gateway_.queue().Enter(lane(), limits, writer_.client());
  switch (place.verdict) {
    case FairQueue::Verdict::kGranted:
      return place;
    case FairQueue::Verdict::kClientGone:
      throw ClientGone();
    case FairQueue::Verdict::kFull:
    case FairQueue::Verdict::kTimeout:
      break;
  }
  Throw({429, "too_many_requests",
         "too many queries at once (limit max_concurrent of usage_gateway)", "limit",
         "max_concurrent", 1});
}

void RequestRun::Start(UpstreamExchange* exchange, std::string_view path, std::string_view form,
                       bool gzip) {
  UpstreamFault fault = exchange->Start({head_.method, path, form, gzip});
  if (fault != UpstreamFault::kNone) ThrowFault(fault);
  int status = exchange->head().status;
  if (status >= 300 && status < 400) {
    Throw({502, "unavailable", "the upstream answered with a redirect", "upstream"});
  }
}

void RequestRun::ThrowFault(UpstreamFault fault) const {
  switch (fault) {
    case UpstreamFault::kClientGone:
      throw ClientGone();
    case UpstreamFault::kTimeout:
      Throw({504, "timeout", "the upstream did not answer in time", "upstream"});
    case UpstreamFault::kMalformed:
      Throw({502, "unavailable", "the upstream's answer can't be understood", "upstream"});
    case UpstreamFault::kUnreachable:
      Throw({502, "unavailable", "the upstream can't be reached", "upstream"});
    case UpstreamFault::kDisconnected:
    case UpstreamFault::kNone:
      break;
  }
  Throw({502, "unavailable", "the upstream broke the connection off", "upstream"});
}

void RequestRun::CheckSize(const UpstreamExchange& exchange) const {
  uint64_t most = limits_->max_response_bytes;
  if (most == 0 || exchange.length().value_or(0) <= most) return;
  Throw(LimitHit("max_response_bytes",
                 "the answer is larger than " + std::to_string(most) + " bytes"));
}

bool RequestRun::Collect(UpstreamExchange* exchange, uint64_t most, std::string* held) {
  uint64_t limit = limits_->max_response_bytes == 0 ? UINT64_MAX : limits_->max_response_bytes;
  CheckSize(*exchange);
  for (bool done = false; !done;) {
    UpstreamFault fault = exchange->ReadBody(held, &done);
    if (fault != UpstreamFault::kNone) ThrowFault(fault);
    if (held->size() > limit) {
      Throw(LimitHit("max_response_bytes",
                     "the answer is larger than " + std::to_string(limit) + " bytes"));
    }
    if (done) return true;
    if (held->size() > most) return false;
  }
  return true;
}

std::optional<CacheKey> RequestRun::KeyOfCacheable(bool gzip) const {
  if (!settings_->cache || !shaped_.step) return std::nullopt;
  bool cacheable = IsCacheable(*shaped_.start, *shaped_.end, *shaped_.step,
                               UnixSeconds(SystemClock().Now()), settings_->config.cache.recent);
  if (!cacheable) return std::nullopt;
  return CacheKey{identity_.tenant, is_operator(), shaped_.path, shaped_.form, gzip};
}

void RequestRun::Pass() {
  bool gzip = TakesGzip(head_.fields);
  std::optional<CacheKey> key = KeyOfCacheable(gzip);
  if (key && SendCached(*key)) return;
  FairQueue::Place place = Enter();
  SteadyTime asked = Now();
  UpstreamExchange exchange(settings_->pool, &buffer_, writer_.client());
  Start(&exchange, shaped_.path, shaped_.form, gzip);
  std::string held;
  bool whole = Collect(&exchange, kHeldBytes, &held);
  // Prometheus writes once the query is over.
  place.LeaveUpstream();
  AnswerHead head = HeadOf(exchange);
  if (whole) {
    SendWhole(head, std::move(held), key);
  } else {
    writer_.Begin(head, exchange.length());
    Stream(&exchange, std::move(held));
  }
  gateway_.metrics().ObserveUpstream(identity_.tenant, SecondsSince(asked));
}

AnswerHead RequestRun::HeadOf(const UpstreamExchange& exchange) {
  const ResponseHead& from = exchange.head();
  AnswerHead head;
  head.status = from.status;
  head.content_type = from.fields.Value("Content-Type");
  head.content_encoding = from.fields.Value("Content-Encoding");
  if (head.status < 400 || IsJson(head.content_type)) return head;
  // Of something in between, not of Prometheus.
  Throw({head.status, "unavailable", "the upstream answered " + std::to_string(head.status),
         "upstream"});
}

void RequestRun::SendWhole(const AnswerHead& head, std::string body,
                           const std::optional<CacheKey>& key) {
  if (!key || head.status != 200) return writer_.Send(head, body);
  auto answer = std::make_shared<const CachedAnswer>(
      CachedAnswer{head.content_type, head.content_encoding, std::move(body)});
  // Before it is sent: who has the answer may ask again at once.
  settings_->cache->Keep(*key, answer, Now());
  writer_.Send(head, answer->body);
}

bool RequestRun::SendCached(const CacheKey& key) {
  auto answer = settings_->cache->Find(key, Now());
  if (!answer) return false;
  AnswerHead head;
  head.content_type = answer->content_type;
  head.content_encoding = answer->content_encoding;
  writer_.Send(head, answer->body);
  return true;
}

// The client's pace is the upstream's: what is not taken is not read.
void RequestRun::Stream(UpstreamExchange* exchange, std::string held) {
  bool done = false;
  uint64_t limit = limits_->max_response_bytes == 0 ? UINT64_MAX : limits_->max_response_bytes;
  while (writer_.Write(held) && !done) {
    held.clear();
    UpstreamFault fault = exchange->ReadBody(&held, &done);
    bool too_large = writer_.body_bytes() + held.size() > limit;
    if (too_large) gateway_.metrics().CountLimit(identity_.tenant, "max_response_bytes");
    if (fault == UpstreamFault::kNone && !too_large) continue;
    reason_ = too_large                             ? "limit"
              : fault == UpstreamFault::kClientGone ? "client_gone"
                                                    : "upstream";
    return writer_.Abort();
  }
  writer_.End();
}

std::string RequestRun::Fetch(std::string_view path, std::string_view form, int* status) {
  SteadyTime asked = Now();
  UpstreamExchange exchange(settings_->pool, &buffer_, writer_.client());
  Start(&exchange, path, form, false);
  std::string body;
  if (!Collect(&exchange, kMostFilteredBytes, &body)) {
    Throw({502, "unavailable", "the upstream's answer is too large to be filtered", "upstream"});
  }
  *status = exchange.head().status;
  bool is_error = *status >= 400 && IsJson(exchange.head().fields.Value("Content-Type"));
  if (*status != 200 && !is_error) {
    Throw({std::max(*status, 400), "unavailable",
           "the upstream answered " + std::to_string(*status), "upstream"});
  }
  gateway_.metrics().ObserveUpstream(identity_.tenant, SecondsSince(asked));
  return body;
}

void RequestRun::Filter() {
  FairQueue::Place place = Enter();
  int status = 0;
  std::string json = Fetch(shaped_.path, shaped_.form, &status);
  AnswerHead head;
  head.status = status;
  if (status != 200) return writer_.Send(head, json);
  std::optional<std::string> filtered = Filtered(json);
  if (!filtered) {
    Throw({502, "unavailable", "the upstream's answer can't be understood", "upstream"});
  }
  writer_.Send(head, *filtered);
}

std::optional<std::string> RequestRun::Filtered(const std::string& json) {
  switch (shaped_.endpoint->treatment) {
    case Treatment::kFilterRules:
      return FilterRules(json, matcher_);
    case Treatment::kFilterAlerts:
      return FilterAlerts(json, matcher_);
    case Treatment::kPass:
    case Treatment::kOwnBuildInfo:
    case Treatment::kFilterMetadata:
      break;
  }
  MetadataLimits limits{shaped_.limit, shaped_.limit_per_metric};
  if (is_operator()) return FilterMetadata(json, nullptr, limits);
  int status = 0;
  std::string form = EncodeForm({{"match[]", SelectorOf(matcher_)}});
  std::string answer = Fetch("/api/v1/label/__name__/values", form, &status);
  auto names = status == 200 ? ReadLabelValues(answer) : std::nullopt;
  return names ? FilterMetadata(json, &*names, limits) : std::nullopt;
}

// Of the gateway, not of the upstream: that one's flags and features are no tenant's business, and
// by "features" Grafana would take it for a Mimir.
void RequestRun::SendBuildInfo() {
  std::string revision = std::string("usage_gateway-") + kVersion;
  writer_.Send(
      {}, "{\"status\":\"success\",\"data\":{\"version\":" +
              JsonString(settings_->config.api_version) + ",\"revision\":" + JsonString(revision) +
              ",\"branch\":\"\",\"buildUser\":\"\",\"buildDate\":\"\",\"goVersion\":\"\"}}");
}

void RequestRun::SendError(const Refusal& refusal) {
  reason_ = refusal.reason;
  gateway_.metrics().CountRefusal(identity_.tenant, refusal.reason);
  if (*refusal.limit != '\0') gateway_.metrics().CountLimit(identity_.tenant, refusal.limit);
  if (writer_.is_begun()) return writer_.Abort();
  AnswerHead head;
  head.status = refusal.status;
  if (refusal.status == 401) head.headers["WWW-Authenticate"] = "Bearer realm=\"usage_gateway\"";
  if (refusal.retry_after > 0) head.headers["Retry-After"] = std::to_string(refusal.retry_after);
  head.headers["Allow"] = refusal.allow;
  writer_.Send(head, ErrorJson(refusal.error_type, refusal.message));
}

void RequestRun::Record() const {
  int status = writer_.is_begun() ? writer_.status() : kClientClosed;
  gateway_.metrics().CountRequest(identity_.tenant, endpoint_, status);
  gateway_.metrics().CountBytes(identity_.tenant, writer_.body_bytes());
  AuditRecord record;
  record.time = SystemClock().Now();
  record.tenant = identity_.tenant;
  record.scope = !is_known_ ? "none" : is_operator() ? "operator" : "tenant";
  record.token_id = identity_.token_id;
  record.user = head_.fields.Value("X-Grafana-User");
  record.remote = remote_;
  record.endpoint = endpoint_;
  record.method = head_.method;
  record.status = status;
  record.seconds = SecondsSince(begun_);
  record.bytes = writer_.body_bytes();
  record.reason = reason_;
  record.query = shaped_.asked;
  settings_->audit->Write(record);
}

}  // namespace usage::gateway
