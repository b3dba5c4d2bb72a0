// Which tables a name leads to, whatever the way to the server.
#pragma once

#include <set>
#include <string>

#include "net/postgres.h"

namespace usage {

// A text for the table, and one for each that it shows rows of where it is a view. The same text
// from two connections is the same table, also where one of them leads to a copy of the server that
// follows it. Empty where there is no such table. Throws PgError.
std::set<std::string> TableIdentity(PgConnection& connection, const std::string& table,
                                    PgConnection::Deadline deadline);

}  // namespace usage
