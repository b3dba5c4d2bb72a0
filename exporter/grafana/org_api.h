// What usagectl asks of Grafana inside of one org, and of its users: each call makes something so,
// whatever was there before, so that all of them may be said again after a lost answer.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "grafana/client.h"

namespace usage::grafana {

struct OrgUser {
  int64_t id = 0;
  std::string login;
  std::string role;
  bool is_disabled = false;
};

// Every call throws GrafanaError. A 500 or a lost answer is tried again a few times: Grafana on
// SQLite answers some writes with one when several come at once.
class OrgApi {
 public:
  OrgApi(Client& client, OrgId org) : client_(client), org_(org) {}

  OrgId org() const { return org_; }

  std::vector<OrgUser> Users();
  void SetRole(int64_t user, const std::string& role);
  void AddUser(const std::string& login, const std::string& role);
  void RemoveUser(int64_t user);

  // A new token of the org's service account of that name and role, which is made if need be; its
  // other tokens go.
  std::string NewLiveToken(const std::string& account_body);
  void DeleteLiveAccount();

  // `body` with the secret, where there is one: what is not sent stays.
  void PutDataSource(const std::string& body, const std::string& secret);
  void PutFolder(const std::string& uid, const std::string& body);
  void DeleteFolder(const std::string& uid);
  void PutDashboard(const std::string& uid, const std::string& body);
  void DeleteDashboard(const std::string& uid);
  void PutPreferences(const std::string& body);

  // What is there, as JSON; "" where there is nothing.
  std::string ReadDashboard(const std::string& uid);
  std::string ReadDataSources();
  std::string ReadFolder(const std::string& uid);
  std::string ReadFolderPermissions(const std::string& uid);
  std::string ReadPreferences();
  std::string ReadLiveAccounts();

 private:
  Answer Send(const char* method, const std::string& path, const std::string& body = "");
  std::string Read(const std::string& what, const std::string& path);
  void Do(const std::string& what, const char* method, const std::string& path,
          const std::string& body = "");
  std::optional<int64_t> FindLiveAccount();
  int64_t LiveAccount(const std::string& body);
  void DeleteLiveTokens(int64_t account);
  std::string DashboardPath(const std::string& uid) const;
  std::string OrgPath(const std::string& rest) const;

  Client& client_;
  const OrgId org_;
};

}  // namespace usage::grafana
