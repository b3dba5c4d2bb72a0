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

// None when libpq can't read it.
std::optional<Keywords> OwnKeywords(const std::string& dsn) {
  char* message = nullptr;
  Options given(PQconninfoParse(dsn.c_str(), &message));
  PQfreemem(message);
  if (!given) return std::nullopt;
  Keywords own;
  CopyTo(&own, given.get());
  return own;
}

Keywords WithDefaults(const Keywords& own) {
  Keywords all = own;
  Keywords defaults;
  CopyTo(&defaults, Options(PQconndefaults()).get());
  all.merge(defaults);
  return all;
}

bool IsThisMachine(const std::string& host) {
  return host.empty() || host[0] == '/' || host == "localhost" || host == "::1" ||
         host.starts_with("127.");
}

// "host:port/dbname", one for each host of the list.
std::vector<std::string> Places(Keywords keywords) {
  const std::string host = keywords["hostaddr"].empty() ? keywords["host"] : keywords["hostaddr"];
  const std::string& own = keywords["dbname"];
  const std::string database = own.empty() ? keywords["user"] : own;
  const std::vector<std::string> ports = Split(keywords["port"]);
  std::vector<std::string> places;
  for (const std::string& one : Split(host)) {
    const std::string& port = ports[std::min(places.size(), ports.size() - 1)];
    places.push_back((IsThisMachine(one) ? "" : one) + ":" + port + "/" + database);
  }
  return places;
}

}  // namespace

std::optional<DsnFacts> ExamineDsn(const std::string& dsn) {
  std::optional<Keywords> own = OwnKeywords(dsn);
  if (!own) return std::nullopt;
  Keywords all = WithDefaults(*own);
  return DsnFacts{Display(all), (*own)["password"]};
}

bool MayBeOneDatabase(const std::string& a, const std::string& b) {
  const auto one = OwnKeywords(a), other = OwnKeywords(b);
  if (!one || !other) return false;
  const std::vector<std::string> places = Places(WithDefaults(*one));
  const std::vector<std::string> others = Places(WithDefaults(*other));
  return std::find_first_of(places.begin(), places.end(), others.begin(), others.end()) !=
         places.end();
}

}  // namespace usage
