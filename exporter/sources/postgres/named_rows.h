// Rows whose columns are told by their names: of a table that has some of them, or of a query.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sources/postgres/read_session.h"
#include "sources/postgres/table_facts.h"

namespace usage {

// One row, by column; NULLs are left out.
using NamedRow = std::map<std::string, std::string>;

struct NamedRows {
  std::set<std::string> columns;  // none where there is no row
  std::vector<NamedRow> rows;
};

// Within the session's snapshot. A last semicolon of the query is left out.
NamedRows ReadNamedRows(ReadSession& session, const std::string& query);

// "" or the first column that is none of `known`: what is wrong, with the nearest.
std::string UnknownColumn(const NamedRows& rows, const std::vector<std::string>& known);

// The column's text without white space around; "" where there is none.
std::string TextIn(const NamedRow& row, const std::string& column);

// The table of that name. Throws what to do where there is none; `setting` has its name.
TableFacts TableOf(ReadSession& session, const std::string& name, const std::string& setting);

// "SELECT a, b FROM table" of these columns. Throws what is missing.
std::string SelectOf(ReadSession& session, const TableFacts& table,
                     const std::vector<std::string>& columns);

}  // namespace usage
