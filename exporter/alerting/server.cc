#include "alerting/server.h"

#include <openssl/evp.h>

#include <charconv>
#include <cstdint>
#include <optional>

#include "alerting/house.h"

namespace usage::alerting {
namespace {

HttpPeer PeerOf(const AlertingConfig& config) {
  HttpPeer peer{.url = config.url, .ca_file = config.ca_file, .user = config.user};
  if (!config.password_file.empty()) {
    peer.password = SecretIn(config.password_file, "alerting.password_file");
  }
  return peer;
}

// As Alertmanager counts it: the first six bytes of the file's MD5, the least first (0.25's
// config/coordinator.go); a double holds them all.
double ConfigHash(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_md5(), nullptr);
  uint64_t number = 0;
  for (int i = 5; i >= 0; --i) number = number << 8 | digest[i];
  return static_cast<double>(number);
}

// Of a metric without labels.
std::optional<double> MetricIn(const std::string& page, const std::string& name) {
  const std::string begin = "\n" + name + " ";
  const size_t at = page.find(begin);
  if (at == std::string::npos) return std::nullopt;
  double value = 0;
  const char* first = page.data() + at + begin.size();
  const auto [end, error] = std::from_chars(first, page.data() + page.size(), value);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::string Why(const HttpAnswer& answer) {
  if (answer.status == 0) return "no answer (" + answer.error + ")";
  std::string why = "answers " + std::to_string(answer.status);
  if (!answer.body.empty()) why += ": " + answer.body;
  while (why.ends_with('\n')) why.pop_back();
  return why;
}

}  // namespace

Server::Server(const AlertingConfig& config)
    : name_(config.url.Origin() + config.url.path), client_(PeerOf(config)) {}

Expected<bool> Server::RunsOn(const std::string& text) {
  const HttpAnswer answer = client_.Send({.path = "/metrics"});
  if (!answer.ok()) return Error{name_ + "/metrics: " + Why(answer)};
  const auto hash = MetricIn(answer.body, "alertmanager_config_hash");
  const auto good = MetricIn(answer.body, "alertmanager_config_last_reload_successful");
  if (!hash || !good) {
    return Error{name_ + "/metrics: has no alertmanager_config_hash; is that an Alertmanager?"};
  }
  return *hash == ConfigHash(text) && *good == 1;
}

ReloadAnswer Server::Reload() {
  const HttpAnswer answer = client_.Send({.method = "POST", .path = "/-/reload"});
  if (answer.ok()) return {};
  const Reloaded reloaded = answer.status == 500 ? Reloaded::kRefused : Reloaded::kNoAnswer;
  return {reloaded, name_ + "/-/reload: " + Why(answer)};
}

}  // namespace usage::alerting
