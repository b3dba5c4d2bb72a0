// The ledger's schema: its migrations, its one writer, its sums, its journal, its size.
#include <algorithm>
#include <array>
#include <set>

#include "doctor/amounts.h"
#include "doctor/checks.h"
#include "storage/migrations.h"

namespace usage::doctor {
namespace {

using Seconds = std::chrono::duration<double>;

// The classid of the writer's advisory lock, as Store takes it: "usag".
constexpr char kLockSpace[] = "1970495847";
constexpr double kLateFolds = 5;  // intervals
constexpr double kManyRestatements = 1000;

constexpr char kStateSql[] = R"(
  SELECT extract(epoch FROM now() - born_at), seq - folded_seq,
         coalesce(extract(epoch FROM now() - folded_at), -1), (SELECT count(*) FROM journal)
    FROM state)";
constexpr char kWritersSql[] = R"(
  SELECT count(*), coalesce(string_agg(coalesce(host(client_addr), 'local socket'), ', '), '')
    FROM pg_locks LEFT JOIN pg_stat_activity USING (pid)
   WHERE locktype = 'advisory' AND granted AND classid = $1::bigint::oid
     AND objid = (hashtext($2)::bigint & 4294967295)::oid
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
// Totals that are not the sum of their months.
constexpr char kUnequalSql[] = R"(
  SELECT count(*) FROM tenant_total t
    LEFT JOIN (SELECT tenant_id, access, sum(upload_bytes) AS u, sum(download_bytes) AS d
                 FROM tenant_month GROUP BY 1, 2) m USING (tenant_id, access)
   WHERE t.upload_bytes <> coalesce(u, 0) OR t.download_bytes <> coalesce(d, 0))";
constexpr char kSizeSql[] = R"(
  SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_class c
   WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r' ORDER BY 2 DESC)";
constexpr char kHistorySql[] = R"(
  SELECT coalesce(min(day)::text, ''), count(DISTINCT tenant_id) FROM tenant_day)";
constexpr char kRestatedSql[] = R"(
  SELECT count(*), count(DISTINCT tenant_id) FROM audit
   WHERE booked_at > now() - interval '7 days')";

class LedgerDoctor {
 public:
  LedgerDoctor(const House& house, Notes& notes)
      : house_(house),
        notes_(notes),
        deadline_(std::chrono::steady_clock::now() + house.Share()),
        connection_(house.Open(house.config().storage.database, deadline_)),
        schema_(connection_->Identifier(house.config().storage.schema)) {}

  void Look() {
    if (!HasSchema() || !HasMigrations()) return;
    Ask("SET search_path = " + schema_);
    LookAtWriters();
    LookAtJournal();
    LookAtSums();
    LookAtSize();
    LookAtHistory();
  }

 private:
  PgRows Ask(const std::string& sql, std::span<const std::string> parameters = {}) {
    return connection_->Query(sql, deadline_, parameters);
  }
  static double Number(const std::optional<std::string>& field) { return std::stod(*field); }
  static uint64_t Whole(const std::optional<std::string>& field) { return std::stoull(*field); }

  bool HasSchema() {
    const std::string table = schema_ + ".migration";
    if (Ask("SELECT to_regclass($1)", std::array{table})[0][0]) return true;
    notes_.Broken("schema", "there is no ledger in schema " + schema_,
                  "start usage_exporter, which makes it, or correct storage.database");
    return false;
  }

  bool HasMigrations() {
    std::set<std::string> unknown, missing;
    for (const auto& row : Ask("SELECT name FROM " + schema_ + ".migration")) {
      unknown.insert(*row[0]);
    }
    for (size_t i = 0; i < kMigrationFileCount; ++i) {
      if (unknown.erase(kMigrationFiles[i].name) == 0) missing.insert(kMigrationFiles[i].name);
    }
    if (!unknown.empty()) {
      notes_.Broken("migrations",
                    "the ledger has " + *unknown.rbegin() +
                        ", which is newer than "
                        "this usagectl",
                    "install the release that wrote it everywhere");
    } else if (!missing.empty()) {
      notes_.Warn("migrations", *missing.begin() + " is not applied",
                  "usage_exporter of this release applies it at its start: restart it");
    } else {
      notes_.Good("migrations", "all " + std::to_string(kMigrationFileCount) + " are applied");
    }
    return missing.empty();
  }

  void LookAtWriters() {
    const auto row =
        Ask(kWritersSql, std::array<std::string, 2>{kLockSpace, house_.config().storage.schema})[0];
    const uint64_t writers = Whole(row[0]);
    if (writers == 1) return notes_.Good("writer", "one, connected from " + *row[1]);
    if (writers == 0) {
      return notes_.Broken("writer", "nobody writes the ledger", "start usage_exporter",
                           {"systemctl status usage_exporter"});
    }
    notes_.Broken("writer", std::to_string(writers) + " hold the lock: " + *row[1],
                  "stop all but one usage_exporter and report this defect");
  }

  void LookAtJournal() {
    const auto row = Ask(kStateSql)[0];
    born_ = Seconds(Number(row[0]));
    const Seconds age(Number(row[2]));
    const std::string seen = Count(Whole(row[3]), "record") + ", folded " +
                             (age.count() < 0 ? "never" : Span(age) + " ago");
    const Seconds limit = kLateFolds * Seconds(house_.config().storage.fold_interval);
    if (Number(row[1]) == 0 || (age.count() >= 0 && age <= limit)) {
      return notes_.Good("journal", seen);
    }
    notes_.Warn("journal", seen,
                "the tables lag behind /metrics: usage_exporter's log says why it does not fold");
  }

  void LookAtSums() {
    const uint64_t unequal = Whole(Ask(kUnequalSql)[0][0]);
    if (unequal > 0) {
      return notes_.Broken("sums", Count(unequal, "total") + " differ from their months",
                           "a defect: keep a dump of the schema and report it",
                           {"pg_dump -Fc -n " + schema_ + " -f ledger.dump DATABASE"});
    }
    notes_.Good("sums", "every total is the sum of its months");
  }

  void LookAtSize() {
    double all = 0;
    std::string largest;
    size_t named = 0;
    const std::string schema = schema_;
    for (const auto& row : Ask(kSizeSql, std::array{schema})) {
      all += Number(row[1]);
      if (++named <= 3) largest += (named == 1 ? "" : ", ") + *row[0] + " " + Bytes(Number(row[1]));
    }
    const double days = born_.count() / 86400;
    const std::string growth = days < 1 ? "" : ", " + Bytes(all / days) + " a day so far";
    notes_.Good("size", Bytes(all) + growth + " (" + largest + ")");
  }

  void LookAtHistory() {
    const auto days = Ask(kHistorySql)[0];
    if (!days[0]->empty()) {
      notes_.Good("history", Count(Whole(days[1]), "tenant") + ", since " + *days[0]);
    }
    const auto restated = Ask(kRestatedSql)[0];
    const uint64_t count = Whole(restated[0]);
    const std::string seen = Count(count, "change") + " of closed days in the last 7 days";
    if (static_cast<double>(count) < kManyRestatements) return notes_.Good("restatements", seen);
    notes_.Warn("restatements", seen + ", of " + Count(Whole(restated[1]), "tenant"),
                "Stops come late: see which day and tenant, and the router or its queue",
                {"SELECT tenant_id, day, count(*) FROM " + schema_ +
                 ".audit GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 10;"});
  }

  const House& house_;
  Notes& notes_;
  const House::Deadline deadline_;
  const std::unique_ptr<PgConnection> connection_;
  const std::string schema_;
  Seconds born_{0};  // age of the ledger
};

void LookAtInvariant(const House& house, Notes& notes) {
  if (!house.HasExporterPage()) return notes.NotSeen("invariant", "Exporter");
  const auto violations = house.ExporterPage().Value("usage_accounting_invariant_violations");
  if (!violations) return;
  if (*violations == 0) return notes.Good("invariant", "the days of every session sum to it");
  notes.Broken("invariant", Count(static_cast<uint64_t>(*violations)) + " sums are wrong",
               "a defect: keep a dump of the schema and report it; restart usage_exporter");
}

}  // namespace

void CheckLedger(const House& house, Notes& notes) {
  try {
    LedgerDoctor(house, notes).Look();
  } catch (const PgError& error) {
    notes.Broken(house.config().storage.database.display, error.what(),
                 "is PostgreSQL up, and the role right (docs/grants.md)?");
  }
  LookAtInvariant(house, notes);
}

}  // namespace usage::doctor
