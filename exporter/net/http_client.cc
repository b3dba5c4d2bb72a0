#include "net/http_client.h"

#include <httplib.h>

#include <cctype>

namespace usage {
namespace {

std::string Lowered(std::string name) {
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

httplib::Request RequestOf(const HttpCall& from, const std::string& path) {
  httplib::Request request;
  request.method = from.method;
  request.path = path + from.path;
  if (request.path.empty()) request.path = "/";
  for (const auto& [name, value] : from.headers) request.set_header(name, value);
  request.body = from.body;
  if (!from.wants_body) {
    request.content_receiver = [](const char*, size_t, uint64_t, uint64_t) { return true; };
  }
  return request;
}

HttpAnswer AnswerOf(httplib::Response response) {
  HttpAnswer answer{response.status, std::move(response.body)};
  for (auto& [name, value] : response.headers) answer.headers.emplace(Lowered(name), value);
  return answer;
}

}  // namespace

class HttpClient::Connection {
 public:
  explicit Connection(const HttpPeer& peer) : path_(peer.url.path), client_(peer.url.Origin()) {
    client_.set_keep_alive(true);
    client_.set_tcp_nodelay(true);
    client_.set_follow_location(false);
    client_.set_url_encode(false);
    client_.set_connection_timeout(peer.connect_timeout);
    client_.set_read_timeout(peer.answer_timeout);
    client_.set_write_timeout(peer.answer_timeout);
    if (!peer.user.empty()) client_.set_basic_auth(peer.user, peer.password);
    if (!peer.url.tls) return;
    client_.enable_server_certificate_verification(true);
    if (!peer.ca_file.empty()) client_.set_ca_cert_path(peer.ca_file.c_str());
  }

  HttpAnswer Send(const HttpCall& request) {
    httplib::Result result = client_.send(RequestOf(request, path_));
    if (!result) return {.error = httplib::to_string(result.error())};
    return AnswerOf(std::move(*result));
  }

  void Cancel() { client_.stop(); }

 private:
  const std::string path_;
  httplib::Client client_;
};

HttpClient::HttpClient(const HttpPeer& peer) : connection_(std::make_unique<Connection>(peer)) {}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::Send(const HttpCall& request) { return connection_->Send(request); }

void HttpClient::Cancel() { connection_->Cancel(); }

}  // namespace usage
