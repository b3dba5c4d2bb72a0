// Who may sign in to a tenant's org, from PostgreSQL.
#pragma once

#include <vector>

#include "config/config.h"

namespace usage {

// The rows of `sql`, which gives the columns tenant_id, login, email, name and role ('viewer',
// 'editor' or NULL). Throws std::runtime_error with the row and the remedy.
std::vector<GrafanaUser> ReadTenantUsers(const DatabaseConfig& database, const std::string& sql);

}  // namespace usage
