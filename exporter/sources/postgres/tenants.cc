#include "sources/postgres/tenants.h"

#include <charconv>
#include <set>
#include <stdexcept>
#include <utility>

#include "sources/postgres/named_rows.h"

namespace usage {
namespace {

constexpr std::chrono::seconds kTimeout{10};

const std::vector<std::string>& KnownColumns() {
  static const std::vector<std::string> columns = {
      "id", "name", "time_zone", "billing_day", "quota_bytes", "plan", "week_start", "alerts"};
  return columns;
}

class TenantReader {
 public:
  TenantReader(const TenantsConfig& config, const ReadSession& session)
      : config_(config), session_(session) {}

  TenantInfo Read(const NamedRow& row) {
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
  static std::string Text(const NamedRow& row, const std::string& column,
                          const std::string& otherwise) {
    const auto found = row.find(column);
    const bool is_blank =
        found == row.end() || found->second.find_first_not_of(' ') == std::string::npos;
    return is_blank ? otherwise : found->second;
  }

  // A panel's column may say it otherwise; how a calendar looks must not end the accounting.
  static std::string WeekStart(const NamedRow& row) {
    const std::string day = Text(row, "week_start", "");
    const bool is_known = day == "monday" || day == "saturday" || day == "sunday";
    return is_known ? day : "";
  }

  std::optional<uint64_t> Number(const NamedRow& row, const std::string& column,
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

  std::runtime_error Fault(const NamedRow& row, const std::string& column,
                           const std::string& expected) const {
    return session_.Fault("tenants: " + column + " of the tenant " + row.at("id") + " is " +
                          row.at(column) + ", expected " + expected);
  }

  const TenantsConfig& config_;
  const ReadSession& session_;
  std::set<std::string> ids_;
};

// "" or what is wrong with the columns that a query gives.
std::string FaultOfColumns(const NamedRows& rows) {
  const std::string unknown = UnknownColumn(rows, KnownColumns());
  if (!unknown.empty()) return "tenants: " + unknown;
  for (const char* needed : {"id", "name"}) {
    if (!rows.columns.empty() && rows.columns.count(needed) == 0) {
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
  const NamedRows rows =
      ReadNamedRows(session_, config_.sql.empty() ? QueryOfTable() : config_.sql);
  session_.End();
  const std::string fault = FaultOfColumns(rows);
  if (!fault.empty()) throw session_.Fault(fault);
  std::vector<TenantInfo> tenants;
  TenantReader reader(config_, session_);
  for (const NamedRow& row : rows.rows) tenants.push_back(reader.Read(row));
  return tenants;
}

std::string SqlTenantSource::QueryOfTable() {
  const TableFacts table = TableOf(session_, config_.table, "tenants.table");
  std::vector<std::string> columns = {"id", "name"};
  for (const std::string& column : KnownColumns()) {
    const bool is_optional = column != "id" && column != "name";
    if (is_optional && table.columns.count(column)) columns.push_back(column);
  }
  return SelectOf(session_, table, columns);
}

}  // namespace usage
