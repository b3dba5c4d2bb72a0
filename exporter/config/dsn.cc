#include "config/dsn.h"

#include <libpq-fe.h>

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

namespace usage {
namespace {

using Keywords = std::map<std::string, std::string>;

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

void CopyTo(Keywords* keywords, const PQconninfoOption* options) {
  for (; options != nullptr && options->keyword != nullptr; ++options) {
    if (options->val != nullptr) (*keywords)[options->keyword] = options->val;
  }
}

std::vector<std::string> Split(const std::string& list) {
  std::vector<std::string> parts(1);
  for (char c : list) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

// libpq takes lists of hosts; one port serves them all, or each has its own.
std::string HostsAndPorts(const std::string& hosts, const std::string& ports) {
  std::vector<std::string> port = Split(ports);
  std::string text;
  size_t i = 0;
  for (const std::string& host : Split(hosts)) {
    bool is_ipv6 = host.find(':') != std::string::npos;
    text += (i == 0 ? "" : ",") + (is_ipv6 ? "[" + host + "]" : host) + ":" +
            port[std::min(i, port.size() - 1)];
    ++i;
  }
  return text;
}

std::string Display(Keywords& keywords) {
  std::string host = keywords["host"].empty() ? keywords["hostaddr"] : keywords["host"];
  if (host.empty()) host = "(local socket)";
  std::string user = keywords["user"];
  std::string database = keywords["dbname"].empty() ? user : keywords["dbname"];
  return HostsAndPorts(host, keywords["port"]) + "/" + database + " as " + user;
}

}  // namespace

std::optional<DsnFacts> ExamineDsn(const std::string& dsn) {
  char* message = nullptr;
  Options given(PQconninfoParse(dsn.c_str(), &message));
  PQfreemem(message);
  if (!given) return std::nullopt;
  Keywords own;
  CopyTo(&own, given.get());
  Keywords all;
  CopyTo(&all, Options(PQconndefaults()).get());
  CopyTo(&all, given.get());
  return DsnFacts{Display(all), own["password"]};
}

}  // namespace usage
