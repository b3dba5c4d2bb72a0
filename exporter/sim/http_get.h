// One page over HTTP.
#pragma once

#include <string>

namespace usage::sim {

struct HttpAccount {
  std::string user;  // "": none
  std::string password;
};

// The body of `url`, "http://host:port/path" or https, whose certificate must be good. Throws
// std::runtime_error with the address and what was wrong, never with the password.
std::string HttpGet(const std::string& url, const HttpAccount& account);

}  // namespace usage::sim
