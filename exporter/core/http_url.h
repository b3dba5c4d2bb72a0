// Where an HTTP server is, as a configuration writes it.
#pragma once

#include <string>

#include "core/expected.h"

namespace usage {

struct HttpUrl {
  std::string host;  // without brackets
  int port = 80;     // 1 to 65535
  std::string path;  // in front of every path: "" or "/grafana", without a slash at the end
  bool tls = false;

  // What a Host header says.
  std::string Authority() const;
  // "http://host:3000", without the path.
  std::string Origin() const;

  friend bool operator==(const HttpUrl&, const HttpUrl&) = default;
};

// "http://host:port/path" or https. The error says what is wrong, and not how to write it: that
// depends on the server. A user or a password in it is an error: they would show in logs.
Expected<HttpUrl> ParseHttpUrl(const std::string& text);

}  // namespace usage
