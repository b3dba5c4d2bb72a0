#include "config/routers_reader.h"

#include <algorithm>

#include "config/router_fields.h"
#include "config/router_values.h"
#include "config/section_values.h"
#include "core/units.h"

namespace usage {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// However long an interval is, a router that says nothing for so long has nothing to say. However
// short, a busy router answers late and loses beats, but answers.
constexpr milliseconds kShortestPatience = seconds(4), kLongestPatience = seconds(10);

void ReadPace(YamlMap* map, RoutersConfig* routers) {
  (*map)["refresh"].ReadDuration(&routers->refresh, seconds(1), hours(24));
  (*map)["interval"].ReadDuration(&routers->interval, seconds(1), minutes(10));
  const YamlValue details = (*map)["details_interval"];
  if (!details.present()) routers->details = std::max(routers->details, routers->interval);
  details.ReadDuration(&routers->details, seconds(1), hours(1));
  if (details.present() && routers->details < routers->interval) {
    details.Fail("must not be below the interval of " + FormatDuration(routers->interval));
  }
  routers->timeout = std::clamp(routers->interval * 4 / 5, kShortestPatience, kLongestPatience);
  (*map)["timeout"].ReadDuration(&routers->timeout, milliseconds(100), minutes(1));
  (*map)["concurrency"].Read(&routers->concurrency, 1, 256);
}

void ReadAuthority(const YamlValue& value, RoutersConfig* routers) {
  YamlMap map(value);
  for (const Access access : kAllAccess) {
    map[std::string(AccessName(access))].ReadWord(&routers->authority[static_cast<size_t>(access)],
                                                  {{"accounting", Authority::kAccounting},
                                                   {"router", Authority::kRouter},
                                                   {"max", Authority::kMax}});
  }
}

}  // namespace

RoutersConfig RoutersReader::Read(YamlMap* map) const {
  RoutersConfig routers;
  ReadListPlace(map, "routers", folder_, {&routers.table, &routers.sql, &routers.file});
  ReadPace(map, &routers);
  ReadDefaults(map, &routers);
  ReadAuthority((*map)["authority"], &routers);
  (*map)["carry_max"].ReadDuration(&routers.carry_max, minutes(1), hours(24));
  ReadCredentials((*map)["credentials"], &routers);
  return routers;
}

void RoutersReader::ReadDefaults(YamlMap* map, RoutersConfig* routers) const {
  ReadRouterProtocol((*map)["default_protocol"], &routers->default_protocol);
  routers->default_use_tls = ReadRouterTls((*map)["default_tls"], folder_, &routers->default_tls);
}

void RoutersReader::ReadCredentials(const YamlValue& value, RoutersConfig* routers) const {
  const auto entries = value.Entries();
  if (value.is_map() && entries.empty()) {
    value.Fail("is empty; write default: {user: …, password_file: …}");
  }
  for (const auto& [name, item] : entries) {
    routers->credentials[name] = ReadRouterCredentials(item, folder_);
  }
}

}  // namespace usage
