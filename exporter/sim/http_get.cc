#include "sim/http_get.h"

#include <stdexcept>
#include <utility>

#include "net/http_client.h"

namespace usage::sim {
namespace {

// The path of `url` becomes the request's.
HttpPeer PeerOf(const std::string& url, const HttpAccount& account) {
  const Expected<HttpUrl> parsed = ParseHttpUrl(url);
  if (parsed) return {.url = *parsed, .user = account.user, .password = account.password};
  throw std::invalid_argument(url + " " + parsed.error() + "; write http://host:port/metrics");
}

}  // namespace

std::string HttpGet(const std::string& url, const HttpAccount& account) {
  HttpAnswer answer = HttpClient(PeerOf(url, account)).Send({});
  if (answer.status == 200) return std::move(answer.body);
  throw std::runtime_error(
      url + ": " +
      (answer.status == 0 ? answer.error : "HTTP status " + std::to_string(answer.status)));
}

}  // namespace usage::sim
