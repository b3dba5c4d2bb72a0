// The URL of the upstream in the configuration.
#pragma once

#include <string>

#include "gateway/upstream.h"

namespace usage::gateway {

// "http://host:port/prefix" or https, into host, port, prefix and tls. "", or what is wrong with
// it.
std::string ReadUpstreamUrl(const std::string& text, UpstreamConfig* config);

}  // namespace usage::gateway
