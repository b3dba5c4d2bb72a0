#include "sources/postgres/radacct_catalogue.h"

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

namespace usage {
namespace {

// Lives for one look-up.
class Finder {
 public:
  Finder(const RadacctConfig& config, ReadSession& session)
      : config_(config), session_(session), role_(CurrentRole(session)) {}

  RadacctCatalogue Run() {
    config_.schemas_sql.empty() ? FindOne() : FindSchemas();
    if (!found_.parts.empty()) TryExpressions();
    return std::move(found_);
  }

 private:
  void FindOne() {
    auto table = FindTables(session_, {config_.table}).front();
    if (!table) throw session_.Fault(NoSuchTable(session_, config_.table, "table"));
    const std::string fault = FaultOf(*table);
    if (!fault.empty()) throw session_.Fault(fault);
    Add({"", std::nullopt, std::move(*table)});
  }

  void FindSchemas() {
    const std::vector<RadacctPart> wanted = WantedSchemas();
    std::vector<std::string> names;
    for (const RadacctPart& part : wanted) names.push_back(QuotedName(part.schema));
    auto tables = FindTables(session_, names);
    for (size_t i = 0; i < wanted.size(); ++i) AddSchema(wanted[i], std::move(tables[i]));
    if (found_.parts.empty() && !found_.advice.empty()) {
      throw session_.Fault("no schema can be read: " + found_.advice.front());
    }
  }

  void AddSchema(RadacctPart part, std::optional<TableFacts> table) {
    const std::string fault =
        table ? FaultOf(*table) : "there is no table " + QuotedName(part.schema);
    if (!fault.empty()) {
      found_.advice.push_back("schema " + part.schema + " is not read: " + fault);
      return;
    }
    part.table = std::move(*table);
    Add(std::move(part));
  }

  void Add(RadacctPart part) {
    if (!HasOpenIndex(part.table) && !part.table.IsView()) {
      found_.advice.push_back(std::string("open sessions are found by a scan") +
                              (part.table.IsScannable() ? "" : " every 5 minutes") +
                              ": CREATE INDEX CONCURRENTLY ON " + part.table.name +
                              " (acctuniqueid) WHERE acctstoptime IS NULL;");
    }
    found_.parts.push_back(std::move(part));
  }

  std::vector<RadacctPart> WantedSchemas() {
    const PgRows rows = QuerySchemas();
    std::vector<RadacctPart> wanted;
    std::set<std::string> seen;
    for (const auto& row : rows) {
      if (row.size() != 2)
        throw session_.Fault("schemas_sql must give two columns: schema, tenant id");
      if (!row[0] || !row[1]) continue;
      if (!seen.insert(*row[0]).second) {
        throw session_.Fault("schemas_sql names the schema " + *row[0] + " twice");
      }
      wanted.push_back({*row[0], *row[1], {}});
    }
    return wanted;
  }

  PgRows QuerySchemas() try {
    return session_.Query(config_.schemas_sql);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(std::string(error.what()) +
                             "; correct schemas_sql: " + config_.schemas_sql);
  }

  std::string QuotedName(const std::string& schema) const {
    return session_.Identifier(schema) + "." + session_.Identifier(config_.table);
  }

  // The two indexes are the table's keys: FreeRADIUS itself would not work well without them.
  std::string FaultOf(const TableFacts& table) const {
    const std::string missing = WhatIsMissing(table, RadacctRow::Columns(), role_);
    if (!missing.empty() || table.IsView() || table.IsScannable()) return missing;
    for (const char* column : {"radacctid", "acctuniqueid"}) {
      if (table.HasIndexOn(column)) continue;
      return "no index finds the rows of " + table.name + " by " + column +
             ": CREATE UNIQUE INDEX CONCURRENTLY ON " + table.name + " (" + column + ");";
    }
    return "";
  }

  // A fault of an expression is reported as such, and not at some row.
  void TryExpressions() {
    if (config_.schemas_sql.empty()) Try("tenant_sql", config_.tenant_sql);
    Try("subscriber_sql", config_.subscriber_sql);
    Try("access_sql", config_.access_sql);
  }

  void Try(const std::string& setting, const std::string& expression) {
    try {
      session_.Query("SELECT (" + expression + ")::text FROM " + found_.parts[0].table.name +
                     " r WHERE false");
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(std::string(error.what()) + "; correct " + setting + ": " +
                               expression);
    }
  }

  const RadacctConfig& config_;
  ReadSession& session_;
  const std::string role_;
  RadacctCatalogue found_;
};

}  // namespace

RadacctCatalogue FindRadacct(const RadacctConfig& config, ReadSession& session) {
  return Finder(config, session).Run();
}

bool HasOpenIndex(const TableFacts& radacct) {
  if (radacct.HasIndexOn("acctstoptime")) return true;
  return std::any_of(radacct.indexes.begin(), radacct.indexes.end(), [](const IndexFacts& index) {
    return index.predicate == "(acctstoptime IS NULL)";
  });
}

}  // namespace usage
