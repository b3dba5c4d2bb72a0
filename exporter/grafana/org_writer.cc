#include "grafana/org_writer.h"

#include <stdexcept>

#include "grafana/user_writer.h"

namespace usage::grafana {
namespace {

const Part& PartNamed(const WantedOrg& wanted, const std::string& name) {
  for (const Part& part : wanted.parts) {
    if (part.name() == name) return part;
  }
  throw std::logic_error("the plan has a part " + name + " that nobody wants");
}

}  // namespace

void OrgWriter::Bring(const OrgChange& change, const WantedOrg& wanted, KeptOrg* kept) {
  if (change.action == Action::kCreate) {
    kept->org_id = Create(change).value();
    kept->name = change.name;
  }
  OrgApi org(client_, OrgId(*kept->org_id));
  if (change.old_name != change.name) server_.RenameOrg(org.org(), change.name);
  kept->name = change.name;
  if (change.unlocks) Unlock(org);
  kept->locked = false;
  for (const PartChange& part : change.parts) Apply(org, part, wanted, kept);
}

// A row that was kept before the first try tells an org that we made from a stranger's of the same
// name.
OrgId OrgWriter::Create(const OrgChange& change) {
  if (std::optional<OrgId> made = server_.MakeOrg(change.name)) return *made;
  const std::string label = "org \"" + change.name + "\": ";
  std::optional<OrgId> there = server_.FindOrg(change.name);
  if (!there) throw std::runtime_error(label + "came and went; apply again");
  const bool was_there = context_.orgs_before.contains(there->value());
  if (was_there && !context_.begun.contains(change.tenant_id)) {
    throw std::runtime_error(label + "Grafana has one, org " + there->text() +
                             ", that usagectl did not make; rename that one, or the tenant");
  }
  return *there;
}

void OrgWriter::Apply(OrgApi& org, const PartChange& change, const WantedOrg& wanted,
                      KeptOrg* kept) {
  if (change.how == How::kRemove) {
    Remove(org, ParsePartName(change.part), kept);
    kept->applied.erase(change.part);
    return;
  }
  const Part& part = PartNamed(wanted, change.part);
  Put(org, part, change, kept);
  kept->applied[change.part] = part.hash;
}

// Which call of Grafana's makes a part so.
void OrgWriter::Put(OrgApi& org, const Part& part, const PartChange& change, KeptOrg* kept) {
  switch (part.kind) {
    case PartKind::kUser:
      return UserWriter(server_, org, context_.invitations, context_.is_ours)
          .Put(part, kept->tenant_id, change.how == How::kAdd);
    case PartKind::kLiveAccount:
      kept->live_token = org.NewLiveToken(*part.body);
      return;
    case PartKind::kDataSource: {
      auto token = context_.gateway_tokens.find(kept->tenant_id);
      const bool is_new = token != context_.gateway_tokens.end();
      org.PutDataSource(*part.body, is_new ? token->second.token : "");
      if (is_new) kept->gateway_token = token->second.id;
      return;
    }
    case PartKind::kFolder:
      return org.PutFolder(part.key, *part.body);
    case PartKind::kDashboard:
      return org.PutDashboard(part.key, *part.body);
    case PartKind::kPreferences:
      return org.PutPreferences(*part.body);
  }
}

void OrgWriter::Remove(OrgApi& org, const PartName& part, KeptOrg* kept) {
  switch (part.kind) {
    case PartKind::kUser:
      return UserWriter(server_, org, context_.invitations, context_.is_ours).Remove(part.key);
    case PartKind::kLiveAccount:
      kept->live_token.clear();
      return org.DeleteLiveAccount();
    case PartKind::kFolder:
      return org.DeleteFolder(part.key);
    case PartKind::kDashboard:
      return org.DeleteDashboard(part.key);
    case PartKind::kDataSource:
    case PartKind::kPreferences:
      return;  // every org has them
  }
}

// --- Tenants that left.

// The gateway's token is revoked already. Whoever is in other orgs too is only taken out of this
// one.
void OrgWriter::Lock(const OrgChange& change, KeptOrg* kept) {
  kept->gateway_token.clear();
  kept->live_token.clear();
  if (change.org_id > 0) {
    OrgApi org(client_, OrgId(change.org_id));
    org.DeleteLiveAccount();
    for (const OrgUser& user : org.Users()) LockOut(org, user, kept);
  }
  kept->locked = true;
}

void OrgWriter::LockOut(OrgApi& org, const OrgUser& user, KeptOrg* kept) {
  if (user.login == context_.admin) return;
  if (server_.OrgsOf(user.id).size() == 1) return server_.SetDisabled(user.id, true);
  org.RemoveUser(user.id);
  kept->applied.erase(Part{PartKind::kUser, user.login, {}, {}, {}}.name());
}

void OrgWriter::Unlock(OrgApi& org) {
  for (const OrgUser& user : org.Users()) {
    if (user.is_disabled) server_.SetDisabled(user.id, false);
  }
}

// Users first: an org that is gone leaves them without one, able to sign in.
void OrgWriter::Delete(const OrgChange& change) {
  if (change.org_id == 0) return;
  OrgApi org(client_, OrgId(change.org_id));
  for (const OrgUser& user : org.Users()) {
    const bool is_only_here = user.login != context_.admin && server_.OrgsOf(user.id).size() == 1;
    if (is_only_here) server_.DeleteUser(user.id);
  }
  server_.DeleteOrg(org.org());
}

}  // namespace usage::grafana
