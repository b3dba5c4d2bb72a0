// A database of a real PostgreSQL 15 for one test.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/cluster.h"

struct pg_conn;

namespace usage::testing {

using Rows = std::vector<std::vector<std::string>>;  // as text; NULL is "∅"

// Created empty with a name of its own, dropped in the destructor with everything connected to it.
// One thread at a time. Every fault is a std::runtime_error with the server's message.
class TestDatabase {
 public:
  struct Options {
    std::string encoding = "UTF8";
  };
  TestDatabase() : TestDatabase(SharedServer(), Options()) {}
  explicit TestDatabase(const Options& options) : TestDatabase(SharedServer(), options) {}
  explicit TestDatabase(const Cluster& cluster) : TestDatabase(cluster.server(), Options()) {}
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  const std::string& name() const { return name_; }
  const Server& server() const { return server_; }
  std::string dsn() const { return dsn("postgres"); }
  std::string dsn(const std::string& user) const;

  void Exec(const std::string& sql);  // several statements are one transaction
  void ExecFile(const std::string& path);
  Rows Query(const std::string& sql);
  std::string Value(const std::string& sql);  // the first column of the only row

  // A login role without any right, dropped with the database. Roles belong to the whole server:
  // hence a name of its own, which begins with `prefix`.
  std::string CreateRole(const std::string& prefix = "reader");

  void TerminateBackends();  // ends every other connection to this database
  // The processes of all other connections stand still, until ThawBackends or the destructor.
  void FreezeBackends();
  void ThawBackends();

 private:
  TestDatabase(const Server& server, const Options& options);
  pg_conn* Connection();
  void Forget();
  Rows Run(pg_conn* connection, const std::string& sql);
  Rows RunOnServer(const std::string& sql);

  Server server_;
  std::string name_;
  pg_conn* connection_ = nullptr;
  std::vector<std::string> roles_;
  std::vector<pid_t> frozen_;
};

std::string ReadFile(const std::string& path);

// A table as lines of text, columns divided by " | ".
std::string ToText(const Rows& rows);

// The schema that Debian's package freeradius-postgresql ships.
std::string FreeradiusSchemaPath();
// The panel's tables as they are: tests/support/panel.sql.
std::string PanelSchemaPath();

}  // namespace usage::testing
