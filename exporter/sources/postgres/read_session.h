// A source's connection: opened when needed, replaced when broken, one read-only snapshot at a
// time.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "config/config.h"
#include "net/postgres.h"
#include "sources/postgres/backoff.h"

namespace usage {

// Names the source, the database, what is wrong and what to do.
class ReadError : public std::runtime_error {
 public:
  ReadError(const std::string& message, std::string sqlstate)
      : std::runtime_error(message), sqlstate_(std::move(sqlstate)) {}
  const std::string& sqlstate() const { return sqlstate_; }  // "": not of the server

 private:
  std::string sqlstate_;
};

inline constexpr char kQueryCanceled[] = "57014";  // also: by statement_timeout

// Every exception of it is a ReadError. Of one thread at a time.
class ReadSession {
 public:
  // `subject` begins the messages ("source panel") and `application` names the connections in
  // pg_stat_activity. `timeout` is of all that happens between Begin and End.
  ReadSession(std::string subject, const std::string& application, const DatabaseConfig& database,
              std::chrono::milliseconds timeout);

  // Connects unless connected, and begins a REPEATABLE READ READ ONLY transaction. After a failed
  // connect it throws at once, until the time of the next try has come. Never sleeps.
  void Begin();
  void End();
  // The snapshots from here to the next call share one timeout; without it each has its own.
  void LimitReading();

  // Counts the connections: what a table has learnt of an earlier one may have changed.
  uint64_t connections() const { return connections_; }

  // 32 bits of the oldest transaction that could still change what the snapshot shows: rows of
  // older versions look the same as in every later snapshot.
  uint32_t horizon() const { return horizon_; }
  // The server's clock when the snapshot began, Unix time.
  std::chrono::microseconds server_time() const { return server_time_; }

  PgRows Query(const std::string& sql, std::span<const std::string> parameters = {});
  void CopyOut(const std::string& query, const std::function<void(PgFields)>& visit);
  std::string Literal(std::string_view text) const { return connection_->Literal(text); }
  std::string Identifier(std::string_view name) const { return connection_->Identifier(name); }

  // Something that may take longer than there is time for: in half of the timeout. False when it
  // was cut short, and then the snapshot goes on all the same.
  bool Attempt(const std::function<void()>& queries);

  // The exception to throw: `what` with the names before it.
  ReadError Fault(const std::string& what, const std::string& sqlstate = "") const;

 private:
  void Connect();
  bool SnapshotBegun();
  void BeginSnapshot();
  template <typename Call>
  auto Guarded(Call call);
  ReadError Explained(const PgError& error) const;
  ReadError NotConnected() const;

  const std::string subject_;
  const std::string display_;
  const std::string conninfo_;
  const std::chrono::milliseconds timeout_;

  std::unique_ptr<PgConnection> connection_;
  uint64_t connections_ = 0;
  PgConnection::Deadline deadline_;
  bool is_limited_ = false;  // the deadline is of the reading, not of the snapshot
  Backoff backoff_;
  std::string connect_error_;
  uint32_t horizon_ = 0;
  std::chrono::microseconds server_time_{0};
};

}  // namespace usage
