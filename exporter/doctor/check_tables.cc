// The billing tables: what makes every UPDATE of a session dear, by the catalogue and the
// statistics of PostgreSQL. It says what to do and does nothing.
#include <algorithm>
#include <array>
#include <set>

#include "doctor/amounts.h"
#include "doctor/checks.h"

namespace usage::doctor {
namespace {

// A row that changes stays on its page and touches no index (HOT) only while none of the columns
// that change is part of one.
constexpr std::array kHotColumns = {"data_used", "data_upload", "data_download", "updated_at"};
constexpr double kWorthALook = 1000;  // updates since the statistics began
constexpr double kGoodHotShare = 0.9;
constexpr double kBloated = 0.2;  // dead rows, of all
constexpr double kManyDeadRows = 10'000;

// What `tests/bench/panel_indexes --rows 10000000` printed; docs/performance.md has the table.
constexpr char kMeasured[] =
    "measured: 50,000 of 10 million rows take 1,302 ms and 43 MB of WAL to update with two such "
    "indexes, and 71 ms and 6 MB without and with fillfactor 50, which is 18 times less";

constexpr char kTableSql[] = R"(
  SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname), quote_ident(n.nspname),
         coalesce(s.n_live_tup, 0), coalesce(s.n_dead_tup, 0), coalesce(s.n_tup_upd, 0),
         coalesce(s.n_tup_hot_upd, 0), pg_table_size(c.oid), pg_indexes_size(c.oid),
         coalesce((SELECT option_value FROM pg_options_to_table(c.reloptions)
                    WHERE option_name = 'fillfactor'), '100'),
         coalesce(greatest(s.last_vacuum, s.last_autovacuum)::date::text, 'never')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
   WHERE c.oid = to_regclass($1) AND c.relkind = 'r')";

// Columns by the dependencies: those of expressions and predicates count as well.
constexpr char kIndexesSql[] = R"(
  SELECT quote_ident(c.relname), i.indisvalid, i.indisunique, pg_relation_size(c.oid),
         (SELECT string_agg(DISTINCT a.attname, ',')
            FROM pg_attribute a
           WHERE a.attrelid = i.indrelid AND a.attnum > 0
             AND (a.attnum = ANY (i.indkey) OR EXISTS (
               SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                 AND d.objid = i.indexrelid AND d.refobjid = i.indrelid
                 AND d.refobjsubid = a.attnum)))
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
   WHERE i.indrelid = $1::oid ORDER BY c.relname)";

struct Table {
  std::string oid, name, schema;
  double live = 0, dead = 0, updates = 0, hot_updates = 0, size = 0, index_size = 0;
  int fill = 100;
  std::string vacuumed;  // a date, or "never"
};

struct Index {
  std::string name;
  bool is_valid = true;
  bool is_unique = false;
  double size = 0;
  std::string columns;  // "data_used,tenant_id"
};

class TableDoctor {
 public:
  TableDoctor(PgConnection& connection, House::Deadline deadline, Notes& notes)
      : connection_(connection), deadline_(deadline), notes_(notes) {}

  void LookAt(const std::string& name, bool is_users_table) {
    const auto table = Find(name);
    if (!table) return;  // a view, or absent: Sources says so
    notes_.Good(table->name, Count(static_cast<uint64_t>(table->live), "row") + ", " +
                                 Bytes(table->size) + " and " + Bytes(table->index_size) +
                                 " of indexes");
    const std::vector<Index> indexes = IndexesOf(*table);
    LookAtBrokenIndexes(*table, indexes);
    const bool is_cold = is_users_table && LookAtDearIndexes(*table, indexes);
    if (is_users_table) LookAtRoom(*table, is_cold);
    LookAtDeadRows(*table);
  }

 private:
  std::optional<Table> Find(const std::string& name) {
    const PgRows rows = connection_.Query(kTableSql, deadline_, std::array{name});
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    auto number = [&](size_t i) { return std::stod(*row[i]); };
    return Table{*row[0],   *row[1],   *row[2],   number(3),          number(4), number(5),
                 number(6), number(7), number(8), std::stoi(*row[9]), *row[10]};
  }

  std::vector<Index> IndexesOf(const Table& table) {
    std::vector<Index> indexes;
    for (const auto& row : connection_.Query(kIndexesSql, deadline_, std::array{table.oid})) {
      indexes.push_back(
          {*row[0], *row[1] == "t", *row[2] == "t", std::stod(*row[3]), row[4].value_or("")});
    }
    return indexes;
  }

  static std::string Drop(const Table& table, const Index& index) {
    return "DROP INDEX CONCURRENTLY " + table.schema + "." + index.name + ";";
  }

  void LookAtBrokenIndexes(const Table& table, const std::vector<Index>& indexes) {
    for (const Index& index : indexes) {
      if (index.is_valid) continue;
      notes_.Warn(table.name,
                  "index " + index.name +
                      " is invalid: every write pays for it, no "
                      "query uses it",
                  "what a CREATE INDEX CONCURRENTLY that failed has left: drop it, make it anew",
                  {Drop(table, index)});
    }
  }

  static bool IsDear(const Index& index) {
    if (index.is_unique || !index.is_valid) return false;
    const std::string columns = "," + index.columns + ",";
    return std::any_of(kHotColumns.begin(), kHotColumns.end(), [&](const char* column) {
      return columns.find("," + std::string(column) + ",") != columns.npos;
    });
  }

  // Returns whether there are some.
  bool LookAtDearIndexes(const Table& table, const std::vector<Index>& indexes) {
    std::string names;
    double size = 0;
    std::vector<std::string> drops;
    for (const Index& index : indexes) {
      if (!IsDear(index)) continue;
      names += (names.empty() ? "" : ", ") + index.name;
      size += index.size;
      drops.push_back(Drop(table, index));
    }
    if (drops.empty()) return false;
    notes_.Warn(table.name,
                names + " (" + Bytes(size) +
                    "): each has a column that every update of usage changes, so each update "
                    "writes a new entry into every index of the table, and none is HOT; " +
                    kMeasured,
                "drop them unless a query of the billing system needs one (pg_stat_user_indexes."
                "idx_scan tells); the exporter needs none of them",
                drops);
    return true;
  }

  void LookAtRoom(const Table& table, bool is_cold) {
    const std::string hot = Percent(table.hot_updates, table.updates) + " of " +
                            Count(static_cast<uint64_t>(table.updates), "update") + " are HOT";
    if (table.updates < kWorthALook) return;
    if (table.hot_updates >= kGoodHotShare * table.updates) return notes_.Good(table.name, hot);
    if (table.fill <= 70) {
      if (is_cold) return;
      return notes_.Warn(
          table.name,
          hot + " though its pages have room (fillfactor " + std::to_string(table.fill) + ")",
          "a transaction that stays open for long keeps old versions: see "
          "pg_stat_activity.xact_start; or count anew",
          {"SELECT pg_stat_reset_single_table_counters('" + table.name + "'::regclass);"});
    }
    notes_.Warn(table.name,
                hot + ", its pages have no room for new versions (fillfactor " +
                    std::to_string(table.fill) + ")",
                "give new pages room; pages that are full get it when the table is rewritten, by "
                "VACUUM FULL in a maintenance window (it locks the table) or by pg_repack",
                {"ALTER TABLE " + table.name + " SET (fillfactor = 50);"});
  }

  void LookAtDeadRows(const Table& table) {
    if (table.dead < kManyDeadRows || table.dead < kBloated * (table.live + table.dead)) return;
    notes_.Warn(table.name,
                Count(static_cast<uint64_t>(table.dead), "dead row") + " beside " +
                    Count(static_cast<uint64_t>(table.live)) +
                    " live ones, vacuumed last: " + table.vacuumed,
                "vacuum it now, and let autovacuum come sooner",
                {"VACUUM (ANALYZE) " + table.name + ";",
                 "ALTER TABLE " + table.name + " SET (autovacuum_vacuum_scale_factor = 0.02);"});
  }

  PgConnection& connection_;
  const House::Deadline deadline_;
  Notes& notes_;
};

void LookAt(const House& house, const SourceConfig& source, std::chrono::milliseconds time,
            Notes& notes) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  const auto* users = std::get_if<UserSessionsConfig>(&source.kind);
  const auto* radacct = std::get_if<RadacctConfig>(&source.kind);
  try {
    const auto connection = house.Open(source.database, deadline);
    TableDoctor(*connection, deadline, notes)
        .LookAt(users != nullptr ? users->table : radacct->table, users != nullptr);
  } catch (const PgError& error) {
    notes.Broken("source " + source.name, error.what(), "see Sources");
  }
}

}  // namespace

void CheckTables(const House& house, Notes& notes) {
  const auto& sources = house.config().sources;
  for (size_t i = 0; i < sources.size(); ++i) {
    LookAt(house, sources[i], house.Share(sources.size() - i), notes);
  }
}

}  // namespace usage::doctor
