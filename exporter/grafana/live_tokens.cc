#include "grafana/live_tokens.h"

namespace usage::grafana {
namespace {

constexpr std::chrono::seconds kTimeout{5};

std::unique_ptr<PgConnection> Connect(const StorageConfig& storage) {
  PgSettings settings;
  settings.application_name = "usage_exporter/live";
  settings.statement_timeout = kTimeout;
  settings.connect_timeout = kTimeout;
  settings.read_only = true;
  const DatabaseConfig& database = storage.database;
  return std::make_unique<PgConnection>(ConnectionString(database.dsn, database.password, settings),
                                        std::chrono::steady_clock::now() + kTimeout);
}

}  // namespace

LiveTokens::LiveTokens(const StorageConfig& storage) : storage_(storage) {}

LiveTokenMap LiveTokens::Read() try {
  if (!connection_ || connection_->broken()) connection_ = Connect(storage_);
  const PgRows rows = connection_->Query(
      "SELECT tenant_id, live_token FROM " + connection_->Identifier(storage_.schema) +
          ".grafana_org WHERE live_token <> '' AND locked_at IS NULL AND tenant_id <> ''",
      std::chrono::steady_clock::now() + kTimeout);
  LiveTokenMap tokens;
  for (const auto& row : rows) tokens[*row[0]] = *row[1];
  return tokens;
} catch (const PgError& error) {
  connection_.reset();
  throw std::runtime_error(storage_.database.display + ": " + error.what());
}

}  // namespace usage::grafana
