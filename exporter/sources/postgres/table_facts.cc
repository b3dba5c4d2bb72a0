#include "sources/postgres/table_facts.h"

#include <algorithm>
#include <array>

#include "core/closest.h"
#include "sources/postgres/key_lists.h"

namespace usage {
namespace {

// The catalogue is asked and not to_regclass(), which fails for a schema that may not be used:
// what is missing is to be named.
constexpr char kTablesSql[] = R"(
  SELECT wanted.n, c.oid, quote_ident(c.nspname) || '.' || quote_ident(c.relname), c.relkind,
         has_table_privilege(c.oid, 'SELECT'), has_schema_privilege(c.relnamespace, 'USAGE'),
         CASE WHEN c.reltuples >= 0 THEN c.reltuples
              WHEN c.relkind = 'r' THEN pg_relation_size(c.oid) / 100 ELSE 0 END,
         c.relkind IN ('r', 'p') AND row_security_active(c.oid)
    FROM unnest($1::text[]) WITH ORDINALITY wanted(name, n), parse_ident(wanted.name) AS ident,
         LATERAL (
           SELECT c.*, n.nspname
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
              AND c.relname = ident[cardinality(ident)]
              AND CASE WHEN cardinality(ident) > 1 THEN n.nspname = ident[cardinality(ident) - 1]
                       ELSE pg_table_is_visible(c.oid) OR n.nspname = ANY (string_to_array(
                              replace(current_setting('search_path'), ' ', ''), ',')) END
            ORDER BY pg_table_is_visible(c.oid) DESC LIMIT 1) c)";

constexpr char kColumnsSql[] = R"(
  SELECT a.attrelid, a.attname,
         format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END, NULL),
         has_column_privilege(a.attrelid, a.attnum, 'SELECT')
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
   WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped)";

constexpr char kIndexesSql[] = R"(
  SELECT i.indrelid, am.amname, coalesce(pg_get_expr(i.indpred, i.indrelid), ''),
         (SELECT string_agg(coalesce(a.attname, ''), ',' ORDER BY k.n)
            FROM unnest(i.indkey) WITH ORDINALITY k(attnum, n)
            LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam
   WHERE i.indrelid = ANY ($1::oid[]) AND i.indisvalid)";

constexpr char kNearbyTablesSql[] = R"(
  SELECT c.relname, n.nspname || '.' || c.relname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\_%'
     AND n.nspname <> 'information_schema' ORDER BY 2 LIMIT 1000)";

bool IsTrue(const std::optional<std::string>& field) { return field == "t"; }

std::vector<std::string> Split(const std::string& list) {
  std::vector<std::string> parts(1);
  for (const char c : list) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

using TablesByOid = std::map<std::string, TableFacts*>;

void AddColumns(ReadSession& session, const std::string& oids, TablesByOid& tables) {
  for (const auto& row : session.Query(kColumnsSql, std::array{oids})) {
    tables.at(*row[0])->columns[*row[1]] = {*row[2], IsTrue(row[3])};
  }
}

void AddIndexes(ReadSession& session, const std::string& oids, TablesByOid& tables) {
  for (const auto& row : session.Query(kIndexesSql, std::array{oids})) {
    tables.at(*row[0])->indexes.push_back({*row[1], Split(row[3].value_or("")), *row[2]});
  }
}

TableFacts ToTable(const PgRows::value_type& row) {
  TableFacts table;
  table.name = *row[2];
  table.kind = row[3]->at(0);
  table.readable = IsTrue(row[4]);
  table.schema_usable = IsTrue(row[5]);
  table.rows = std::stod(*row[6]);
  table.hides_rows = IsTrue(row[7]);
  return table;
}

bool Fits(const std::string& type, ColumnKind kind) {
  switch (kind) {
    case ColumnKind::kUuid:
      return type == "uuid";
    case ColumnKind::kText:
      return type == "text" || type == "character varying" || type == "character";
    case ColumnKind::kInteger:
      return type == "bigint" || type == "integer" || type == "smallint";
    case ColumnKind::kInstant:
      return type == "timestamp with time zone";
    case ColumnKind::kTimestamp:
      return type.starts_with("timestamp with");
    case ColumnKind::kAny:
      return true;
  }
  return false;
}

std::string NameOf(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::kUuid:
      return "uuid";
    case ColumnKind::kText:
      return "text or varchar";
    case ColumnKind::kInteger:
      return "bigint";
    case ColumnKind::kInstant:
      return "timestamp with time zone";
    case ColumnKind::kTimestamp:
      return "timestamp";
    case ColumnKind::kAny:
      return "any type";
  }
  return "";
}

std::string SchemaOf(const TableFacts& table) { return table.name.substr(0, table.name.find('.')); }

std::string MissingColumn(const TableFacts& table, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [column, facts] : table.columns) names.push_back(column);
  const std::string nearest = ClosestWord(name, names);
  std::string message = table.name + " has no column " + name;
  if (!nearest.empty()) message += "; the nearest is " + nearest;
  return message + "; a view with the names that are expected can stand in for the table";
}

std::string MissingGrant(const TableFacts& table, const std::string& role) {
  if (!table.schema_usable) {
    return "the role " + role + " may not use the schema " + SchemaOf(table) +
           ": GRANT USAGE ON SCHEMA " + SchemaOf(table) + " TO " + role + ";";
  }
  return "the role " + role + " may not read " + table.name + ": GRANT SELECT ON " + table.name +
         " TO " + role + ";";
}

}  // namespace

bool TableFacts::HasIndexOn(const std::string& column) const {
  return std::any_of(indexes.begin(), indexes.end(), [&](const IndexFacts& index) {
    return index.method == "btree" && index.predicate.empty() && index.columns.front() == column;
  });
}

std::string TextIfThere(const TableFacts& table, const std::string& alias,
                        const std::string& column) {
  const auto found = table.columns.find(column);
  if (found == table.columns.end() || !found->second.readable) return "NULL::text";
  const std::string name = alias + "." + column;
  return found->second.type == "inet" ? "host(" + name + ")" : name + "::text";
}

std::vector<std::optional<TableFacts>> FindTables(ReadSession& session,
                                                  const std::vector<std::string>& names) {
  std::vector<std::optional<TableFacts>> found(names.size());
  TablesByOid by_oid;
  std::vector<std::string> oids;
  for (const auto& row : session.Query(kTablesSql, std::array{ArrayLiteral(names)})) {
    auto& table = found.at(std::stoul(*row[0]) - 1);
    table = ToTable(row);
    by_oid[*row[1]] = &*table;
    oids.push_back(*row[1]);
  }
  AddColumns(session, ArrayLiteral(oids), by_oid);
  AddIndexes(session, ArrayLiteral(oids), by_oid);
  return found;
}

std::string WhatIsMissing(const TableFacts& table, const std::vector<ColumnWish>& wishes,
                          const std::string& role) {
  if (!table.schema_usable) return MissingGrant(table, role);
  for (const ColumnWish& wish : wishes) {
    const auto found = table.columns.find(wish.name);
    if (found == table.columns.end()) return MissingColumn(table, wish.name);
    if (!Fits(found->second.type, wish.kind)) {
      return table.name + "." + wish.name + " is of type " + found->second.type + ", expected " +
             NameOf(wish.kind);
    }
    if (!found->second.readable) return MissingGrant(table, role);
  }
  if (!table.hides_rows) return "";
  return "row-level security hides rows of " + table.name + " from the role " + role +
         ": ALTER ROLE " + role + " BYPASSRLS;";
}

std::string NoSuchTable(ReadSession& session, const std::string& name, const std::string& setting) {
  std::vector<std::string> names;
  for (const auto& row : session.Query(kNearbyTablesSql)) {
    if (*row[0] == name) {
      return "there is no table " + name + " in the search path: set " + setting + ": " + *row[1];
    }
    names.insert(names.end(), {*row[0], *row[1]});
  }
  const std::string nearest = ClosestWord(name, names);
  return "there is no table " + name + (nearest.empty() ? "" : "; the nearest is " + nearest) +
         "; set " + setting + ", with a schema if need be, or the dbname of the DSN";
}

std::string CurrentRole(ReadSession& session) {
  return *session.Query("SELECT quote_ident(current_user)").at(0).at(0);
}

}  // namespace usage
