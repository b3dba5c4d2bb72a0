// What the ledger's tables say.
#pragma once

#include <string>

#include "sim/figures.h"

namespace usage::sim {

// tenant_total, tenant_day and subscriber_day of a schema, of one moment. Throws
// std::runtime_error with the server's message.
Figures ReadLedger(const std::string& dsn, const std::string& schema);

}  // namespace usage::sim
