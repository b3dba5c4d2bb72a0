#include "config/dsn.h"

#include <libpq-fe.h>

#include <map>
#include <memory>

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

std::string Display(Keywords& keywords) {
  std::string host = keywords["host"].empty() ? keywords["hostaddr"] : keywords["host"];
  if (host.empty()) host = "(local socket)";
  std::string user = keywords["user"];
  std::string database = keywords["dbname"].empty() ? user : keywords["dbname"];
  return host + ":" + keywords["port"] + "/" + database + " as " + user;
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
