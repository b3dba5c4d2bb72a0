#include "gateway/upstream_url.h"

#include <algorithm>

#include "net/listen_address.h"

namespace usage::gateway {
namespace {

bool IsHost(const std::string& host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_' ||
           c == ':';
  });
}

bool IsPrefix(const std::string& prefix) {
  bool plain = std::all_of(prefix.begin(), prefix.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_' ||
           c == '~' || c == '/' || c == ':';
  });
  return plain && prefix.find("..") == std::string::npos;
}

}  // namespace

std::string ReadUpstreamUrl(const std::string& url, UpstreamConfig* config) {
  const std::string form = "; write it as http://127.0.0.1:9090 or https://host:port/prefix";
  bool https = url.starts_with("https://");
  if (!https && !url.starts_with("http://")) return "is not an http or https URL" + form;
  std::string rest = url.substr(https ? 8 : 7);
  size_t slash = std::min(rest.find('/'), rest.size());
  std::string authority = rest.substr(0, slash), prefix = rest.substr(slash);
  if (authority.find('@') != std::string::npos) {
    return "must hold no user or password, which show in process lists; use basic_auth";
  }
  bool has_port = authority.rfind(':') != std::string::npos && !authority.ends_with(']');
  auto address = ParseListenAddress(has_port ? authority : authority + (https ? ":443" : ":80"));
  while (prefix.ends_with('/')) prefix.pop_back();
  if (!address || !IsHost(address->host) || address->port == 0) return "has no good host" + form;
  if (!IsPrefix(prefix)) return "has a path that is not plain" + form;
  config->host = address->host;
  config->port = address->port;
  config->prefix = prefix;
  config->tls = https;
  return "";
}

}  // namespace usage::gateway
