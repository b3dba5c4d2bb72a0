#include "sources/postgres/tenants.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include "core/closest.h"
#include "sources/postgres/table_facts.h"

namespace usage {
namespace {

constexpr std::chrono::seconds kTimeout{10};

const std::vector<std::string>& KnownColumns() {
  static const std::vector<std::string> columns = {
      "id", "name", "time_zone", "billing_day", "quota_bytes", "plan", "week_start", "alerts"};
  return columns;
}

// One row, by column; NULLs are left out.
using TenantRow = std::map<std::string, std::string>;

class TenantReader {
 public:
  TenantReader(const TenantsConfig& config, const ReadSession& session)
      : config_(config), session_(session) {}

  TenantInfo Read(const TenantRow& row) {
    TenantInfo tenant;
    tenant.id = Text(row, "id", "");
    if (tenant.id.empty()) throw session_.Fault("tenants: a row has no id");
    if (!ids_.insert(tenant.id).second) {
      throw session_.Fault("tenants: the id " + tenant.id + " comes twice");
    }
    tenant.name = Text(row, "name", tenant.id);
    tenant.time_zone = Text(row, "time_zone", config_.default_time_zone);
    tenant.plan = Text(row, "plan", "");
    tenant.billing_day = config_.default_billing_day;
    if (const auto day = Number(row, "billing_day", 31))
      tenant.billing_day = static_cast<int>(*day);
    tenant.week_start = WeekStart(row);
    if (tenant.billing_day < 1) throw Fault(row, "billing_day", "a day from 1 to 31");
    tenant.quota_bytes = Number(row, "quota_bytes", UINT64_MAX);
    tenant.alerts = config_.default_alerts;
    tenant.alerts_fault = ReadAlertThresholds(Text(row, "alerts", ""), &tenant.alerts);
    return tenant;
  }

 private:
  static std::string Text(const TenantRow& row, const std::string& column,
                          const std::string& otherwise) {
    const auto found = row.find(column);
    const bool is_blank =
        found == row.end() || found->second.find_first_not_of(' ') == std::string::npos;
    return is_blank ? otherwise : found->second;
  }

  // A panel's column may say it otherwise; how a calendar looks must not end the accounting.
  static std::string WeekStart(const TenantRow& row) {
    const std::string day = Text(row, "week_start", "");
    const bool is_known = day == "monday" || day == "saturday" || day == "sunday";
    return is_known ? day : "";
  }

  std::optional<uint64_t> Number(const TenantRow& row, const std::string& column,
                                 uint64_t most) const {
    const auto found = row.find(column);
    if (found == row.end()) return std::nullopt;
    uint64_t number = 0;
    const char* end = found->second.data() + found->second.size();
    const auto [stop, error] = std::from_chars(found->second.data(), end, number);
    if (error != std::errc() || stop != end || number > most) {
      throw Fault(row, column, most == 31 ? "a day from 1 to 31" : "a whole number of bytes");
    }
    return number;
  }

  std::runtime_error Fault(const TenantRow& row, const std::string& column,
                           const std::string& expected) const {
    return session_.Fault("tenants: " + column + " of the tenant " + row.at("id") + " is " +
                          row.at(column) + ", expected " + expected);
  }

  const TenantsConfig& config_;
  const ReadSession& session_;
  std::set<std::string> ids_;
};

std::string WithoutSemicolon(std::string sql) {
  const size_t last = sql.find_last_not_of("; \t\r\n");
  return sql.substr(0, last + 1);
}

// Rows of (row, column, value): whatever columns the query has.
std::map<int, TenantRow> ToRows(const PgRows& cells) {
  std::map<int, TenantRow> rows;
  for (const auto& cell : cells) {
    TenantRow& row = rows[std::stoi(*cell[0])];
    if (cell[2]) row[*cell[1]] = *cell[2];
  }
  return rows;
}

// "" or what is wrong with the columns that a query gives.
std::string FaultOfColumns(const PgRows& cells) {
  std::set<std::string> columns;
  for (const auto& cell : cells) columns.insert(*cell[1]);
  for (const std::string& column : columns) {
    const auto& known = KnownColumns();
    if (std::find(known.begin(), known.end(), column) != known.end()) continue;
    return "tenants: the query gives a column " + column +
           ", which is none of id, name, time_zone, "
           "billing_day, quota_bytes, plan, week_start, alerts" +
           DidYouMean(column, known);
  }
  for (const char* needed : {"id", "name"}) {
    if (!cells.empty() && columns.count(needed) == 0) {
      return std::string("tenants: the query gives no column ") + needed;
    }
  }
  return "";
}

}  // namespace

SqlTenantSource::SqlTenantSource(const TenantsConfig& config)
    : config_(config), session_("tenants", "usage_exporter/tenants", config.database, kTimeout) {}

std::vector<TenantInfo> SqlTenantSource::Read() {
  session_.Begin();
  const PgRows cells = session_.Query(
      "SELECT n, cell.key, cell.value"
      " FROM (SELECT row_number() OVER () AS n, to_jsonb(t) AS row FROM (" +
      Query() + ") t) numbered, jsonb_each_text(numbered.row) cell");
  session_.End();
  const std::string fault = FaultOfColumns(cells);
  if (!fault.empty()) throw session_.Fault(fault);
  std::vector<TenantInfo> tenants;
  TenantReader reader(config_, session_);
  for (const auto& [number, row] : ToRows(cells)) tenants.push_back(reader.Read(row));
  return tenants;
}

std::string SqlTenantSource::Query() {
  return config_.sql.empty() ? QueryOfTable() : WithoutSemicolon(config_.sql);
}

std::string SqlTenantSource::QueryOfTable() {
  const auto table = FindTables(session_, {config_.table}).front();
  if (!table) throw session_.Fault(NoSuchTable(session_, config_.table, "tenants.table"));
  std::vector<ColumnWish> wishes = {{"id", ColumnKind::kAny}, {"name", ColumnKind::kAny}};
  for (const std::string& column : KnownColumns()) {
    const bool is_optional = column != "id" && column != "name";
    if (is_optional && table->columns.count(column)) wishes.push_back({column, ColumnKind::kAny});
  }
  const std::string missing = WhatIsMissing(*table, wishes, CurrentRole(session_));
  if (!missing.empty()) throw session_.Fault(missing);
  std::string list;
  for (const ColumnWish& wish : wishes) list += (list.empty() ? "" : ", ") + wish.name;
  return "SELECT " + list + " FROM " + table->name;
}

}  // namespace usage
