// A row of FreeRADIUS's table `radacct`: which columns are asked for, and what they say.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "sources/postgres/session_table.h"
#include "sources/postgres/table_facts.h"

namespace usage {

// One table that is read: the only one, or the one of a tenant's schema.
struct RadacctPart {
  std::string schema;                 // "": the only one; else keys begin with "schema/"
  std::optional<std::string> tenant;  // of all its rows; none: the expression says it
  TableFacts table;
};

// How FreeRADIUS 3.0 to 3.2 fill a row (mods-config/sql/main/postgresql/queries.conf), E being
// Event-Timestamp, or the packet's arrival where the NAS does not send one:
//   Start                 inserts start = update = E, time 0, octets 0; on a row that is there it
//                         sets start = update = E and leaves time, octets and stop as they were
//   Interim               sets update = E, interval, time and octets of an open row; where there
//                         is none it inserts start = update = E, interval NULL
//   Stop                  sets stop = update = E, time and octets; where there is no row it
//                         inserts start = E - time
//   Accounting-On, -Off   sets stop = update = E, time = E - start; octets stay
// Acct-Delay-Time is not used.
class RadacctRow {
 public:
  static std::vector<ColumnWish> Columns();

  // The SELECT list, alias r: the key, the number of the part, radacctid, then what Decode takes.
  static std::string SelectList(const RadacctConfig& config, const RadacctPart& part, size_t number,
                                const ReadSession& session);
  static std::string KeyExpression(const RadacctPart& part, const ReadSession& session);

  // `content` is what follows radacctid.
  static DecodedRow Decode(const RadacctConfig& config, std::string_view key,
                           std::string_view content);
};

}  // namespace usage
