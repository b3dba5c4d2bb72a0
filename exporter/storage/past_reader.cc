#include "storage/past_reader.h"

#include <map>

#include "net/postgres.h"
#include "storage/line_cutter.h"
#include "storage/loader.h"
#include "storage/pq.h"
#include "storage/store.h"

namespace usage {
namespace {

constexpr auto kPatience = std::chrono::minutes(2);  // for whole tables
constexpr const char* kPatient = "SET LOCAL statement_timeout = '2min'";

std::string ConninfoOf(const StorageConfig& config) {
  PgSettings settings;
  settings.application_name = "usage_exporter/history";
  settings.statement_timeout = config.timeout;
  settings.read_only = true;
  return ConnectionString(config.database.dsn, config.database.password, settings);
}

// Per tenant, by the primary key's order: a scan of the table would read all years.
std::string RowsOf(const std::string& table, const std::string& day) {
  return "SELECT n.tenant_id, n.access, r." + day +
         " - date '1970-01-01', r.upload_bytes, r.download_bytes FROM tenant_total n "
         "CROSS JOIN LATERAL (SELECT * FROM " +
         table + " t WHERE t.tenant_id = n.tenant_id AND t.access = n.access AND t." + day +
         " >= date '1970-01-01' + $1::int ORDER BY t." + day + ") r";
}

using ById = std::map<std::string, TenantPast*, std::less<>>;

void Fill(pqxx::transaction_base& tx, const std::string& table, const std::string& column, Day from,
          std::vector<DatedVolume> AccessPast::*part, const ById& tenants) {
  for (const auto& row : tx.exec_params(RowsOf(table, column), from.number)) {
    auto tenant = tenants.find(row[0].c_str());
    if (tenant == tenants.end()) continue;
    const auto access = static_cast<size_t>(ParseAccess(row[1].c_str()).value());
    (tenant->second->access[access].*part).push_back({AsDay(row[2]), AsVolume(row, 3)});
  }
}

}  // namespace

class PastReader::Session {
 public:
  Session(const StorageConfig& config, const std::string& conninfo)
      : connection(conninfo), cutter(connection.sock()) {
    LineCutter::Limit limit(cutter, config.timeout);
    connection.set_variable("search_path", connection.quote_name(config.schema));
  }

  pqxx::connection connection;
  LineCutter cutter;
};

PastReader::PastReader(const StorageConfig& config) : config_(config) {}
PastReader::~PastReader() = default;

template <typename Body>
auto PastReader::Guarded(std::chrono::milliseconds limit, Body body) {
  try {
    if (!session_) session_ = std::make_unique<Session>(config_, ConninfoOf(config_));
    LineCutter::Limit limited(session_->cutter, limit);
    // One moment of all tables, also while a fold is written.
    pqxx::transaction<pqxx::repeatable_read, pqxx::readwrite_policy::read_only> tx(
        session_->connection);
    auto result = body(tx);
    tx.commit();
    return result;
  } catch (const pqxx::failure& e) {
    const bool has_cut = session_ && session_->cutter.has_cut();
    session_.reset();
    const std::string fault = has_cut ? "no answer in time" : e.what();
    throw StoreError("history at " + config_.database.display + ": " +
                     fault.substr(0, fault.find('\n')));
  }
}

PastMark PastReader::Mark() {
  return Guarded(config_.timeout, [](pqxx::transaction_base& tx) {
    auto row =
        tx.exec1("SELECT folded_seq, (SELECT coalesce(max(audit_id), 0) FROM audit) FROM state");
    return PastMark{row[0].as<int64_t>(), row[1].as<int64_t>()};
  });
}

Past PastReader::Read(Day first_day, Day first_period) {
  return Guarded(kPatience, [&](pqxx::transaction_base& tx) {
    tx.exec(kPatient);
    Past past;
    past.born = *AsTime(tx.exec1("SELECT " + MicrosOf("born_at") + " FROM state")[0]);
    past.first_day = first_day;
    for (TenantProfile& profile : LoadProfiles(tx))
      past.tenants.push_back({std::move(profile), {}});
    ById tenants;
    for (TenantPast& tenant : past.tenants) tenants[tenant.profile.id] = &tenant;
    Fill(tx, "tenant_day", "day", first_day, &AccessPast::days, tenants);
    Fill(tx, "tenant_month", "period", first_period, &AccessPast::months, tenants);
    return past;
  });
}

}  // namespace usage
