// Until when a certificate is good.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/expected.h"
#include "core/http_url.h"
#include "core/types.h"

namespace usage::doctor {

struct Certificate {
  std::string name;  // its subject's common name, else the whole subject
  Instant expires{};
};

// Every certificate of a PEM file, in its order. The error says what is wrong, without the path.
Expected<std::vector<Certificate>> CertificatesOfFile(const std::string& path);

// What a server shows, the way to its CA left out. It is not verified: an expired one is wanted
// too. Ends within `timeout`; name resolution alone may take longer.
Expected<Certificate> CertificateOfServer(const HttpUrl& url, std::chrono::milliseconds timeout);

}  // namespace usage::doctor
