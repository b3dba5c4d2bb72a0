// The schema of the ledger, step by step.
#pragma once

#include <cstddef>
#include <string>

namespace pqxx {
class connection_base;
}

namespace usage {

// One file of migrations/: "0001_ledger" and its SQL. The leading number orders them.
struct MigrationFile {
  const char* name;
  const char* sql;
};
extern const MigrationFile kMigrationFiles[];  // made by embed_migrations.cmake
extern const size_t kMigrationFileCount;

// Creates the schema if need be and applies what was not applied yet, each file in a transaction
// of its own. Throws StoreError when the database has a migration that this program does not know
// (it is older than the ledger), or when a right is missing, with the GRANT that gives it.
void Migrate(pqxx::connection_base& connection, const std::string& schema);

}  // namespace usage
