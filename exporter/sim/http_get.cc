#include "sim/http_get.h"

#include <httplib.h>

#include <stdexcept>

namespace usage::sim {

std::string HttpGet(const std::string& url, const HttpAccount& account) {
  size_t scheme = url.find("://");
  if (scheme == url.npos) throw std::invalid_argument(url + ": write http://host:port/metrics");
  size_t path = std::min(url.find('/', scheme + 3), url.size());
  httplib::Client client(url.substr(0, path));
  if (!client.is_valid()) throw std::invalid_argument(url + ": not an address of a web server");
  client.set_connection_timeout(std::chrono::seconds(10));
  client.set_read_timeout(std::chrono::seconds(30));
  if (!account.user.empty()) client.set_basic_auth(account.user, account.password);
  auto answer = client.Get(path < url.size() ? url.substr(path) : "/");
  if (!answer) throw std::runtime_error(url + ": " + httplib::to_string(answer.error()));
  if (answer->status != 200) {
    throw std::runtime_error(url + ": HTTP status " + std::to_string(answer->status));
  }
  return answer->body;
}

}  // namespace usage::sim
