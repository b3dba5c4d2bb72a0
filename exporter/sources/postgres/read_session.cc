#include "sources/postgres/read_session.h"

#include <stdexcept>
#include <utility>

namespace usage {
namespace {

PgSettings Settings(const std::string& application, std::chrono::milliseconds timeout) {
  PgSettings settings;
  settings.application_name = application;
  settings.connect_timeout = timeout;
  settings.statement_timeout = timeout;
  settings.read_only = true;
  // Of the tables that are read here a scan is never right, whatever the statistics say; one cycle
  // is too short to gain from workers or compiling; and rows that a policy hides must be an error,
  // they would count as gone.
  settings.server_options = {"enable_seqscan=off", "jit=off", "max_parallel_workers_per_gather=0",
                             "row_security=off"};
  return settings;
}

std::string Remedy(const std::string& sqlstate) {
  if (sqlstate == kQueryCanceled) {
    return "; raise the source's timeout, or see in pg_stat_activity what its statement waits for";
  }
  if (sqlstate == "42501") return "; see docs/grants.md";
  return "";
}

std::string InSeconds(std::chrono::milliseconds time) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

ReadSession::ReadSession(std::string subject, const std::string& application,
                         const DatabaseConfig& database, std::chrono::milliseconds timeout)
    : subject_(std::move(subject)),
      display_(database.display.empty() ? DisplayName(database.dsn) : database.display),
      conninfo_(ConnectionString(database.dsn, database.password, Settings(application, timeout))),
      timeout_(timeout) {}

void ReadSession::Begin() {
  const auto now = std::chrono::steady_clock::now();
  if (!is_limited_) deadline_ = now + timeout_;
  if (connection_ != nullptr && connection_->broken()) connection_.reset();
  if (connection_ == nullptr) {
    if (backoff_.Left(now).count() > 0) throw NotConnected();
    Connect();
  } else if (SnapshotBegun()) {
    return;
  } else {
    Connect();  // the server was restarted meanwhile: no reason to lose a reading
  }
  BeginSnapshot();
}

bool ReadSession::SnapshotBegun() {
  try {
    BeginSnapshot();
    return true;
  } catch (const std::runtime_error&) {
    if (!connection_->broken() || std::chrono::steady_clock::now() >= deadline_) throw;
    return false;
  }
}

void ReadSession::LimitReading() {
  deadline_ = std::chrono::steady_clock::now() + timeout_;
  is_limited_ = true;
}

void ReadSession::Connect() {
  try {
    connection_ = std::make_unique<PgConnection>(conninfo_, deadline_);
    ++connections_;
    backoff_.Succeeded();
  } catch (const PgError& error) {
    backoff_.Failed(std::chrono::steady_clock::now());
    connect_error_ = std::string("cannot connect: ") + error.what();
    throw NotConnected();
  }
}

ReadError ReadSession::NotConnected() const {
  const auto wait = backoff_.Left(std::chrono::steady_clock::now());
  return Fault(connect_error_ + "; next try in " + InSeconds(wait));
}

// A transaction that a fault has left open is ended first. Not without need: a ROLLBACK that has
// nothing to end is a warning in the server's log.
void ReadSession::BeginSnapshot() {
  if (connection_->in_transaction()) Query("ROLLBACK");
  const PgRows rows = Query(
      "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
      "SELECT pg_snapshot_xmin(pg_current_snapshot())::text,"
      " (extract(epoch from clock_timestamp()) * 1000000)::bigint");
  horizon_ = static_cast<uint32_t>(std::stoull(rows.at(0).at(0).value()));
  server_time_ = std::chrono::microseconds(std::stoll(rows.at(0).at(1).value()));
}

void ReadSession::End() { Query("COMMIT"); }

template <typename Call>
auto ReadSession::Guarded(Call call) {
  try {
    return call();
  } catch (const PgError& error) {
    throw Explained(error);
  }
}

PgRows ReadSession::Query(const std::string& sql, std::span<const std::string> parameters) {
  return Guarded([&] { return connection_->Query(sql, deadline_, parameters); });
}

void ReadSession::CopyOut(const std::string& query, const std::function<void(PgFields)>& visit) {
  Guarded([&] { connection_->CopyOut(query, deadline_, visit); });
}

bool ReadSession::Attempt(const std::function<void()>& queries) {
  Query("SAVEPOINT attempt; SET LOCAL statement_timeout = " + std::to_string(timeout_.count() / 2));
  bool is_done = true;
  try {
    queries();
  } catch (const ReadError& error) {
    if (error.sqlstate() != kQueryCanceled) throw;
    is_done = false;
  }
  Query("ROLLBACK TO attempt");  // the setting too
  return is_done;
}

ReadError ReadSession::Explained(const PgError& error) const {
  const std::string code = error.sqlstate().empty() ? "" : " (" + error.sqlstate() + ")";
  const bool is_late = std::chrono::steady_clock::now() >= deadline_;
  return Fault(error.what() + code + Remedy(is_late ? kQueryCanceled : error.sqlstate()),
               error.sqlstate());
}

ReadError ReadSession::Fault(const std::string& what, const std::string& sqlstate) const {
  return ReadError(subject_ + " at " + display_ + ": " + what, sqlstate);
}

}  // namespace usage
