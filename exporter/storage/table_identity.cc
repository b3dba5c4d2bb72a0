#include "storage/table_identity.h"

#include <array>

namespace usage {
namespace {

// A view's tables are what its rule depends on.
constexpr char kSql[] = R"(
  WITH RECURSIVE base(oid) AS (
    SELECT to_regclass($1)::oid
    UNION
    SELECT d.refobjid FROM base
      JOIN pg_rewrite r ON r.ev_class = base.oid
      JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
                      AND d.refclassid = 'pg_class'::regclass)
  SELECT (SELECT system_identifier FROM pg_control_system()) || '/' || d.oid || '/' || base.oid
    FROM base, pg_database d WHERE d.datname = current_database() AND base.oid IS NOT NULL)";

}  // namespace

std::set<std::string> TableIdentity(PgConnection& connection, const std::string& table,
                                    PgConnection::Deadline deadline) {
  std::set<std::string> identity;
  for (const auto& row : connection.Query(kSql, deadline, std::array{table})) {
    identity.insert(row[0].value());
  }
  return identity;
}

}  // namespace usage
