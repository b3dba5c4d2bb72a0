#include "sim/panel_store.h"

#include <charconv>
#include <functional>
#include <pqxx/pqxx>
#include <stdexcept>

#include "sim/panel_tables.h"

namespace usage::sim {
namespace {

// The timestamps of user_sessions are without zone, and in UTC.
std::string Timestamp(Second t) {
  std::string text = FormatInstant(t);
  text[10] = ' ';
  return text.substr(0, 19);
}

// An array as PostgreSQL reads it: {"a","b",NULL}.
class Array {
 public:
  void Add(const std::string& text) {
    Next();
    out_ += '"';
    for (char c : text) {
      if (c == '"' || c == '\\') out_ += '\\';
      out_ += c;
    }
    out_ += '"';
  }
  void Add(uint64_t number) {
    Next();
    char digits[24];
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  }
  void AddNull() {
    Next();
    out_ += "NULL";
  }
  void AddOrNull(const std::string& text) { text.empty() ? AddNull() : Add(text); }
  std::string Take() { return std::move(out_) + '}'; }

 private:
  void Next() {
    if (out_.size() > 1) out_ += ',';
  }
  std::string out_ = "{";
};

// data_used, data_upload and data_download of many rows.
struct CounterArrays {
  Array used, upload, download;

  void Add(const PanelCounters& counters) {
    used.Add(counters.volume.sum());
    if (counters.data_used_only) {
      upload.AddNull();
      download.AddNull();
    } else {
      upload.Add(counters.volume.upload);
      download.Add(counters.volume.download);
    }
  }
};

void Insert(pqxx::work& work, const PanelBatch& batch) {
  Array ids, tenants, vouchers, macs, starts, ends, statuses;
  CounterArrays counters;
  for (const PanelRow& row : batch.rows) {
    ids.Add(row.id);
    tenants.Add(row.tenant_id);
    vouchers.AddOrNull(row.voucher);
    macs.AddOrNull(row.mac);
    starts.Add(Timestamp(row.start));
    ends.Add(Timestamp(row.end));
    statuses.Add(row.status);
    counters.Add(row.counters);
  }
  work.exec_params(
      "INSERT INTO user_sessions (id, tenant_id, voucher, mac_address, start_time, end_time, "
      "status,"
      " data_used, data_upload, data_download, created_at, updated_at)"
      " SELECT *, $11::timestamp, $11::timestamp FROM unnest($1::uuid[], $2::uuid[], $3::varchar[],"
      " $4::varchar[], $5::timestamp[], $6::timestamp[], $7::varchar[], $8::bigint[], $9::bigint[],"
      " $10::bigint[])"
      " ON CONFLICT (id) DO UPDATE SET start_time = excluded.start_time,"
      " end_time = excluded.end_time, status = excluded.status, data_used = excluded.data_used,"
      " data_upload = excluded.data_upload, data_download = excluded.data_download,"
      " updated_at = excluded.updated_at",
      ids.Take(), tenants.Take(), vouchers.Take(), macs.Take(), starts.Take(), ends.Take(),
      statuses.Take(), counters.used.Take(), counters.upload.Take(), counters.download.Take(),
      Timestamp(batch.at));
}

void Update(pqxx::work& work, const std::vector<PanelUpdate>& updates, Second at) {
  if (updates.empty()) return;
  Array ids;
  CounterArrays counters;
  for (const PanelUpdate& update : updates) {
    ids.Add(update.id);
    counters.Add(update.counters);
  }
  work.exec_params(
      "UPDATE user_sessions s SET data_used = n.used, data_upload = n.upload,"
      " data_download = n.download, updated_at = $5::timestamp"
      " FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[])"
      " AS n (id, used, upload, download) WHERE s.id = n.id",
      ids.Take(), counters.used.Take(), counters.upload.Take(), counters.download.Take(),
      Timestamp(at));
}

void Close(pqxx::work& work, const PanelBatch& batch) {
  Array ids, ends, statuses, keeps;
  CounterArrays counters;
  for (const PanelClose& close : batch.closed) {
    ids.Add(close.id);
    ends.Add(Timestamp(close.end));
    statuses.Add(close.status);
    keeps.Add(uint64_t{close.counters ? 0U : 1U});
    counters.Add(close.counters.value_or(PanelCounters()));
  }
  work.exec_params(
      "UPDATE user_sessions s SET end_time = n.ended, status = n.status,"
      " data_used = CASE WHEN n.keeps = 1 THEN s.data_used ELSE n.used END,"
      " data_upload = CASE WHEN n.keeps = 1 THEN s.data_upload ELSE n.upload END,"
      " data_download = CASE WHEN n.keeps = 1 THEN s.data_download ELSE n.download END,"
      " updated_at = $8::timestamp"
      " FROM unnest($1::uuid[], $2::timestamp[], $3::varchar[], $4::int[], $5::bigint[],"
      " $6::bigint[], $7::bigint[]) AS n (id, ended, status, keeps, used, upload, download)"
      " WHERE s.id = n.id",
      ids.Take(), ends.Take(), statuses.Take(), keeps.Take(), counters.used.Take(),
      counters.upload.Take(), counters.download.Take(), Timestamp(batch.at));
}

void Purge(pqxx::work& work, const PanelBatch& batch) {
  Array ids;
  for (const std::string& id : batch.purged) ids.Add(id);
  work.exec_params("DELETE FROM user_sessions WHERE id = ANY($1::uuid[])", ids.Take());
}

std::string IdsOf(const std::vector<Tenant>& tenants) {
  Array ids;
  for (const Tenant& tenant : tenants) ids.Add(tenant.id);
  return ids.Take();
}

// The columns that every panel has, and those that are there besides.
class TenantUpsert {
 public:
  void Add(const std::string& column, const std::string& type, Array values) {
    auto number = std::to_string(arrays_.size() + 1);
    columns_ += (arrays_.empty() ? "" : ", ") + column;
    unnest_ += (arrays_.empty() ? "$" : ", $") + number + "::" + type + "[]";
    if (!arrays_.empty()) {
      updates_ += (updates_.empty() ? "" : ", ") + column + " = excluded." + column;
    }
    arrays_.push_back(values.Take());
  }
  void Run(pqxx::work& work) const {
    std::string sql = "INSERT INTO tenants (" + columns_ + ") SELECT * FROM unnest(" + unnest_ +
                      ") ON CONFLICT (id) DO UPDATE SET " + updates_;
    work.exec_params(sql, pqxx::prepare::make_dynamic_params(arrays_));
  }

 private:
  std::string columns_, unnest_, updates_;
  std::vector<std::string> arrays_;
};

}  // namespace

class PanelStore::Connection {
 public:
  explicit Connection(const std::string& dsn) : connection_(dsn) {
    connection_.set_variable("application_name", "'usage_sim'");
    connection_.set_variable("timezone", "'UTC'");
  }
  void InTransaction(const std::function<void(pqxx::work&)>& action) {
    pqxx::work work(connection_);
    action(work);
    work.commit();
  }

 private:
  pqxx::connection connection_;
};

PanelStore::PanelStore(std::string dsn) : dsn_(std::move(dsn)) {}
PanelStore::~PanelStore() = default;

PanelStore::Connection& PanelStore::connection() {
  if (connection_ == nullptr) connection_ = std::make_unique<Connection>(dsn_);
  return *connection_;
}

void PanelStore::CreateTables() {
  connection().InTransaction([](pqxx::work& work) { work.exec(kPanelTables); });
}

TenantColumns PanelStore::CheckTables(bool with_user_sessions) try {
  TenantColumns columns;
  connection().InTransaction([&](pqxx::work& work) {
    work.exec("SELECT id, name FROM tenants LIMIT 0");
    if (with_user_sessions) work.exec("SELECT id, updated_at FROM user_sessions LIMIT 0");
    for (const auto& row :
         work.exec("SELECT attname FROM pg_attribute WHERE attrelid = 'tenants'::regclass"
                   " AND attnum > 0 AND NOT attisdropped")) {
      std::string name = row[0].as<std::string>();
      columns.time_zone |= name == "time_zone";
      columns.billing_day |= name == "billing_day";
      columns.quota_bytes |= name == "quota_bytes";
      columns.plan |= name == "plan";
    }
  });
  return columns;
} catch (const pqxx::sql_error& error) {
  throw std::runtime_error(
      std::string("--database: ") + error.what() +
      "remedy: --create-tables makes the tables, or take the panel's database");
}

void PanelStore::WriteTenants(const std::vector<Tenant>& tenants, const TenantColumns& columns) {
  Array ids, names, zones, days, quotas, plans;
  for (const Tenant& tenant : tenants) {
    ids.Add(tenant.id);
    names.Add(tenant.name);
    zones.Add(tenant.zone_name());
    days.Add(static_cast<uint64_t>(tenant.billing_day));
    tenant.quota_bytes ? quotas.Add(*tenant.quota_bytes) : quotas.AddNull();
    plans.AddOrNull(tenant.plan);
  }
  TenantUpsert upsert;
  upsert.Add("id", "uuid", std::move(ids));
  upsert.Add("name", "varchar", std::move(names));
  if (columns.time_zone) upsert.Add("time_zone", "varchar", std::move(zones));
  if (columns.billing_day) upsert.Add("billing_day", "int", std::move(days));
  if (columns.quota_bytes) upsert.Add("quota_bytes", "bigint", std::move(quotas));
  if (columns.plan) upsert.Add("plan", "varchar", std::move(plans));
  connection().InTransaction([&](pqxx::work& work) { upsert.Run(work); });
}

void PanelStore::CloseLeftovers(const std::vector<Tenant>& tenants, Second at) {
  connection().InTransaction([&](pqxx::work& work) {
    work.exec_params(
        "UPDATE user_sessions SET status = 'terminated', end_time = updated_at,"
        " updated_at = $2::timestamp WHERE status = 'active' AND tenant_id = ANY($1::uuid[])",
        IdsOf(tenants), Timestamp(at));
  });
}

void PanelStore::Write(const PanelBatch& batch) try {
  connection().InTransaction([&](pqxx::work& work) {
    if (!batch.rows.empty()) Insert(work, batch);
    Update(work, batch.moving, batch.at);
    if (!batch.closed.empty()) Close(work, batch);
    if (!batch.purged.empty()) Purge(work, batch);
  });
  if (batch.again.empty()) return;
  connection().InTransaction([&](pqxx::work& work) { Update(work, batch.again, batch.at); });
} catch (const std::exception&) {
  // Whatever it was: a new connection is the safest next try.
  connection_.reset();
  throw;
}

}  // namespace usage::sim
