// What can be said of SQL in a config file without a database.
#pragma once

#include <string>

namespace usage {

// Each: "" when nothing is wrong, else what is wrong and what to do.

// An expression that is put into a larger statement: balanced, without a comment that would take
// the rest of the statement with it, without ';'.
std::string SqlExpressionFault(const std::string& sql);
// A single statement that reads.
std::string SqlQueryFault(const std::string& sql);
// "table" or "schema.table", each an SQL identifier that needs no quotes.
std::string TableNameFault(const std::string& name);
// One such identifier.
std::string IdentifierFault(const std::string& name);

}  // namespace usage
