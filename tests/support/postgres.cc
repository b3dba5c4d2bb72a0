#include "tests/support/postgres.h"

#include <libpq-fe.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <stdexcept>

namespace usage::testing {
namespace {

std::string UniqueName(const std::string& prefix) {
  static const unsigned process = std::random_device()();
  static std::atomic<int> next{0};
  std::ostringstream name;
  name << prefix << "_" << getpid() << "_" << std::hex << process << "_" << std::dec << ++next;
  return name.str();
}

std::string Dsn(const Server& server, const std::string& database, const std::string& user) {
  return "host=" + server.host + " port=" + std::to_string(server.port) + " dbname=" + database +
         " user=" + user;
}

PGconn* Connect(const std::string& dsn) {
  PGconn* connection =
      PQconnectdb((dsn + " connect_timeout=60 options='-c client_min_messages=warning'").c_str());
  if (PQstatus(connection) == CONNECTION_OK) return connection;
  const std::string message = PQerrorMessage(connection);
  PQfinish(connection);
  throw std::runtime_error("test database: " + message);
}

Rows ToRows(const PGresult* result) {
  Rows rows(static_cast<size_t>(PQntuples(result)));
  for (int r = 0; r < PQntuples(result); ++r) {
    for (int c = 0; c < PQnfields(result); ++c) {
      rows[static_cast<size_t>(r)].push_back(PQgetisnull(result, r, c) ? "∅"
                                                                       : PQgetvalue(result, r, c));
    }
  }
  return rows;
}

}  // namespace

TestDatabase::TestDatabase(const Server& server, const Options& options)
    : server_(server), name_(UniqueName("usage_test")) {
  RunOnServer("CREATE DATABASE " + name_ + " TEMPLATE template0 LOCALE 'C' ENCODING '" +
              options.encoding + "'");
}

TestDatabase::~TestDatabase() {
  try {
    ThawBackends();
    Forget();
    RunOnServer("DROP DATABASE " + name_ + " WITH (FORCE)");
    for (const std::string& role : roles_) RunOnServer("DROP ROLE " + role);
  } catch (const std::exception&) {
    // The test has stopped its server: the folder goes with it.
  }
}

std::string TestDatabase::dsn(const std::string& user) const { return Dsn(server_, name_, user); }

PGconn* TestDatabase::Connection() {
  if (connection_ != nullptr && PQstatus(connection_) != CONNECTION_OK) Forget();
  if (connection_ == nullptr) connection_ = Connect(dsn());
  return connection_;
}

void TestDatabase::Forget() {
  PQfinish(connection_);
  connection_ = nullptr;
}

Rows TestDatabase::Run(PGconn* connection, const std::string& sql) {
  PGresult* result = PQexec(connection, sql.c_str());
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    const std::string message = PQerrorMessage(connection);
    PQclear(result);
    throw std::runtime_error("test database: " + message + "in: " + sql.substr(0, 500));
  }
  Rows rows = ToRows(result);
  PQclear(result);
  return rows;
}

Rows TestDatabase::RunOnServer(const std::string& sql) {
  PGconn* connection = Connect(Dsn(server_, "postgres", "postgres"));
  try {
    Rows rows = Run(connection, sql);
    PQfinish(connection);
    return rows;
  } catch (...) {
    PQfinish(connection);
    throw;
  }
}

// A connection that the server ended meanwhile (it was stopped, or TerminateBackends of another
// TestDatabase object) is found out by its first use only.
void TestDatabase::Exec(const std::string& sql) { Query(sql); }

Rows TestDatabase::Query(const std::string& sql) {
  try {
    return Run(Connection(), sql);
  } catch (const std::runtime_error&) {
    if (PQstatus(connection_) == CONNECTION_OK) throw;
  }
  return Run(Connection(), sql);
}

void TestDatabase::ExecFile(const std::string& path) { Exec(ReadFile(path)); }

std::string TestDatabase::Value(const std::string& sql) {
  const Rows rows = Query(sql);
  if (rows.size() != 1) throw std::runtime_error("test database: not one row: " + sql);
  return rows[0][0];
}

std::string TestDatabase::CreateRole(const std::string& prefix) {
  const std::string role = UniqueName(prefix);
  Exec("CREATE ROLE " + role + " LOGIN");
  roles_.push_back(role);
  return role;
}

void TestDatabase::TerminateBackends() {
  Exec(
      "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
      " WHERE datname = current_database() AND pid <> pg_backend_pid()");
}

void TestDatabase::FreezeBackends() {
  for (const auto& row : Query("SELECT pid FROM pg_stat_activity WHERE datname ="
                               " current_database() AND pid <> pg_backend_pid()")) {
    frozen_.push_back(std::atoi(row[0].c_str()));
    kill(frozen_.back(), SIGSTOP);
  }
}

void TestDatabase::ThawBackends() {
  for (const pid_t pid : frozen_) kill(pid, SIGCONT);
  frozen_.clear();
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string ToText(const Rows& rows) {
  std::string text;
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : " | ") + row[i];
    text += "\n";
  }
  return text;
}

std::string FreeradiusSchemaPath() {
  return "/etc/freeradius/3.0/mods-config/sql/main/postgresql/schema.sql";
}

std::string PanelSchemaPath() { return USAGE_SOURCE_DIR "/tests/support/panel.sql"; }

}  // namespace usage::testing
