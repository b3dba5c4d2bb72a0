#include "gateway/upstream_url.h"

#include "core/http_url.h"

namespace usage::gateway {

std::string ReadUpstreamUrl(const std::string& text, UpstreamConfig* config) {
  const Expected<HttpUrl> url = ParseHttpUrl(text);
  if (!url && text.find('@') != std::string::npos) return url.error() + "; use basic_auth";
  if (!url) {
    return url.error() + "; write it as http://127.0.0.1:9090 or https://host:port/prefix";
  }
  config->host = url->host;
  config->port = url->port;
  config->prefix = url->path;
  config->tls = url->tls;
  return "";
}

}  // namespace usage::gateway
