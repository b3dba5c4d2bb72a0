#include "grafana/server_api.h"

#include <nlohmann/json.hpp>

#include "grafana/patience.h"

namespace usage::grafana {
namespace {

using nlohmann::json;

// One page: several would be of different moments, and Grafana promises no order.
constexpr char kAllOrgs[] = "/api/orgs?perpage=100000&page=0";

json Parsed(const std::string& what, const Answer& answer) {
  if (answer.status != 200) throw Refused(what, answer);
  auto parsed = json::parse(answer.body, nullptr, false);
  if (parsed.is_discarded()) throw GrafanaError(what + ": Grafana's answer is no JSON", 0);
  return parsed;
}

std::string UserPath(int64_t user) { return "/api/users/" + std::to_string(user); }
std::string AdminPath(int64_t user) { return "/api/admin/users/" + std::to_string(user); }

}  // namespace

Answer ServerApi::Send(const char* method, const std::string& path, const std::string& body) {
  return Patiently([&] { return client_.Send(method, path, std::nullopt, body); });
}

void ServerApi::Do(const std::string& what, const char* method, const std::string& path,
                   const std::string& body) {
  Answer answer = Send(method, path, body);
  if (answer.status != 200) throw Refused(what, answer);
}

std::map<int64_t, std::string> ServerApi::Orgs() {
  std::map<int64_t, std::string> orgs;
  for (const json& org : Parsed("listing the orgs", Send("GET", kAllOrgs))) {
    orgs[org.at("id")] = org.at("name");
  }
  return orgs;
}

std::optional<OrgId> ServerApi::FindOrg(const std::string& name) {
  Answer answer = Send("GET", "/api/orgs/name/" + Escaped(name));
  if (answer.status == 404) return std::nullopt;
  return OrgId(Parsed("looking for org " + name, answer).at("id").get<int64_t>());
}

std::optional<OrgId> ServerApi::MakeOrg(const std::string& name) {
  Answer answer = Send("POST", "/api/orgs", json({{"name", name}}).dump());
  if (answer.status == 409) return std::nullopt;
  return OrgId(Parsed("making org \"" + name + "\"", answer).at("orgId").get<int64_t>());
}

void ServerApi::RenameOrg(OrgId org, const std::string& name) {
  Do("renaming org " + org.text(), "PUT", "/api/orgs/" + org.text(), json({{"name", name}}).dump());
}

// Not from inside of it: Grafana keeps the org that one works in.
void ServerApi::DeleteOrg(OrgId org) {
  Answer answer = Send("DELETE", "/api/orgs/" + org.text());
  if (answer.status != 200 && answer.status != 404) {
    throw Refused("deleting org " + org.text(), answer);
  }
}

std::optional<int64_t> ServerApi::MakeUser(const NewUser& user, OrgId org) {
  json body = json::parse(user.body);
  body["password"] = user.password;
  body["OrgId"] = org.value();
  Answer answer = Send("POST", "/api/admin/users", body.dump());
  if (answer.status == 412) return std::nullopt;
  return Parsed("making user " + user.login, answer).at("id").get<int64_t>();
}

std::optional<ServerUser> ServerApi::FindUser(const std::string& login_or_email) {
  Answer answer = Send("GET", "/api/users/lookup?loginOrEmail=" + Escaped(login_or_email));
  if (answer.status == 404) return std::nullopt;
  json found = Parsed("looking for user " + login_or_email, answer);
  return ServerUser{found.at("id"), found.at("login"), found.at("isGrafanaAdmin")};
}

std::set<int64_t> ServerApi::OrgsOf(int64_t user) {
  std::set<int64_t> orgs;
  for (const json& org : Parsed("the orgs of a user", Send("GET", UserPath(user) + "/orgs"))) {
    orgs.insert(org.at("orgId").get<int64_t>());
  }
  return orgs;
}

void ServerApi::SetProfile(int64_t user, const std::string& body) {
  Do("changing a user", "PUT", UserPath(user), body);
}

void ServerApi::SetPassword(int64_t user, const std::string& password) {
  Do("giving a user a password", "PUT", AdminPath(user) + "/password",
     json({{"password", password}}).dump());
}

void ServerApi::SetDisabled(int64_t user, bool disabled) {
  Do(disabled ? "disabling a user" : "enabling a user", "POST",
     AdminPath(user) + (disabled ? "/disable" : "/enable"));
}

void ServerApi::DeleteUser(int64_t user) {
  Answer answer = Send("DELETE", AdminPath(user));
  if (answer.status != 200 && answer.status != 404) throw Refused("deleting a user", answer);
}

}  // namespace usage::grafana
