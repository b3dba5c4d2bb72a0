#include "core/http_url.h"

#include <algorithm>
#include <string_view>

#include "core/listen_address.h"

namespace usage {
namespace {

bool HasOnly(const std::string& text, std::string_view marks) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           marks.find(c) != std::string_view::npos;
  });
}

bool IsHost(const std::string& host) { return !host.empty() && HasOnly(host, "-._:"); }

bool IsPath(const std::string& path) {
  return HasOnly(path, "-._~/:") && path.find("..") == std::string::npos;
}

int UsualPort(bool tls) { return tls ? 443 : 80; }

}  // namespace

std::string HttpUrl::Authority() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  const std::string name = is_v6 ? "[" + host + "]" : host;
  return port == UsualPort(tls) ? name : name + ":" + std::to_string(port);
}

std::string HttpUrl::Origin() const { return (tls ? "https://" : "http://") + Authority(); }

Expected<HttpUrl> ParseHttpUrl(const std::string& text) {
  const bool tls = text.starts_with("https://");
  if (!tls && !text.starts_with("http://")) return Error{"is not an http or https URL"};
  const std::string rest = text.substr(tls ? 8 : 7);
  const size_t slash = std::min(rest.find('/'), rest.size());
  const std::string authority = rest.substr(0, slash);
  if (authority.find('@') != std::string::npos) {
    return Error{"must hold no user or password, which would show in logs"};
  }
  const bool has_port = authority.rfind(':') != std::string::npos && !authority.ends_with(']');
  const std::string usual = ":" + std::to_string(UsualPort(tls));
  const auto address = ParseListenAddress(has_port ? authority : authority + usual);
  if (!address || !IsHost(address->host) || address->port == 0) return Error{"has no good host"};
  HttpUrl url{address->host, address->port, rest.substr(slash), tls};
  while (url.path.ends_with('/')) url.path.pop_back();
  if (!IsPath(url.path)) return Error{"has a path that is not plain"};
  return url;
}

}  // namespace usage
