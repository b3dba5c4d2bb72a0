// Connection strings of libpq, looked at without connecting.
#pragma once

#include <optional>
#include <string>

namespace usage {

struct DsnFacts {
  std::string display;   // "host:port/dbname as user", libpq's defaults filled in; no password
  std::string password;  // "" when it has none
};

// None when libpq can't read it. Both forms: keywords and URI. libpq's own words on what is wrong
// are left out on purpose: they quote the place, which may be a piece of the password.
std::optional<DsnFacts> ExamineDsn(const std::string& dsn);

// Whether both may lead to one database: the same name and port at the same host, whoever the user
// is. All of this machine's addresses count as one. Other names of one host are not seen. False
// when libpq can't read one of them.
bool MayBeOneDatabase(const std::string& a, const std::string& b);

}  // namespace usage
