// Connections to PostgreSQL: how they are opened, and a reader for many rows.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

struct pg_conn;
struct pg_result;

namespace usage {

struct PgSettings {
  std::string application_name;  // unless the DSN has its own
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds statement_timeout{0};  // 0: none
  bool read_only = false;
  std::vector<std::string> server_options;  // e.g. "jit=off"
};

// The keywords for libpq that connect to `dsn` (keywords or URI) with `password` when that is not
// empty. What the DSN itself says of time limits and keepalives stands. Sessions have UTF-8 and
// UTC. Throws std::invalid_argument, without a word of the DSN, when libpq can't read it.
std::string ConnectionString(const std::string& dsn, const std::string& password,
                             const PgSettings& settings);

// "host:port/dbname as user": for logs and errors, no password whatever form the DSN has.
std::string DisplayName(const std::string& dsn);

// What the server or libpq says, without secrets.
class PgError : public std::runtime_error {
 public:
  PgError(const std::string& message, std::string sqlstate)
      : std::runtime_error(message), sqlstate_(std::move(sqlstate)) {}
  // Five characters (PostgreSQL, appendix A), or "" when the connection failed.
  const std::string& sqlstate() const { return sqlstate_; }

 private:
  std::string sqlstate_;
};

// The fields of a row in PostgreSQL's binary format. Views: valid during the visit only.
class PgFields {
 public:
  // `row`: for each field its length, 4 bytes, -1 for NULL, and its bytes. Throws PgError where
  // the lengths do not fit.
  explicit PgFields(std::string_view row) : rest_(row) {}

  std::optional<std::string_view> Bytes();
  std::optional<std::string_view> Text() { return Bytes(); }
  std::optional<int64_t> Int8();
  std::optional<bool> Bool();
  std::optional<std::string> Uuid();  // in lower case with dashes
  // Microseconds since 2000-01-01 00:00; the least and the greatest value are the infinities.
  std::optional<int64_t> Timestamp() { return Int8(); }

  std::string_view rest() const { return rest_; }

 private:
  std::string_view Fixed(size_t size);

  std::string_view rest_;
};

inline constexpr int64_t kPgEpochUnixMicros = 946'684'800'000'000;

// Writes the 36 characters of a uuid from its 16 bytes.
void FormatUuid(std::string_view bytes, char* text);

using PgRows = std::vector<std::vector<std::optional<std::string>>>;

// A connection for reading, whose every call ends by a deadline: also when the other side stays
// silent. Of one thread at a time.
//
// Over libpq and not libpqxx: libpqxx 6.4 transfers text and keeps whole results, and the reading
// of 50,000 open sessions is most of what a cycle costs. COPY in binary format is the cheapest way
// out of the server that there is, for both sides, and holds one row at a time.
class PgConnection {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  // Connects. Name resolution is the one step that no deadline can end (libpq's is blocking).
  PgConnection(const std::string& conninfo, Deadline deadline);
  ~PgConnection();
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  // After a failure that leaves the connection in an unknown state: to be replaced.
  bool broken() const { return broken_; }
  int server_version() const;  // e.g. 150018
  // A transaction is open, failed or not.
  bool in_transaction() const;

  // The rows of the last statement as text. Several statements only without parameters.
  PgRows Query(const std::string& sql, Deadline deadline,
               std::span<const std::string> parameters = {});

  // Calls `visit` with every row of `query`, which takes no parameters.
  void CopyOut(const std::string& query, Deadline deadline,
               const std::function<void(PgFields)>& visit);

  // Waits until a notification has come, or the deadline; the payloads of all that are here.
  std::vector<std::string> Notifications(Deadline deadline);

  std::string Literal(std::string_view text) const;     // quoted
  std::string Identifier(std::string_view name) const;  // quoted

 private:
  void Connect(Deadline deadline);
  void Flush(Deadline deadline);
  bool Wait(short events, Deadline deadline);  // false: the deadline has come
  pg_result* NextResult(Deadline deadline);
  void Drain(Deadline deadline);
  void VisitCopy(Deadline deadline, const std::function<void(PgFields)>& visit);
  int CopyMessage(char** message, Deadline deadline);
  [[noreturn]] void Break(const std::string& message);
  [[noreturn]] void FailOf(pg_result* result);
  std::string Cleaned(std::string message) const;

  pg_conn* connection_;
  bool broken_ = false;
};

}  // namespace usage
