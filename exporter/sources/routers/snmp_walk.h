// Reads a whole table by GETBULK.
#pragma once

#include "sources/routers/snmp_rows.h"
#include "sources/routers/snmp_session.h"

namespace usage {

// All columns of a row are asked for in one request, so that they are of one moment. The table is
// walked in several lanes at once, each over a part of the indexes, so that a router that is far
// away is not waited for once for each dozen of rows.
//
// `cuts` are indexes between which the lanes go, rising; none: one lane. They need not exist any
// more: a lane finds whatever is between its ends. Throws std::runtime_error as SnmpSession does,
// and when the router's answers go round in circles or have no end.
SnmpTable WalkTable(SnmpSession& session, const SnmpTableSpec& spec,
                    const std::vector<uint32_t>& cuts, SnmpSession::Steady deadline);

// Good cuts for the next walk of a table that has these rows.
std::vector<uint32_t> CutsFor(const std::vector<SnmpRow>& rows);

}  // namespace usage
