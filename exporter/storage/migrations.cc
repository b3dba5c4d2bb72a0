#include "storage/migrations.h"

#include <set>

#include "storage/pq.h"
#include "storage/store.h"

namespace usage {
namespace {

void CreateSchema(pqxx::connection_base& connection, const std::string& schema) {
  pqxx::work tx(connection);
  auto quoted = tx.quote_name(schema);
  bool exists = !tx.exec_params("SELECT 1 FROM pg_namespace WHERE nspname = $1", schema).empty();
  if (!exists) tx.exec("CREATE SCHEMA " + quoted);
  tx.exec("CREATE TABLE IF NOT EXISTS " + quoted +
          ".migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())");
  tx.commit();
}

std::set<std::string> AppliedOf(pqxx::connection_base& connection) {
  pqxx::work tx(connection);
  std::set<std::string> applied;
  for (const auto& row : tx.exec("SELECT name FROM migration")) {
    applied.insert(row[0].as<std::string>());
  }
  return applied;
}

void ApplyFile(pqxx::connection_base& connection, const MigrationFile& file) {
  pqxx::work tx(connection);
  tx.exec(file.sql);
  tx.exec_params("INSERT INTO migration (name) VALUES ($1)", std::string(file.name));
  tx.commit();
}

void RefuseUnknown(std::set<std::string> applied, const std::string& schema) {
  for (size_t i = 0; i < kMigrationFileCount; ++i) applied.erase(kMigrationFiles[i].name);
  if (applied.empty()) return;
  throw StoreError("schema " + schema + " has the migration " + *applied.rbegin() +
                   ", which this program does not know: start the version that wrote it, or a "
                   "newer one");
}

}  // namespace

void Migrate(pqxx::connection_base& connection, const std::string& schema) {
  CreateSchema(connection, schema);
  auto applied = AppliedOf(connection);
  for (size_t i = 0; i < kMigrationFileCount; ++i) {
    if (!applied.contains(kMigrationFiles[i].name)) ApplyFile(connection, kMigrationFiles[i]);
  }
  RefuseUnknown(applied, schema);
}

}  // namespace usage
