#include "net/web_gate.h"

#include <strings.h>

#include <algorithm>

namespace usage {
namespace {

HttpResponse Refusal(int status, const std::string& text) {
  HttpResponse response;
  response.status = status;
  response.body = text + "\n";
  return response;
}

HttpResponse AskForPassword() {
  HttpResponse response = Refusal(401, "Unauthorized");
  response.headers.emplace("WWW-Authenticate", "Basic realm=\"usage\", charset=\"UTF-8\"");
  return response;
}

HttpResponse AskToWait(int status, const std::string& text) {
  HttpResponse response = Refusal(status, text);
  response.headers.emplace("Retry-After", "1");
  return response;
}

}  // namespace

bool TokenBucket::Take(Clock::time_point now) {
  std::lock_guard lock(mutex_);
  if (last_) tokens_ = std::min(burst_, tokens_ + (now - *last_) / interval_);
  last_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

WebGate::WebGate(const WebConfig& config) : headers_(config.headers) {
  const RateLimitConfig& limit = config.rate_limit;
  if (limit.interval.count() > 0) bucket_.emplace(limit.interval, limit.burst);
  if (!config.basic_auth_users.empty()) auth_.emplace(config.basic_auth_users);
}

std::optional<HttpResponse> WebGate::Refuse(HttpRequest* request) {
  if (bucket_ && !bucket_->Take(TokenBucket::Clock::now())) {
    return AskToWait(429, "Too many requests");
  }
  return auth_ ? CheckUser(request) : std::nullopt;
}

std::optional<HttpResponse> WebGate::CheckUser(HttpRequest* request) {
  auto credentials = ParseBasicAuthorization(request->header("authorization"));
  if (!credentials) return AskForPassword();
  switch (auth_->Check(*credentials)) {
    case BasicAuth::Verdict::kDenied:
      return AskForPassword();
    case BasicAuth::Verdict::kBusy:
      return AskToWait(503, "Too many passwords to check at once");
    case BasicAuth::Verdict::kAllowed:
      break;
  }
  request->user = credentials->user;
  return std::nullopt;
}

void WebGate::AddHeaders(HttpResponse* response) const {
  for (const auto& [name, value] : headers_) {
    std::erase_if(response->headers, [&, &name = name](const auto& own) {
      return strcasecmp(own.first.c_str(), name.c_str()) == 0;
    });
    response->headers.emplace(name, value);
  }
}

}  // namespace usage
