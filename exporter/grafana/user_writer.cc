#include "grafana/user_writer.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace usage::grafana {
namespace {

bool SameLogin(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

std::string EmailOf(const Part& user) { return nlohmann::json::parse(*user.body).at("email"); }

}  // namespace

void UserWriter::Put(const Part& user, const std::string& tenant, bool is_news) {
  NewUser made{user.key, *user.body, NewPassword()};
  std::optional<int64_t> id = is_news ? server_.MakeUser(made, org_.org()) : std::nullopt;
  if (!id) return PutKnown(user, tenant, is_news);
  if (user.role != "Viewer") org_.SetRole(*id, user.role);
  invitations_.Give({tenant, user.key, made.password});
}

// A login that is there: of an earlier usagectl that was cut off, of another tenant that has the
// same person, or of a tenant that is gone. Anybody else's is left alone.
void UserWriter::PutKnown(const Part& user, const std::string& tenant, bool is_news) {
  const ServerUser known = Known(user);
  std::set<int64_t> orgs = server_.OrgsOf(known.id);
  const bool is_member = orgs.erase(org_.org().value()) > 0;
  const bool is_shared = !orgs.empty();
  if (!std::all_of(orgs.begin(), orgs.end(), is_ours_)) {
    throw std::runtime_error("user " + user.key + ": the login is taken in org " +
                             std::to_string(*orgs.begin()) +
                             ", which usagectl did not make; choose another login");
  }
  server_.SetProfile(known.id, *user.body);
  if (!is_member) org_.AddUser(user.key, user.role);
  if (is_member) org_.SetRole(known.id, user.role);
  if (is_news && !is_shared) Invite(known.id, user, tenant);
}

ServerUser UserWriter::Known(const Part& user) {
  std::optional<ServerUser> known = server_.FindUser(user.key);
  if (!known) known = server_.FindUser(EmailOf(user));
  if (!known) throw std::runtime_error("user " + user.key + ": is gone from Grafana; apply again");
  if (!SameLogin(known->login, user.key)) {
    throw std::runtime_error("user " + user.key + ": the email is " + known->login +
                             "'s; give each login its own");
  }
  if (known->is_admin) {
    throw std::runtime_error("user " + user.key +
                             ": is a server admin, who could see every org; choose another login");
  }
  return *known;
}

void UserWriter::Invite(int64_t id, const Part& user, const std::string& tenant) {
  const std::string password = NewPassword();
  server_.SetPassword(id, password);
  server_.SetDisabled(id, false);
  invitations_.Give({tenant, user.key, password});
}

void UserWriter::Remove(const std::string& login) {
  const std::optional<ServerUser> user = server_.FindUser(login);
  if (!user || user->is_admin) return;
  std::set<int64_t> orgs = server_.OrgsOf(user->id);
  if (orgs.erase(org_.org().value()) > 0) org_.RemoveUser(user->id);
  if (orgs.empty()) server_.DeleteUser(user->id);
}

}  // namespace usage::grafana
