#include "grafana/live_client.h"

#include "core/version.h"

namespace usage::grafana {
namespace {

// What a tenant's panel subscribes to is stream/usage/<measurement>.
constexpr char kPushPath[] = "/api/live/push/usage";

HttpPeer PeerOf(const GrafanaConfig& grafana, std::chrono::milliseconds timeout) {
  return {grafana.url, grafana.ca_file, timeout, timeout};
}

// What an error page says is of no use.
HttpCall CallOf(const std::string& token, const std::string& lines) {
  return {.method = "POST",
          .path = kPushPath,
          .headers = {{"Authorization", "Bearer " + token},
                      {"Content-Type", "text/plain; charset=utf-8"},
                      {"User-Agent", std::string("usage_exporter/") + kVersion}},
          .body = lines,
          .wants_body = false};
}

}  // namespace

LiveClient::LiveClient(const GrafanaConfig& grafana, std::chrono::milliseconds timeout)
    : url_(grafana.url.Origin() + grafana.url.path), http_(PeerOf(grafana, timeout)) {}

void LiveClient::Cancel() { http_.Cancel(); }

PushAnswer LiveClient::Push(const std::string& token, const std::string& lines) {
  const HttpAnswer answer = http_.Send(CallOf(token, lines));
  if (answer.status != 0) return Judge(answer.status);
  return {PushAnswer::Kind::kNoAnswer, url_ + " gives no answer (" + answer.error +
                                           "); is Grafana there, and grafana.url right?"};
}

PushAnswer LiveClient::Judge(int status) const {
  const std::string answer = url_ + " answers " + std::to_string(status) + " to a live push";
  if (status >= 200 && status < 300) return {};
  if (status == 401 || status == 403) {
    return {PushAnswer::Kind::kRefused, answer +
                                            ": the token of its org is not good any more; "
                                            "run 'usagectl grafana apply'"};
  }
  return {PushAnswer::Kind::kRejected, answer + "; see Grafana's log"};
}

}  // namespace usage::grafana
