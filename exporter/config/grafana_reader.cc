#include "config/grafana_reader.h"

#include "config/section_values.h"

namespace usage {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

std::optional<LiveConfig> ReadLive(const YamlValue& value) {
  YamlMap map(value);
  LiveConfig live;
  map["interval"].ReadDuration(&live.interval, milliseconds(50), minutes(1));
  map["timeout"].ReadDuration(&live.timeout, milliseconds(100), minutes(1));
  map["concurrency"].Read(&live.concurrency, 1, 64);
  map["top_subscribers"].Read(&live.top_subscribers, 0, 100);
  return value.present() ? std::optional(live) : std::nullopt;
}

GrafanaUser ReadUser(const YamlValue& value, bool of_operator) {
  YamlMap map(value);
  GrafanaUser user;
  if (!of_operator) map.Required("tenant", "write the tenant's id").Read(&user.tenant);
  map.Required("login", "write the name to sign in with").Read(&user.login);
  map["email"].Read(&user.email);
  map["name"].Read(&user.name);
  map["role"].ReadWord(&user.is_editor, {{"viewer", false}, {"editor", true}});
  return user;
}

void ReadUsers(const YamlValue& value, bool of_operator, std::vector<GrafanaUser>* users) {
  if (!value.present()) return;
  for (const YamlValue& item : value.Items()) users->push_back(ReadUser(item, of_operator));
}

void ReadGatewayUrl(const YamlValue& value, std::string* out) {
  value.Read(out);
  if (out->empty()) return;
  const Expected<HttpUrl> url = ParseHttpUrl(*out);
  if (!url) value.Fail(url.error() + "; write where Grafana finds usage_gateway");
}

}  // namespace

std::optional<GrafanaConfig> GrafanaReader::Read(const YamlValue& value) const {
  YamlMap map(value);
  GrafanaConfig grafana;
  constexpr char kWhere[] = "write where Grafana is, such as http://127.0.0.1:3000";
  ReadUrl(map.Required("url", kWhere), kWhere, &grafana.url);
  grafana.ca_file = ReadFile(map["ca_file"]);
  grafana.live = ReadLive(map["live"]);
  grafana.orgs = ReadOrgs(map["orgs"]);
  return value.present() ? std::optional(grafana) : std::nullopt;
}

std::optional<OrgsConfig> GrafanaReader::ReadOrgs(const YamlValue& value) const {
  YamlMap map(value);
  OrgsConfig orgs;
  map.Required("user", "write the login of a server admin of Grafana's").Read(&orgs.user);
  orgs.password_file =
      ReadPath(map.Required("password_file", "write the file with the admin's password"), folder_);
  ReadGatewayUrl(map.Required("gateway_url", "write where Grafana finds usage_gateway"),
                 &orgs.gateway_url);
  orgs.tokens_file =
      ReadPath(map.Required("tokens_file", "write usage_gateway's tokens.file"), folder_);
  orgs.dashboards = ReadPath(map["dashboards"], folder_, "dashboards");
  orgs.invitations_file = ReadPath(map["invitations_file"], folder_);
  map["operator_name"].Read(&orgs.operator_name);
  ReadUsers(map["users"], false, &orgs.users);
  ReadUsers(map["operators"], true, &orgs.users);
  ReadQuery(map["users_sql"], &orgs.users_sql);
  map["theme"].ReadWord<std::string>(&orgs.theme,
                                     {{"system", "system"}, {"light", "light"}, {"dark", "dark"}});
  map["week_start"].ReadWord<std::string>(
      &orgs.week_start, {{"monday", "monday"}, {"sunday", "sunday"}, {"saturday", "saturday"}});
  return value.present() ? std::optional(orgs) : std::nullopt;
}

std::string GrafanaReader::ReadFile(const YamlValue& value) const {
  std::string name;
  value.Read(&name);
  if (name.empty()) return "";
  const std::filesystem::path path = folder_ / name;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    value.Fail(path.string() +
               " is not there or not a file; check the path (a relative one starts at the folder "
               "of this file)");
  }
  return path.string();
}

}  // namespace usage
