#include "sim/ledger_tables.h"

#include <pqxx/pqxx>

namespace usage::sim {
namespace {

struct Table {
  FigureKind kind;
  const char* name;
  const char* columns;  // tenant, access, day, subscriber
};
constexpr Table kTables[] = {
    {FigureKind::kTotal, "tenant_total", "tenant_id, access, '', ''"},
    {FigureKind::kDay, "tenant_day", "tenant_id, access, day::text, ''"},
    {FigureKind::kSubscriberDay, "subscriber_day", "tenant_id, access, day::text, subscriber"},
};

void Read(pqxx::transaction_base& work, const std::string& schema, const Table& table,
          Figures& figures) {
  auto rows = work.exec("SELECT " + std::string(table.columns) + ", upload_bytes, download_bytes" +
                        " FROM " + schema + "." + table.name);
  for (const auto& row : rows) {
    FigureKey key{table.kind, row[0].c_str(), row[1].c_str(), row[2].c_str(), row[3].c_str()};
    figures[key] += {row[4].as<uint64_t>(), row[5].as<uint64_t>()};
  }
}

}  // namespace

Figures ReadLedger(const std::string& dsn, const std::string& schema) {
  pqxx::connection connection(dsn);
  connection.set_variable("application_name", "'usage_sim verify'");
  connection.set_variable("datestyle", "'ISO'");
  pqxx::transaction<pqxx::repeatable_read, pqxx::read_only> work(connection);
  Figures figures;
  for (const Table& table : kTables) Read(work, work.quote_name(schema), table, figures);
  return figures;
}

}  // namespace usage::sim
