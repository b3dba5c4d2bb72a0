// What usagectl asks of Grafana as a whole: its orgs and its users. As OrgApi, each call may be
// said again.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "grafana/client.h"

namespace usage::grafana {

struct ServerUser {
  int64_t id = 0;
  std::string login;
  bool is_admin = false;  // of the server
};

struct NewUser {
  std::string login;
  std::string body;  // JSON: login, email, name
  std::string password;
};

// Every call throws GrafanaError.
class ServerApi {
 public:
  explicit ServerApi(Client& client) : client_(client) {}

  std::map<int64_t, std::string> Orgs();
  std::optional<OrgId> FindOrg(const std::string& name);
  // None: Grafana has one of that name. After a lost answer that may be the one just made.
  std::optional<OrgId> MakeOrg(const std::string& name);

  void RenameOrg(OrgId org, const std::string& name);
  void DeleteOrg(OrgId org);

  // As a Viewer of that org. None: the login or the email is taken.
  std::optional<int64_t> MakeUser(const NewUser& user, OrgId org);
  std::optional<ServerUser> FindUser(const std::string& login_or_email);
  std::set<int64_t> OrgsOf(int64_t user);
  void SetProfile(int64_t user, const std::string& body);
  void SetPassword(int64_t user, const std::string& password);
  void SetDisabled(int64_t user, bool disabled);
  void DeleteUser(int64_t user);

 private:
  Answer Send(const char* method, const std::string& path, const std::string& body = "");
  void Do(const std::string& what, const char* method, const std::string& path,
          const std::string& body = "");

  Client& client_;
};

}  // namespace usage::grafana
