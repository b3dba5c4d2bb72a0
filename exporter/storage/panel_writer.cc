#include "storage/panel_writer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "storage/arrays.h"
#include "storage/table_identity.h"
#include "storage/writer_lock.h"

namespace usage {
namespace {

using std::chrono::milliseconds;

constexpr char kLockKind[] = "1970435938";  // "urwb" as four bytes
// A statement that waits for a table in turn makes others wait behind it.
constexpr milliseconds kLongestWait{500};
// A server that runs says itself that the time is over.
constexpr milliseconds kServersHeadStart{1000};

// What the role may do beyond the three columns, and which of them it may not write.
constexpr char kRightsSql[] = R"(
  SELECT quote_ident(current_user), $1::oid::regclass,
         concat_ws(', ',
           (SELECT string_agg(right_, ', ') FROM unnest('{INSERT,DELETE,TRUNCATE}'::text[]) right_
             WHERE has_table_privilege($1::oid, right_)),
           (SELECT 'UPDATE of ' || string_agg(quote_ident(attname), ', ')
              FROM pg_attribute
             WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped
               AND attname <> ALL ('{data_used,data_upload,data_download}')
               AND has_column_privilege(attrelid, attnum, 'UPDATE'))),
         (SELECT count(*) FROM pg_attribute
           WHERE attrelid = $1::oid AND attname IN ('data_used', 'data_upload', 'data_download')
             AND has_column_privilege(attrelid, attnum, 'UPDATE')))";

// The rows are locked in the order of their ids, and those that others have locked are passed over:
// nothing is ever waited for while rows are held, so nobody can wait in a circle with this. What
// changed between the look at a row and its lock is looked at again (READ COMMITTED does), and the
// new values are made of what the row has when it is ours. greatest() takes no notice of NULLs.
constexpr char kUpdateSql[] = R"(
  WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS g(id, upload, download)),
  ours AS (
    SELECT s.id FROM @TABLE@ s JOIN given g ON g.id = s.id
     WHERE g.upload > coalesce(s.data_upload, 0) OR g.download > coalesce(s.data_download, 0)
     ORDER BY s.id FOR NO KEY UPDATE OF s SKIP LOCKED),
  written AS (
    UPDATE @TABLE@ s
       SET data_upload = greatest(s.data_upload, g.upload),
           data_download = greatest(s.data_download, g.download),
           data_used = greatest(s.data_used, greatest(s.data_upload, g.upload) +
                                             greatest(s.data_download, g.download))
      FROM ours JOIN given g USING (id)
     WHERE s.id = ours.id
       AND (g.upload > coalesce(s.data_upload, 0) OR g.download > coalesce(s.data_download, 0))
    RETURNING 1)
  SELECT count(*) FROM written)";

std::string WithTable(std::string sql, const std::string& table) {
  constexpr std::string_view kPlace = "@TABLE@";
  for (size_t at; (at = sql.find(kPlace)) != std::string::npos;) {
    sql.replace(at, kPlace.size(), table);
  }
  return sql;
}

PgConnection::Deadline DeadlineOf(const WriteBackConfig& config) {
  return std::chrono::steady_clock::now() + config.timeout + kServersHeadStart;
}

std::string ConninfoOf(const WriteBackConfig& config) {
  PgSettings settings;
  settings.application_name = "usage_exporter/write_back";
  settings.connect_timeout = config.timeout;
  settings.statement_timeout = config.timeout;
  const milliseconds wait = std::min(kLongestWait, config.timeout);
  // A batch finds its rows by their ids, and what is lost in a crash of the server is written by
  // the next pass: nobody needs to wait for the disk.
  settings.server_options = {"lock_timeout=" + std::to_string(wait.count()),
                             "synchronous_commit=off", "enable_seqscan=off", "jit=off",
                             "row_security=off"};
  return ConnectionString(config.database.dsn, config.database.password, settings);
}

std::string ConninfoOf(const SourceConfig& source) {
  PgSettings settings;
  settings.application_name = "usage_exporter/write_back";
  settings.connect_timeout = source.timeout;
  settings.statement_timeout = source.timeout;
  settings.read_only = true;
  return ConnectionString(source.database.dsn, source.database.password, settings);
}

std::string Remedy(const std::string& sqlstate) {
  if (sqlstate == "42501") return "; see docs/grants.md";
  if (sqlstate == "55P03") return "; the table is locked, the next pass tries again";
  if (sqlstate == "57014") {
    return "; raise routers.write_back.timeout, or make rows_per_batch smaller";
  }
  return "";
}

// Throws PgError.
std::set<std::string> TablesOf(const SourceConfig& source) {
  const auto* rows = std::get_if<UserSessionsConfig>(&source.kind);
  if (rows == nullptr) return {};
  const auto deadline = std::chrono::steady_clock::now() + source.timeout + kServersHeadStart;
  PgConnection connection(ConninfoOf(source), deadline);
  return TableIdentity(connection, rows->table, deadline);
}

bool Overlap(const std::set<std::string>& a, const std::set<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const auto& one) { return b.count(one) > 0; });
}

}  // namespace

PanelWriter::PanelWriter(const WriteBackConfig& config, std::vector<SourceConfig> sources)
    : config_(config),
      sources_(std::move(sources)),
      display_(config.database.display.empty() ? DisplayName(config.database.dsn)
                                               : config.database.display) {}

PanelWriter::~PanelWriter() = default;

bool PanelWriter::BecomeWriter() {
  if (!IsAlive()) Connect();
  if (is_writer_) return true;
  is_writer_ = Query(kTryWriterLock, std::array<std::string, 2>{kLockKind, table_})[0][0] == "t";
  if (is_writer_) return true;
  const PgRows holder = Query(kWriterLockHolder, std::array<std::string, 2>{kLockKind, table_});
  other_ = holder.empty() ? "another exporter"
                          : "the exporter connected from " + holder[0][0].value() + " since " +
                                holder[0][1].value();
  return false;
}

// The server may have gone, and come again, since the last batch.
bool PanelWriter::IsAlive() {
  if (connection_ == nullptr || connection_->broken()) return false;
  try {
    Query("SELECT 1");
    return true;
  } catch (const WriteBackError&) {
    if (!connection_->broken()) throw;
    return false;
  }
}

// A connection that something speaks against is not kept.
void PanelWriter::Connect() try {
  is_writer_ = false;
  connection_ = std::make_unique<PgConnection>(ConninfoOf(config_), DeadlineOf(config_));
  const auto table = Query("SELECT to_regclass($1)::oid::text", std::array{config_.rows.table});
  if (!table[0][0]) {
    throw WriteBackError(display_ + ": there is no table " + config_.rows.table +
                         "; set routers.write_back.table, with a schema if need be");
  }
  table_ = *table[0][0];
  CheckRole();
  CheckSources();
} catch (const PgError& error) {
  connection_.reset();
  throw Explained(error);
} catch (const WriteBackError&) {
  connection_.reset();
  throw;
}

void PanelWriter::CheckRole() {
  const PgRows rights = Query(kRightsSql, std::array{table_});
  const std::string role = rights[0][0].value();
  name_ = rights[0][1].value();
  const std::string too_much = rights[0][2].value();
  if (!too_much.empty()) {
    throw WriteBackError(display_ + ": the role " + role +
                         " may do more than fill the counters of " + name_ + ": " + too_much +
                         "; take one of its own (docs/grants.md)");
  }
  if (rights[0][3] != "3") {
    throw WriteBackError(display_ + ": the role " + role + " may not write the counters: GRANT " +
                         "UPDATE (data_used, data_upload, data_download) ON " + name_ + " TO " +
                         role + ";");
  }
}

// The configuration's check compares what the DSNs say; one server can have many names.
void PanelWriter::CheckSources() {
  const auto ours = TableIdentity(*connection_, config_.rows.table, DeadlineOf(config_));
  for (const SourceConfig& source : sources_) {
    std::set<std::string> theirs;
    try {
      theirs = TablesOf(source);
    } catch (const PgError& error) {
      throw WriteBackError("cannot tell whether the source " + source.name +
                           " reads the table that is to be written: " + error.what());
    }
    if (!Overlap(ours, theirs)) continue;
    throw WriteBackError(display_ + ": the source " + source.name +
                         " reads the table that is to be written, and would count it as "
                         "accounting's word; take the source out, or routers.write_back");
  }
}

uint64_t PanelWriter::Write(std::span<const PanelUpdate> rows) {
  if (!is_writer_) throw WriteBackError(display_ + ": not the writer");
  ArrayLiteral ids, uploads, downloads;
  for (const PanelUpdate& row : rows) {
    ids.AddText(row.id);
    uploads.Add(row.counters.upload);
    downloads.Add(row.counters.download);
  }
  const PgRows written =
      Query(WithTable(kUpdateSql, name_), std::array{ids.str(), uploads.str(), downloads.str()});
  return std::stoull(written[0][0].value());
}

PgRows PanelWriter::Query(const std::string& sql, std::span<const std::string> parameters) try {
  return connection_->Query(sql, DeadlineOf(config_), parameters);
} catch (const PgError& error) {
  if (connection_->broken()) is_writer_ = false;
  throw Explained(error);
}

WriteBackError PanelWriter::Explained(const PgError& error) const {
  const std::string code = error.sqlstate().empty() ? "" : " (" + error.sqlstate() + ")";
  return WriteBackError(display_ + ": " + error.what() + code + Remedy(error.sqlstate()));
}

}  // namespace usage
