#include "sources/postgres/named_rows.h"

#include <algorithm>

#include "core/closest.h"

namespace usage {
namespace {

std::string WithoutSemicolon(const std::string& sql) {
  return sql.substr(0, sql.find_last_not_of("; \t\r\n") + 1);
}

std::string Joined(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

}  // namespace

NamedRows ReadNamedRows(ReadSession& session, const std::string& query) {
  const PgRows cells = session.Query(
      "SELECT n, cell.key, cell.value"
      " FROM (SELECT row_number() OVER () AS n, to_jsonb(t) AS row FROM (" +
      WithoutSemicolon(query) + ") t) numbered, jsonb_each_text(numbered.row) cell");
  NamedRows result;
  std::map<int, NamedRow> rows;
  for (const auto& cell : cells) {
    result.columns.insert(*cell[1]);
    NamedRow& row = rows[std::stoi(*cell[0])];
    if (cell[2]) row[*cell[1]] = *cell[2];
  }
  for (auto& [number, row] : rows) result.rows.push_back(std::move(row));
  return result;
}

std::string UnknownColumn(const NamedRows& rows, const std::vector<std::string>& known) {
  for (const std::string& column : rows.columns) {
    if (std::find(known.begin(), known.end(), column) != known.end()) continue;
    return "the query gives a column " + column + ", which is none of " + Joined(known) +
           DidYouMean(column, known);
  }
  return "";
}

std::string TextIn(const NamedRow& row, const std::string& column) {
  const auto found = row.find(column);
  if (found == row.end()) return "";
  const size_t begin = found->second.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return "";
  return found->second.substr(begin, found->second.find_last_not_of(" \t\r\n") - begin + 1);
}

TableFacts TableOf(ReadSession& session, const std::string& name, const std::string& setting) {
  const auto table = FindTables(session, {name}).front();
  if (!table) throw session.Fault(NoSuchTable(session, name, setting));
  return *table;
}

std::string SelectOf(ReadSession& session, const TableFacts& table,
                     const std::vector<std::string>& columns) {
  std::vector<ColumnWish> wishes;
  for (const std::string& column : columns) wishes.push_back({column, ColumnKind::kAny});
  const std::string missing = WhatIsMissing(table, wishes, CurrentRole(session));
  if (!missing.empty()) throw session.Fault(missing);
  return "SELECT " + Joined(columns) + " FROM " + table.name;
}

}  // namespace usage
