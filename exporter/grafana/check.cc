#include "grafana/check.h"

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>

#include "grafana/client.h"
#include "grafana/org_api.h"
#include "grafana/server_api.h"
#include "grafana/sync.h"
#include "grafana/wanted.h"
#include "grafana/workers.h"

namespace usage::grafana {
namespace {

using nlohmann::json;

// A setting that must have one of these values, as GET /api/admin/settings shows it.
struct Setting {
  const char* section;
  const char* key;
  std::vector<std::string> good;  // the first one is the remedy
  const char* why;
};

// Every row is in config/grafana.ini too, with a value that is good; a test holds them together.
const std::vector<Setting>& Settings() {
  static const std::vector<Setting> settings = {
      {"users", "allow_sign_up", {"false"}, "anybody could make an account"},
      {"users", "allow_org_create", {"false"}, "users could make orgs where they are Admin"},
      {"users", "auto_assign_org", {"true"}, "a new user would become Admin of an org of its own"},
      {"auth.anonymous", "enabled", {"false"}, "nobody need sign in"},
      {"snapshots", "enabled", {"false"}, "numbers could be published by a link"},
      {"snapshots", "external_enabled", {"false"}, "numbers could be sent to another server"},
      {"public_dashboards", "enabled", {"false"}, "dashboards could be published by a link"},
      {"metrics", "enabled", {"false"}, "its /metrics is open to everybody"},
      {"plugins", "plugin_admin_enabled", {"false"}, "a plugin could bring a way to other data"},
      {"unified_alerting", "enabled", {"false"}, "alerts are Prometheus's; an Alertmanager an org"},
      {"security", "allow_embedding", {"false"}, "other sites could frame it"},
      {"security", "content_security_policy", {"true"}, "scripts from elsewhere could run"},
      {"security", "cookie_samesite", {"lax", "strict"}, "other sites could use the session"},
      {"security", "disable_gravatar", {"true"}, "users' addresses go to another server"},
  };
  return settings;
}

Finding Good(std::string subject, std::string what) {
  return {Verdict::kGood, std::move(subject), std::move(what), ""};
}

// --- What the settings say.

std::string ValueOf(const json& settings, const Setting& setting) {
  auto section = settings.find(setting.section);
  if (section == settings.end()) return "";
  return section->value(setting.key, "");
}

Finding CheckSetting(const json& settings, const Setting& setting) {
  const std::string name = std::string("[") + setting.section + "] " + setting.key;
  const std::string value = ValueOf(settings, setting);
  const std::string seen = value.empty() ? "not set" : value;
  if (std::find(setting.good.begin(), setting.good.end(), value) != setting.good.end()) {
    return Good(name, seen);
  }
  return {Verdict::kBad, name, seen + ": " + setting.why,
          "write " + std::string(setting.key) + " = " + setting.good.front() + " under [" +
              setting.section + "] of grafana.ini"};
}

// Without it a data source, once changed, could fetch anything that Grafana reaches.
Finding CheckWhitelist(const json& settings, const std::string& gateway) {
  const std::string name = "[security] data_source_proxy_whitelist";
  const std::string value = ValueOf(settings, {"security", "data_source_proxy_whitelist", {}, ""});
  auto url = ParseHttpUrl(gateway);
  const std::string wanted = url ? url->host + ":" + std::to_string(url->port) : gateway;
  if (value == wanted) return Good(name, value);
  return {Verdict::kBad, name, value.empty() ? "not set" : value,
          "write data_source_proxy_whitelist = " + wanted + " under [security] of grafana.ini"};
}

Finding CheckSecureCookie(const json& settings, const Login& login) {
  const std::string name = "[security] cookie_secure";
  const std::string value = ValueOf(settings, {"security", "cookie_secure", {}, ""});
  if (value == "true") return Good(name, value);
  const bool is_local = !login.url.tls && login.url.host.starts_with("127.");
  return {is_local ? Verdict::kWarning : Verdict::kBad, name,
          "the session's cookie would go over plain HTTP",
          "write cookie_secure = true under [security] of grafana.ini, behind HTTPS"};
}

void CheckSettings(Client& client, const Config& config, const Login& login,
                   std::vector<Finding>* findings) {
  Answer answer = client.Send("GET", "/api/admin/settings", std::nullopt);
  if (answer.status != 200) throw Refused("reading Grafana's settings", answer);
  const json settings = json::parse(answer.body);
  for (const Setting& setting : Settings()) findings->push_back(CheckSetting(settings, setting));
  findings->push_back(CheckWhitelist(settings, config.grafana->orgs->gateway_url));
  findings->push_back(CheckSecureCookie(settings, login));
}

// --- What a stranger meets.

struct Knock {
  const char* subject;
  const char* method;
  const char* path;
  const char* body;
  std::vector<int> good;  // status
};

const std::vector<Knock>& Knocks() {
  static const std::vector<Knock> knocks = {
      {"a stranger's data", "GET", "/api/org", "", {401}},
      {"a stranger's search", "GET", "/api/search", "", {401}},
      {"a stranger's query", "POST", "/api/ds/query", R"({"queries":[]})", {401}},
      {"a stranger's account",
       "POST",
       "/api/user/signup",
       R"({"email":"x@x.example"})",
       {401, 403, 404, 422}},
      // 302: to the page that asks for a password.
      {"a stranger's /metrics", "GET", "/metrics", "", {302, 401, 404}},
      {"a stranger's snapshot", "POST", "/api/snapshots", R"({"dashboard":{}})", {401, 403}},
  };
  return knocks;
}

Finding Try(const Login& login, const Knock& knock) {
  const Answer answer = SendAsStranger(login, knock.method, knock.path, knock.body);
  const std::string seen =
      std::string(knock.method) + " " + knock.path + " answers " + std::to_string(answer.status);
  if (std::find(knock.good.begin(), knock.good.end(), answer.status) != knock.good.end()) {
    return Good(knock.subject, seen);
  }
  return {Verdict::kBad, knock.subject, seen, "take over config/grafana.ini"};
}

// Once, since five wrong ones lock the name.
Finding TryDefaultPassword(const Login& login) {
  const std::string subject = "the default password";
  if (login.user == "admin") {
    if (login.password != "admin") return Good(subject, "admin has another one");
    return {Verdict::kBad, subject, "admin's is admin", "give the server admin another password"};
  }
  const Answer answer =
      SendAsStranger(login, "POST", "/login", R"({"user":"admin","password":"admin"})");
  if (answer.status == 401) return Good(subject, "admin/admin is refused");
  return {Verdict::kBad, subject, "admin/admin signs in", "give admin another password"};
}

Finding CheckHeader(const Answer& page, const char* name, const char* remedy) {
  auto header = page.headers.find(name);
  if (header != page.headers.end()) return Good(name, "is sent");
  return {Verdict::kBad, name, "is not sent with the page", remedy};
}

void CheckStrangers(const Login& login, std::vector<Finding>* findings) {
  for (const Knock& knock : Knocks()) findings->push_back(Try(login, knock));
  findings->push_back(TryDefaultPassword(login));
  const Answer page = SendAsStranger(login, "GET", "/login");
  findings->push_back(CheckHeader(page, "content-security-policy",
                                  "write content_security_policy = true under [security]"));
  findings->push_back(
      CheckHeader(page, "x-frame-options", "write allow_embedding = false under [security]"));
}

// --- Ways around the gateway.

class Detours {
 public:
  Detours(const OrgsConfig& config, Session& session, int parallel)
      : config_(config), session_(session), parallel_(parallel) {}

  void Look(std::vector<Finding>* findings) {
    Client client(session_);
    LookAtServerAdmins(client);
    const auto orgs = ServerApi(client).Orgs();
    std::vector<std::pair<int64_t, std::string>> list(orgs.begin(), orgs.end());
    ForEach(list.size(), parallel_, session_,
            [&](Client& own, size_t i) { LookInto(own, list[i].first, list[i].second); });
    if (found_.empty()) {
      found_.push_back(Good("ways around the gateway", "none in the data sources and admins of " +
                                                           std::to_string(list.size()) + " orgs"));
    }
    findings->insert(findings->end(), found_.begin(), found_.end());
  }

 private:
  void Note(Verdict verdict, std::string subject, std::string what, std::string remedy) {
    std::lock_guard lock(mutex_);
    found_.push_back({verdict, std::move(subject), std::move(what), std::move(remedy)});
  }

  void LookAtServerAdmins(Client& client) {
    Answer answer = client.Send("GET", "/api/users?perpage=100000&page=1", std::nullopt);
    if (answer.status != 200) throw Refused("listing the users", answer);
    for (const json& user : json::parse(answer.body)) {
      if (!user.value("isAdmin", false) || user.at("login") == config_.user) continue;
      Note(Verdict::kWarning, "server admins", user.at("login").get<std::string>() + " is one",
           "they see every org: have as few as can be");
    }
  }

  void LookInto(Client& client, int64_t id, const std::string& name) {
    const std::string org = "org " + std::to_string(id) + " \"" + name + "\"";
    const Answer sources = client.Send("GET", "/api/datasources", OrgId(id));
    if (sources.status == 403) {
      return Note(Verdict::kWarning, org,
                  "can't be looked into: " + config_.user + " is no member of it",
                  "delete it if nobody needs it");
    }
    if (sources.status != 200) throw Refused("the data sources of " + org, sources);
    for (const json& source : json::parse(sources.body)) LookAtSource(org, source);
    LookThrough(client, id, org, sources.body);
    for (const OrgUser& user : OrgApi(client, OrgId(id)).Users()) LookAtUser(org, user);
  }

  // The whole way: Grafana, the org's token, usage_gateway, Prometheus.
  void LookThrough(Client& client, int64_t id, const std::string& org, const std::string& sources) {
    if (sources.find(kDataSourceUid) == sources.npos) return;
    const std::string path = std::string("/api/datasources/uid/") + kDataSourceUid + "/health";
    const Answer answer = client.Send("GET", path, OrgId(id));
    const json said = json::parse(answer.body, nullptr, false);
    if (said.is_object() && said.value("status", "") == "OK") return;
    Note(Verdict::kBad, org,
         "its data source does not answer: " +
             (said.is_object() ? said.value("message", "") : std::to_string(answer.status)),
         "is usage_gateway at " + config_.gateway_url +
             ", with 'tokens.header: X-Usage-Token' and " + "the tokens of " + config_.tokens_file +
             "?");
  }

  void LookAtSource(const std::string& org, const json& source) {
    const std::string url = source.value("url", "");
    if (url == config_.gateway_url) return;
    Note(Verdict::kBad, org,
         "the data source " + source.value("name", "") + " is at " + (url.empty() ? "no URL" : url),
         "delete it, or move it to an org of its own without tenants");
  }

  void LookAtUser(const std::string& org, const OrgUser& user) {
    if (user.role != "Admin" || user.login == config_.user) return;
    Note(Verdict::kBad, org, user.login + " is an Admin, who can point a data source anywhere",
         "make it an Editor or a Viewer");
  }

  const OrgsConfig& config_;
  Session& session_;
  const int parallel_;
  std::mutex mutex_;  // guards found_
  std::vector<Finding> found_;
};

const char* Word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGood:
      return "ok";
    case Verdict::kWarning:
      return "warning";
    case Verdict::kBad:
      return "bad";
  }
  return "";
}

size_t Count(const std::vector<Finding>& findings, Verdict verdict) {
  return static_cast<size_t>(std::count_if(findings.begin(), findings.end(),
                                           [&](const auto& f) { return f.verdict == verdict; }));
}

}  // namespace

std::vector<Finding> CheckGrafana(const Config& config, int parallel) {
  const Login login = LoginOf(config);
  Session session(login);
  std::vector<Finding> findings;
  Client client(session);
  CheckSettings(client, config, login, &findings);
  CheckStrangers(login, &findings);
  Detours(*config.grafana->orgs, session, parallel).Look(&findings);
  std::stable_sort(findings.begin(), findings.end(),
                   [](const auto& a, const auto& b) { return a.verdict < b.verdict; });
  return findings;
}

std::string FindingsText(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    std::string word = Word(finding.verdict);
    word.resize(8, ' ');
    text += word + finding.subject + ": " + finding.what + "\n";
    if (!finding.remedy.empty()) text += "        " + finding.remedy + "\n";
  }
  auto count = [&](Verdict verdict) { return std::to_string(Count(findings, verdict)); };
  return text + count(Verdict::kGood) + " ok, " + count(Verdict::kWarning) + " warning(s), " +
         count(Verdict::kBad) + " bad\n";
}

std::string FindingsJson(const std::vector<Finding>& findings) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    list.push_back({{"verdict", Word(finding.verdict)},
                    {"subject", finding.subject},
                    {"seen", finding.what},
                    {"remedy", finding.remedy}});
  }
  return list.dump(2) + "\n";
}

}  // namespace usage::grafana
