#include "grafana/live_client.h"

#include <httplib.h>

#include <stdexcept>

#include "core/version.h"

namespace usage::grafana {
namespace {

// What a tenant's panel subscribes to is stream/usage/<measurement>.
constexpr char kPushPath[] = "/api/live/push/usage";

}  // namespace

class LiveClient::Connection {
 public:
  Connection(const GrafanaConfig& grafana, std::chrono::milliseconds timeout)
      : client_(grafana.url.Origin()) {
    client_.set_keep_alive(true);
    client_.set_tcp_nodelay(true);
    client_.set_follow_location(false);
    client_.set_connection_timeout(timeout);
    client_.set_read_timeout(timeout);
    client_.set_write_timeout(timeout);
    if (!grafana.url.tls) return;
    client_.enable_server_certificate_verification(true);
    if (!grafana.ca_file.empty()) client_.set_ca_cert_path(grafana.ca_file.c_str());
  }

  // The status, or 0 and why there is none.
  int Post(const std::string& path, const std::string& token, const std::string& body,
           std::string* why) {
    httplib::Request request;
    request.method = "POST";
    request.path = path;
    request.body = body;
    request.headers = {{"Authorization", "Bearer " + token},
                       {"Content-Type", "text/plain; charset=utf-8"},
                       {"User-Agent", std::string("usage_exporter/") + kVersion}};
    // What an error page says is of no use, however long it is.
    request.content_receiver = [](const char*, size_t, uint64_t, uint64_t) { return true; };
    const httplib::Result result = client_.send(request);
    if (!result) *why = httplib::to_string(result.error());
    return result ? result->status : 0;
  }

  void Cancel() { client_.stop(); }

 private:
  httplib::Client client_;
};

LiveClient::LiveClient(const GrafanaConfig& grafana, std::chrono::milliseconds timeout)
    : url_(grafana.url.Origin() + grafana.url.path),
      path_(grafana.url.path + kPushPath),
      timeout_(timeout),
      connection_(std::make_unique<Connection>(grafana, timeout)) {}

LiveClient::~LiveClient() = default;

void LiveClient::Cancel() { connection_->Cancel(); }

PushAnswer LiveClient::Push(const std::string& token, const std::string& lines) {
  std::string why;
  const int status = connection_->Post(path_, token, lines, &why);
  if (status != 0) return Judge(status);
  return {PushAnswer::Kind::kNoAnswer,
          url_ + " gives no answer (" + why + "); is Grafana there, and grafana.url right?"};
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
