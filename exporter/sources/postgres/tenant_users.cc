#include "sources/postgres/tenant_users.h"

#include "sources/postgres/read_session.h"

namespace usage {
namespace {

constexpr std::chrono::seconds kTimeout{10};

std::string Lowered(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

GrafanaUser UserOf(const std::vector<std::optional<std::string>>& row, const ReadSession& session) {
  auto text = [&](size_t i) { return row[i].value_or(""); };
  GrafanaUser user{text(0), text(1), text(2), text(3), false};
  if (user.tenant.empty() || user.login.empty()) {
    throw session.Fault("grafana.orgs.users_sql: a row has no tenant_id or no login (login '" +
                        user.login + "'); leave such rows out");
  }
  std::string role = Lowered(text(4));
  if (!role.empty() && role != "viewer" && role != "editor") {
    throw session.Fault("grafana.orgs.users_sql: the role of '" + user.login + "' is '" + role +
                        "'; write viewer or editor");
  }
  user.is_editor = role == "editor";
  return user;
}

}  // namespace

std::vector<GrafanaUser> ReadTenantUsers(const DatabaseConfig& database, const std::string& sql) {
  ReadSession session("grafana.orgs.users_sql", "usagectl", database, kTimeout);
  session.Begin();
  const PgRows rows = session.Query(
      "SELECT u.tenant_id::text, u.login::text, u.email::text, u.name::text, u.role::text FROM (" +
      sql + ") u ORDER BY 1, 2");
  session.End();
  std::vector<GrafanaUser> users;
  for (const auto& row : rows) users.push_back(UserOf(row, session));
  return users;
}

}  // namespace usage
