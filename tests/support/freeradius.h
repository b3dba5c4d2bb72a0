// A real FreeRADIUS that writes accounting into a test's database.
#pragma once

#include <string>

namespace usage::testing {

// Debian's FreeRADIUS with Debian's queries, as compose/lib/freeradius starts it: on a free port of
// 127.0.0.1, in a temporary folder. `dsn`: a database that has its schema (FreeradiusSchemaPath).
// Throws std::runtime_error with the server's own words.
class FreeRadius {
 public:
  explicit FreeRadius(const std::string& dsn);
  ~FreeRadius();  // ends it and removes the folder
  FreeRadius(const FreeRadius&) = delete;
  FreeRadius& operator=(const FreeRadius&) = delete;

  void Start();  // on the same port; returns when it answers
  void Stop();

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  const std::string& secret() const { return secret_; }
  std::string secret_file() const { return folder_ + "/secret"; }

 private:
  std::string dsn_, folder_;
  std::string secret_ = "not a real secret";
  int port_;
};

}  // namespace usage::testing
