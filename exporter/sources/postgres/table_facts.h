// What the catalogue says of a table, before it is read.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sources/postgres/read_session.h"

namespace usage {

// Tables of more rows are not scanned, or rarely.
inline constexpr double kScannableRows = 100'000;

struct IndexFacts {
  std::string method;                // "btree"
  std::vector<std::string> columns;  // "" for an expression
  std::string predicate;             // "" for an index of all rows
};

struct ColumnFacts {
  std::string type;  // as format_type writes it: "timestamp without time zone"
  bool readable = false;
};

struct TableFacts {
  std::string name;  // schema.table, quoted: for SQL
  char kind = 'r';   // pg_class.relkind
  bool readable = false;
  bool schema_usable = false;
  bool hides_rows = false;  // row-level security applies to this role
  double rows = 0;          // an estimate
  std::map<std::string, ColumnFacts> columns;
  std::vector<IndexFacts> indexes;  // valid ones

  // Rows have versions that can be compared: not those of views and foreign tables.
  bool HasVersions() const { return readable && (kind == 'r' || kind == 'p' || kind == 'm'); }
  bool IsView() const { return kind == 'v' || kind == 'f'; }
  bool IsScannable() const { return rows <= kScannableRows; }
  // Whether some index of all rows begins with the column.
  bool HasIndexOn(const std::string& column) const;
};

// The column of the table with that alias as SQL text, an address without its mask; NULL where
// there is none or this role may not read it.
std::string TextIfThere(const TableFacts& table, const std::string& alias,
                        const std::string& column);

// The kinds of columns that a source can read.
enum class ColumnKind { kUuid, kText, kInteger, kTimestamp, kInstant, kAny };

struct ColumnWish {
  std::string name;
  ColumnKind kind;
};

// Looks tables up by names that may have a schema; no value where there is none. In the names'
// order.
std::vector<std::optional<TableFacts>> FindTables(ReadSession& session,
                                                  const std::vector<std::string>& names);

// "" when all columns are there, of the right type, and readable; else what is wrong and what to
// do about it.
std::string WhatIsMissing(const TableFacts& table, const std::vector<ColumnWish>& wishes,
                          const std::string& role);

// What to say of a table that is not there; names the setting that has its name.
std::string NoSuchTable(ReadSession& session, const std::string& name, const std::string& setting);

// The role of this connection, quoted.
std::string CurrentRole(ReadSession& session);

}  // namespace usage
