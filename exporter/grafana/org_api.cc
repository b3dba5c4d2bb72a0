#include "grafana/org_api.h"

#include <nlohmann/json.hpp>

#include "core/clock.h"
#include "core/types.h"
#include "grafana/patience.h"
#include "grafana/wanted.h"

namespace usage::grafana {
namespace {

using nlohmann::json;

constexpr char kDashboards[] = "/apis/dashboard.grafana.app/v0alpha1/namespaces/org-";

// View for everybody: a new folder is writable for Editors.
constexpr char kReadOnly[] =
    R"({"items":[{"role":"Viewer","permission":1},{"role":"Editor","permission":1}]})";

bool IsGood(const Answer& answer) { return answer.status >= 200 && answer.status < 300; }

json Parsed(const std::string& what, const Answer& answer) {
  auto parsed = json::parse(answer.body, nullptr, false);
  if (parsed.is_discarded()) throw GrafanaError(what + ": Grafana's answer is no JSON", 0);
  return parsed;
}

// Answers that name an org must name the one that was meant.
void CheckOrg(const std::string& what, const json& answer, OrgId org) {
  auto it = answer.find("orgId");
  if (it == answer.end() || *it == org.value()) return;
  throw GrafanaError(what + ": Grafana did it in org " + it->dump() + " instead of " + org.text(),
                     0);
}

OrgUser UserOf(const json& entry) {
  return {entry.at("userId"), entry.at("login"), entry.at("role"),
          entry.value("isDisabled", false)};
}

std::string WithSecret(const std::string& body, const std::string& secret) {
  if (secret.empty()) return body;
  auto with = nlohmann::ordered_json::parse(body);
  with["secureJsonData"] = {{"httpHeaderValue1", secret}};
  return with.dump();
}

}  // namespace

Answer OrgApi::Send(const char* method, const std::string& path, const std::string& body) {
  return Patiently([&] { return client_.Send(method, path, org_, body); });
}

void OrgApi::Do(const std::string& what, const char* method, const std::string& path,
                const std::string& body) {
  Answer answer = Send(method, path, body);
  if (!IsGood(answer)) throw Refused(what, answer);
}

std::string OrgApi::Read(const std::string& what, const std::string& path) {
  Answer answer = Send("GET", path);
  if (answer.status == 404) return "";
  if (!IsGood(answer)) throw Refused(what, answer);
  return answer.body;
}

std::string OrgApi::OrgPath(const std::string& rest) const {
  return "/api/orgs/" + org_.text() + rest;
}

// --- Users.

std::vector<OrgUser> OrgApi::Users() {
  const std::string what = "reading the users of org " + org_.text();
  Answer answer = Send("GET", OrgPath("/users"));
  if (!IsGood(answer)) throw Refused(what, answer);
  std::vector<OrgUser> users;
  for (const json& entry : Parsed(what, answer)) users.push_back(UserOf(entry));
  return users;
}

void OrgApi::SetRole(int64_t user, const std::string& role) {
  Do("setting a user's role", "PATCH", OrgPath("/users/" + std::to_string(user)),
     json({{"role", role}}).dump());
}

void OrgApi::AddUser(const std::string& login, const std::string& role) {
  Answer answer =
      Send("POST", OrgPath("/users"), json({{"loginOrEmail", login}, {"role", role}}).dump());
  if (!IsGood(answer) && answer.status != 409) throw Refused("adding user " + login, answer);
}

void OrgApi::RemoveUser(int64_t user) {
  Do("removing a user", "DELETE", OrgPath("/users/" + std::to_string(user)));
}

// --- The account that pushes.

std::optional<int64_t> OrgApi::FindLiveAccount() {
  const json found = Parsed("the live account", {200, ReadLiveAccounts()});
  for (const json& account : found.at("serviceAccounts")) {
    CheckOrg("the live account", account, org_);
    if (account.at("name") == kLiveAccount) return account.at("id").get<int64_t>();
  }
  return std::nullopt;
}

int64_t OrgApi::LiveAccount(const std::string& body) {
  Answer answer = Send("POST", "/api/serviceaccounts", body);
  if (IsGood(answer)) {
    json made = Parsed("making the live account", answer);
    CheckOrg("making the live account", made, org_);
    return made.at("id");
  }
  std::optional<int64_t> there = answer.status == 400 ? FindLiveAccount() : std::nullopt;
  if (!there) throw Refused("making the live account", answer);
  DeleteLiveTokens(*there);
  return *there;
}

void OrgApi::DeleteLiveTokens(int64_t account) {
  const std::string path = "/api/serviceaccounts/" + std::to_string(account) + "/tokens";
  Answer answer = Send("GET", path);
  if (!IsGood(answer)) throw Refused("reading the live account's tokens", answer);
  for (const json& token : Parsed("reading the live account's tokens", answer)) {
    Do("revoking a live token", "DELETE",
       path + "/" + std::to_string(token.at("id").get<int64_t>()));
  }
}

// The name is unique in an org for ever, so a second one needs another.
std::string OrgApi::NewLiveToken(const std::string& account_body) {
  const std::string path =
      "/api/serviceaccounts/" + std::to_string(LiveAccount(account_body)) + "/tokens";
  const std::string name = "usage-live-" + std::to_string(UnixMicros(SystemClock().Now()));
  // Not said again: an answer that was lost has lost the token.
  Answer answer = client_.Send("POST", path, org_, json({{"name", name}}).dump());
  if (!IsGood(answer)) throw Refused("making the live token", answer);
  return Parsed("making the live token", answer).at("key");
}

void OrgApi::DeleteLiveAccount() {
  std::optional<int64_t> account = FindLiveAccount();
  if (account) {
    Do("deleting the live account", "DELETE", "/api/serviceaccounts/" + std::to_string(*account));
  }
}

std::string OrgApi::ReadLiveAccounts() {
  return Read("the live account", std::string("/api/serviceaccounts/search?query=") + kLiveAccount);
}

// --- The data source.

void OrgApi::PutDataSource(const std::string& body, const std::string& secret) {
  const std::string what = "the data source of org " + org_.text();
  const std::string full = WithSecret(body, secret);
  // The first time it is made; then, or when its name or uid is taken, it is changed.
  Answer answer = Send("POST", "/api/datasources", full);
  if (answer.status == 409) {
    answer = Send("PUT", std::string("/api/datasources/uid/") + kDataSourceUid, full);
  }
  if (!IsGood(answer)) throw Refused(what, answer);
  CheckOrg(what, Parsed(what, answer).at("datasource"), org_);
}

std::string OrgApi::ReadDataSources() { return Read("the data sources", "/api/datasources"); }

// --- Folders and dashboards.

void OrgApi::PutFolder(const std::string& uid, const std::string& body) {
  Answer answer = Send("POST", "/api/folders", body);
  if (answer.status == 412 || answer.status == 409) {
    auto update = json::parse(body);
    update["overwrite"] = true;
    answer = Send("PUT", "/api/folders/" + uid, update.dump());
  }
  if (!IsGood(answer)) throw Refused("folder " + uid, answer);
  Do("the rights on folder " + uid, "POST", "/api/folders/" + uid + "/permissions", kReadOnly);
}

void OrgApi::DeleteFolder(const std::string& uid) {
  Answer answer = Send("DELETE", "/api/folders/" + uid);
  if (!IsGood(answer) && answer.status != 404) throw Refused("deleting folder " + uid, answer);
}

std::string OrgApi::DashboardPath(const std::string& uid) const {
  return kDashboards + org_.text() + "/dashboards/" + uid;
}

void OrgApi::PutDashboard(const std::string& uid, const std::string& body) {
  Do("dashboard " + uid, "PUT", DashboardPath(uid), body);
}

void OrgApi::DeleteDashboard(const std::string& uid) {
  Answer answer = Send("DELETE", "/api/dashboards/uid/" + uid);
  if (!IsGood(answer) && answer.status != 404) throw Refused("deleting dashboard " + uid, answer);
}

std::string OrgApi::ReadDashboard(const std::string& uid) {
  return Read("dashboard " + uid, DashboardPath(uid));
}

std::string OrgApi::ReadFolder(const std::string& uid) {
  return Read("folder " + uid, "/api/folders/" + uid);
}

std::string OrgApi::ReadFolderPermissions(const std::string& uid) {
  return Read("the rights on folder " + uid, "/api/folders/" + uid + "/permissions");
}

void OrgApi::PutPreferences(const std::string& body) {
  Do("the preferences of org " + org_.text(), "PUT", "/api/org/preferences", body);
}

std::string OrgApi::ReadPreferences() { return Read("the preferences", "/api/org/preferences"); }

}  // namespace usage::grafana
