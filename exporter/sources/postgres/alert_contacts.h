// Who is told of a tenant's alerts, from PostgreSQL.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace usage {

struct ContactRows {
  std::vector<AlertContact> contacts;  // by tenant, channel and address
  // One for each row that is none, with its number in that order, its tenant and the remedy; never
  // with the address, which may be a secret. One tenant's fault keeps nobody else from hearing.
  std::vector<std::string> faults;
};

// The rows of `sql`, which gives the columns tenant_id, channel, address, severity, quiet_hours and
// quiet_days; the last three may be NULL. Throws std::runtime_error when there is no answer.
ContactRows ReadAlertContacts(const DatabaseConfig& database, const std::string& sql);

}  // namespace usage
