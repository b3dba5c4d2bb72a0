// Which tables `radacct` a source reads.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "sources/postgres/radacct_row.h"
#include "sources/postgres/read_session.h"

namespace usage {

struct RadacctCatalogue {
  std::vector<RadacctPart> parts;   // those that can be read
  std::vector<std::string> advice;  // missing indexes; schemas that can't be read, and why
};

// Looks them up, within a snapshot of `session`. Throws when the only table, or every schema's,
// can't be read, and when an expression of the config is at fault.
RadacctCatalogue FindRadacct(const RadacctConfig& config, ReadSession& session);

// Whether open rows are found without a scan.
bool HasOpenIndex(const TableFacts& radacct);

}  // namespace usage
