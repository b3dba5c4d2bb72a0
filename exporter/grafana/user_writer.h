// Gives an org its users. Logins and emails are one name space over all orgs of a Grafana, so what
// is there already decides.
#pragma once

#include <functional>

#include "grafana/invitations.h"
#include "grafana/org_api.h"
#include "grafana/org_parts.h"
#include "grafana/server_api.h"

namespace usage::grafana {

class UserWriter {
 public:
  // `is_ours`: whether usagectl made the org of that id. Thread-safe, as `invitations` is.
  UserWriter(ServerApi& server, OrgApi& org, Invitations& invitations,
             const std::function<bool(int64_t)>& is_ours)
      : server_(server), org_(org), invitations_(invitations), is_ours_(is_ours) {}

  // `is_news`: nobody was told a password yet, as far as is known. Throws GrafanaError, and
  // std::runtime_error for a login or email that somebody else has.
  void Put(const Part& user, const std::string& tenant, bool is_news);
  // Takes the login out of the org; whoever is in no org then goes altogether.
  void Remove(const std::string& login);

 private:
  void PutKnown(const Part& user, const std::string& tenant, bool is_news);
  ServerUser Known(const Part& user);
  void Invite(int64_t id, const Part& user, const std::string& tenant);

  ServerApi& server_;
  OrgApi& org_;
  Invitations& invitations_;
  const std::function<bool(int64_t)>& is_ours_;
};

}  // namespace usage::grafana
