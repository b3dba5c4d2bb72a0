#include "net/postgres.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace usage {
namespace {

struct FreeConninfo {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using ConninfoPtr = std::unique_ptr<PQconninfoOption, FreeConninfo>;

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ClearResult>;

struct FreeMemory {
  void operator()(char* memory) const { PQfreemem(memory); }
};
using MemoryPtr = std::unique_ptr<char, FreeMemory>;

using Keywords = std::map<std::string, std::string>;

Keywords ToKeywords(const PQconninfoOption* options) {
  Keywords keywords;
  for (; options->keyword != nullptr; ++options) {
    if (options->val != nullptr) keywords[options->keyword] = options->val;
  }
  return keywords;
}

// libpq's own message quotes the word that it stumbled over, which may be a piece of a password.
Keywords Parse(const std::string& dsn) {
  char* error = nullptr;
  const ConninfoPtr options(PQconninfoParse(dsn.c_str(), &error));
  const MemoryPtr freed(error);
  if (options != nullptr) return ToKeywords(options.get());
  throw std::invalid_argument(
      "libpq cannot read this DSN: write \"host=... port=... dbname=... user=...\" (a value with "
      "spaces in single quotes) or \"postgresql://user@host:port/dbname\"");
}

std::string QuotedValue(const std::string& value) {
  std::string quoted = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::string Join(const Keywords& keywords) {
  std::string joined;
  for (const auto& [keyword, value] : keywords) {
    joined += (joined.empty() ? "" : " ") + keyword + "=" + QuotedValue(value);
  }
  return joined;
}

// The DSN's own options come last: the server takes the last word.
std::string ServerOptions(const PgSettings& settings, const std::string& own) {
  std::string options = "-c TimeZone=UTC";
  if (settings.statement_timeout.count() > 0) {
    options += " -c statement_timeout=" + std::to_string(settings.statement_timeout.count());
  }
  if (settings.read_only) options += " -c default_transaction_read_only=on";
  for (const std::string& option : settings.server_options) options += " -c " + option;
  return own.empty() ? options : options + " " + own;
}

std::string Seconds(std::chrono::milliseconds time) {
  return std::to_string(
      std::max<int64_t>(2, std::chrono::ceil<std::chrono::seconds>(time).count()));
}

void AddDefaults(const PgSettings& settings, Keywords& keywords) {
  keywords.try_emplace("application_name", settings.application_name);
  keywords.try_emplace("connect_timeout", Seconds(settings.connect_timeout));
  keywords.try_emplace("keepalives_idle", "30");
  keywords.try_emplace("keepalives_interval", "10");
  keywords.try_emplace("keepalives_count", "3");
  keywords.try_emplace("tcp_user_timeout", "30000");  // milliseconds: sent and not acknowledged
  keywords["client_encoding"] = "UTF8";
}

Keywords LibpqDefaults() {
  const ConninfoPtr options(PQconndefaults());
  return options == nullptr ? Keywords() : ToKeywords(options.get());
}

std::vector<std::string> Split(const std::string& list) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t end; (end = list.find(',', begin)) != std::string::npos; begin = end + 1) {
    parts.push_back(list.substr(begin, end - begin));
  }
  parts.push_back(list.substr(begin));
  return parts;
}

std::string Bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

// libpq takes lists of hosts and ports; one port serves all hosts.
std::string HostsAndPorts(const std::string& hosts, const std::string& ports) {
  const std::vector<std::string> port = Split(ports);
  std::string text;
  size_t i = 0;
  for (const std::string& host : Split(hosts)) {
    text += (i == 0 ? "" : ",") + Bracketed(host) + ":" + port[std::min(i, port.size() - 1)];
    ++i;
  }
  return text;
}

int PollTimeout(PgConnection::Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 1'000'000));
}

// "ERROR: x\nHINT: y\n" and libpq's tabs on one line.
std::string OneLine(std::string_view message) {
  std::string line;
  for (const char c : message) {
    if (c == '\n') {
      line += "; ";
    } else if (c != '\t') {
      line += c;
    }
  }
  while (line.ends_with("; ") || line.ends_with(" ")) line.erase(line.find_last_not_of("; ") + 1);
  return line;
}

std::string Field(const PGresult* result, int code) {
  const char* value = PQresultErrorField(result, code);
  return value == nullptr ? "" : value;
}

PgRows ToRows(const PGresult* result) {
  PgRows rows(static_cast<size_t>(PQntuples(result)));
  for (int r = 0; r < PQntuples(result); ++r) {
    for (int c = 0; c < PQnfields(result); ++c) {
      auto& field = rows[static_cast<size_t>(r)].emplace_back();
      if (!PQgetisnull(result, r, c)) field = PQgetvalue(result, r, c);
    }
  }
  return rows;
}

template <typename Number>
Number BigEndian(std::string_view bytes) {
  std::make_unsigned_t<Number> value = 0;
  for (const char c : bytes) {
    value = static_cast<std::make_unsigned_t<Number>>(value << 8 | static_cast<unsigned char>(c));
  }
  return static_cast<Number>(value);
}

// The binary format of COPY: a header before the first row, each row with the number of its
// fields, -1 fields at the end (PostgreSQL, COPY, "Binary Format").
class CopyStream {
 public:
  // A message holds whole rows: so every server sends them, though the protocol does not say it.
  void Take(std::string_view message, const std::function<void(PgFields)>& visit) {
    if (!std::exchange(started_, true)) message.remove_prefix(HeaderSize(message));
    if (message.size() < 2) return;
    if (BigEndian<int16_t>(message.substr(0, 2)) < 0) return;
    visit(PgFields(message.substr(2)));
  }

 private:
  static constexpr size_t kExtensionAt = 15;

  static size_t HeaderSize(std::string_view message) {
    if (message.size() < kExtensionAt + 4 || !message.starts_with("PGCOPY\n")) {
      throw PgError("the server's COPY does not begin with its header", "");
    }
    const auto extension = BigEndian<int32_t>(message.substr(kExtensionAt, 4));
    return std::min(message.size(), kExtensionAt + 4 + static_cast<size_t>(extension));
  }

  bool started_ = false;
};

}  // namespace

std::string ConnectionString(const std::string& dsn, const std::string& password,
                             const PgSettings& settings) {
  Keywords keywords = Parse(dsn);
  if (!password.empty()) keywords["password"] = password;
  keywords["options"] = ServerOptions(settings, keywords["options"]);
  AddDefaults(settings, keywords);
  return Join(keywords);
}

std::string DisplayName(const std::string& dsn) {
  Keywords keywords = Parse(dsn);
  keywords.merge(LibpqDefaults());
  std::string host = keywords["host"].empty() ? keywords["hostaddr"] : keywords["host"];
  if (host.empty()) host = "localhost";
  const std::string& user = keywords["user"];
  const std::string& database = keywords["dbname"].empty() ? user : keywords["dbname"];
  return HostsAndPorts(host, keywords["port"]) + "/" + database + " as " + user;
}

void FormatUuid(std::string_view bytes, char* text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *text++ = '-';
    const auto byte = static_cast<unsigned char>(bytes[i]);
    *text++ = kDigits[byte >> 4];
    *text++ = kDigits[byte & 15];
  }
}

std::optional<std::string_view> PgFields::Bytes() {
  const auto size = BigEndian<int32_t>(Fixed(4));
  if (size < 0) return std::nullopt;
  return Fixed(static_cast<size_t>(size));
}

std::string_view PgFields::Fixed(size_t size) {
  if (rest_.size() < size) throw PgError("a row of the server is shorter than its fields", "");
  const std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

std::optional<int64_t> PgFields::Int8() {
  const auto bytes = Bytes();
  if (!bytes) return std::nullopt;
  if (bytes->size() != 8) throw PgError("a field of the server is not of 8 bytes", "");
  return BigEndian<int64_t>(*bytes);
}

std::optional<bool> PgFields::Bool() {
  const auto bytes = Bytes();
  if (!bytes) return std::nullopt;
  return *bytes != std::string_view("\0", 1);
}

std::optional<std::string> PgFields::Uuid() {
  const auto bytes = Bytes();
  if (!bytes) return std::nullopt;
  if (bytes->size() != 16) throw PgError("a field of the server is not a uuid", "");
  std::string text(36, '-');
  FormatUuid(*bytes, text.data());
  return text;
}

PgConnection::PgConnection(const std::string& conninfo, Deadline deadline)
    : connection_(PQconnectStart(conninfo.c_str())) {
  try {
    Connect(deadline);
  } catch (...) {
    PQfinish(connection_);
    throw;
  }
}

PgConnection::~PgConnection() { PQfinish(connection_); }

void PgConnection::Connect(Deadline deadline) {
  if (connection_ == nullptr) throw std::bad_alloc();
  PQsetNoticeProcessor(
      connection_, [](void*, const char*) {}, nullptr);
  auto next =
      PQstatus(connection_) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED) throw PgError(Cleaned(PQerrorMessage(connection_)), "");
    if (!Wait(next == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline)) {
      throw PgError("no answer in time while connecting", "");
    }
    next = PQconnectPoll(connection_);
  }
  PQsetnonblocking(connection_, 1);
  // Such a database may hold any bytes, but would refuse them in a query that says it is UTF-8.
  const char* encoding = PQparameterStatus(connection_, "server_encoding");
  if (encoding == std::string_view("SQL_ASCII")) Query("SET client_encoding = SQL_ASCII", deadline);
}

int PgConnection::server_version() const { return PQserverVersion(connection_); }

bool PgConnection::in_transaction() const {
  return PQtransactionStatus(connection_) != PQTRANS_IDLE;
}

bool PgConnection::Wait(short events, Deadline deadline) {
  for (;;) {
    pollfd waited{PQsocket(connection_), events, 0};
    const int ready = poll(&waited, 1, PollTimeout(deadline));
    if (ready > 0) return true;
    if (ready == 0 && std::chrono::steady_clock::now() >= deadline) return false;
    if (ready < 0 && errno != EINTR) return false;
  }
}

// While it sends, the server may send too, and stop reading until it is read.
void PgConnection::Flush(Deadline deadline) {
  for (int left; (left = PQflush(connection_)) != 0;) {
    if (left < 0) Break(PQerrorMessage(connection_));
    if (!Wait(POLLIN | POLLOUT, deadline)) Break("no answer in time");
    if (PQconsumeInput(connection_) == 0) Break(PQerrorMessage(connection_));
  }
}

pg_result* PgConnection::NextResult(Deadline deadline) {
  while (PQisBusy(connection_)) {
    if (!Wait(POLLIN, deadline)) Break("no answer in time");
    if (PQconsumeInput(connection_) == 0) Break(PQerrorMessage(connection_));
  }
  return PQgetResult(connection_);
}

std::vector<std::string> PgConnection::Notifications(Deadline deadline) {
  std::vector<std::string> payloads;
  do {
    if (PQconsumeInput(connection_) == 0) Break(PQerrorMessage(connection_));
    while (const std::unique_ptr<PGnotify, void (*)(void*)> notify{PQnotifies(connection_),
                                                                   PQfreemem}) {
      payloads.emplace_back(notify->extra);
    }
  } while (payloads.empty() && Wait(POLLIN, deadline));
  return payloads;
}

void PgConnection::Drain(Deadline deadline) {
  while (const ResultPtr result{NextResult(deadline)}) {
  }
}

PgRows PgConnection::Query(const std::string& sql, Deadline deadline,
                           std::span<const std::string> parameters) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  const int sent =
      values.empty() ? PQsendQuery(connection_, sql.c_str())
                     : PQsendQueryParams(connection_, sql.c_str(), static_cast<int>(values.size()),
                                         nullptr, values.data(), nullptr, nullptr, 0);
  if (sent == 0) Break(PQerrorMessage(connection_));
  Flush(deadline);
  PgRows rows;
  while (const ResultPtr result{NextResult(deadline)}) {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      Drain(deadline);
      FailOf(result.get());
    }
    rows = ToRows(result.get());
  }
  return rows;
}

void PgConnection::CopyOut(const std::string& query, Deadline deadline,
                           const std::function<void(PgFields)>& visit) {
  const std::string sql = "COPY (" + query + ") TO STDOUT (FORMAT binary)";
  if (PQsendQuery(connection_, sql.c_str()) == 0) Break(PQerrorMessage(connection_));
  Flush(deadline);
  const ResultPtr begin{NextResult(deadline)};
  if (PQresultStatus(begin.get()) != PGRES_COPY_OUT) {
    Drain(deadline);
    FailOf(begin.get());
  }
  try {
    VisitCopy(deadline, visit);
  } catch (...) {
    broken_ = true;  // rows are on their way that nobody will read
    throw;
  }
  const ResultPtr end{NextResult(deadline)};
  Drain(deadline);
  if (PQresultStatus(end.get()) != PGRES_COMMAND_OK) FailOf(end.get());
}

void PgConnection::VisitCopy(Deadline deadline, const std::function<void(PgFields)>& visit) {
  CopyStream stream;
  for (;;) {
    char* message = nullptr;
    const int size = CopyMessage(&message, deadline);
    const MemoryPtr freed(message);
    if (size < 0) return;
    stream.Take({message, static_cast<size_t>(size)}, visit);
  }
}

// The size of the next message, or -1 at the end (also when that is an error).
int PgConnection::CopyMessage(char** message, Deadline deadline) {
  for (;;) {
    const int size = PQgetCopyData(connection_, message, /*async=*/1);
    if (size > 0 || size == -1) return size;
    if (size == -2) Break(PQerrorMessage(connection_));
    if (!Wait(POLLIN, deadline)) Break("no answer in time");
    if (PQconsumeInput(connection_) == 0) Break(PQerrorMessage(connection_));
  }
}

void PgConnection::Break(const std::string& message) {
  broken_ = true;
  throw PgError(Cleaned(message), "");
}

// 57P01 to 57P03: the server goes away, 08: so does the connection.
void PgConnection::FailOf(pg_result* result) {
  const std::string sqlstate = Field(result, PG_DIAG_SQLSTATE);
  if (sqlstate.empty() || PQstatus(connection_) != CONNECTION_OK)
    Break(PQerrorMessage(connection_));
  std::string message = Field(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string hint = Field(result, PG_DIAG_MESSAGE_HINT);
  if (!hint.empty()) message += " (" + hint + ")";
  throw PgError(Cleaned(message), sqlstate);
}

std::string PgConnection::Cleaned(std::string message) const {
  message = OneLine(message);
  const char* password = PQpass(connection_);
  const std::string_view secret = password == nullptr ? "" : password;
  if (secret.empty()) return message;
  for (size_t at = 0; (at = message.find(secret, at)) != std::string::npos; at += 3) {
    message.replace(at, secret.size(), "***");
  }
  return message;
}

namespace {

std::string Taken(char* escaped) {
  if (escaped == nullptr) throw PgError("a text cannot be quoted: it is not valid UTF-8", "");
  const MemoryPtr freed(escaped);
  return escaped;
}

}  // namespace

std::string PgConnection::Literal(std::string_view text) const {
  return Taken(PQescapeLiteral(connection_, text.data(), text.size()));
}

std::string PgConnection::Identifier(std::string_view name) const {
  return Taken(PQescapeIdentifier(connection_, name.data(), name.size()));
}

}  // namespace usage
