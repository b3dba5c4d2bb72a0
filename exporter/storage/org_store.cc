#include "storage/org_store.h"

#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "net/postgres.h"
#include "storage/line_cutter.h"
#include "storage/migrations.h"
#include "storage/pq.h"
#include "storage/store.h"

namespace usage {
namespace {

// "ugra": beside the ledger's lock, which the exporter holds.
constexpr int kLockSpace = 0x75677261;
// The server may take a moment to notice that a holder was killed.
constexpr int kLockTries = 50;
constexpr auto kLockPause = std::chrono::milliseconds(100);

std::string ConninfoOf(const StorageConfig& config) {
  PgSettings settings;
  settings.application_name = "usagectl";
  settings.statement_timeout = config.timeout;
  return ConnectionString(config.database.dsn, config.database.password, settings);
}

KeptOrg OrgOf(const pqxx::row& row) {
  KeptOrg org;
  org.tenant_id = row[0].c_str();
  if (!row[1].is_null()) org.org_id = row[1].as<int64_t>();
  org.name = row[2].c_str();
  org.applied = nlohmann::json::parse(row[3].c_str()).get<std::map<std::string, std::string>>();
  org.gateway_token = row[4].c_str();
  org.live_token = row[5].c_str();
  org.locked = row[6].as<bool>();
  return org;
}

void SaveOne(pqxx::work& tx, const KeptOrg& org) {
  tx.exec_params(
      "INSERT INTO grafana_org VALUES ($1, $2, $3, $4::jsonb, $5, $6, "
      "CASE WHEN $7 THEN now() END) ON CONFLICT (tenant_id) DO UPDATE SET org_id = "
      "excluded.org_id, "
      "name = excluded.name, applied = excluded.applied, gateway_token = excluded.gateway_token, "
      "live_token = excluded.live_token, "
      "locked_at = CASE WHEN $7 THEN coalesce(grafana_org.locked_at, now()) END",
      org.tenant_id, org.org_id, org.name, nlohmann::json(org.applied).dump(), org.gateway_token,
      org.live_token, org.locked);
}

}  // namespace

class OrgStore::Session {
 public:
  Session(const StorageConfig& config, const std::string& conninfo)
      : connection(conninfo), cutter(connection.sock()) {
    LineCutter::Limit limit(cutter, config.timeout);
    connection.set_variable("search_path", connection.quote_name(config.schema));
    Migrate(connection, config.schema);
  }

  std::mutex mutex;  // guards the connection
  pqxx::connection connection;
  LineCutter cutter;
};

template <typename Body>
auto OrgStore::Guarded(Body body) {
  std::lock_guard lock(session_->mutex);
  LineCutter::Limit limit(session_->cutter, config_.timeout);
  try {
    pqxx::work tx(session_->connection);
    return body(tx);
  } catch (const pqxx::failure& e) {
    throw StoreError(config_.database.display + ": " + e.what());
  }
}

OrgStore::OrgStore(const StorageConfig& config) : config_(config) {
  try {
    session_ = std::make_unique<Session>(config, ConninfoOf(config));
  } catch (const pqxx::failure& e) {
    throw StoreError(config.database.display + ": " + e.what());
  }
}

OrgStore::~OrgStore() = default;

bool OrgStore::TakeLock() {
  for (int left = kLockTries - 1; !TryLock(); --left) {
    if (left == 0) return false;
    std::this_thread::sleep_for(kLockPause);
  }
  return true;
}

bool OrgStore::TryLock() {
  return Guarded([&](pqxx::work& tx) {
    auto row = tx.exec_params1("SELECT pg_try_advisory_lock($1, hashtext($2))", kLockSpace,
                               config_.schema);
    tx.commit();
    return row[0].as<bool>();
  });
}

std::vector<KeptOrg> OrgStore::Load() {
  return Guarded([](pqxx::work& tx) {
    std::vector<KeptOrg> orgs;
    for (const auto& row :
         tx.exec("SELECT tenant_id, org_id, name, applied, gateway_token, live_token, "
                 "locked_at IS NOT NULL FROM grafana_org ORDER BY tenant_id")) {
      orgs.push_back(OrgOf(row));
    }
    return orgs;
  });
}

void OrgStore::Save(const std::vector<KeptOrg>& orgs) {
  Guarded([&](pqxx::work& tx) {
    for (const KeptOrg& org : orgs) SaveOne(tx, org);
    tx.commit();
  });
}

void OrgStore::Forget(const std::string& tenant_id) {
  Guarded([&](pqxx::work& tx) {
    tx.exec_params("DELETE FROM grafana_org WHERE tenant_id = $1", tenant_id);
    tx.commit();
  });
}

}  // namespace usage
