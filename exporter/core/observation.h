// What a source says of a session. Sources make these, the ledger books them; neither knows
// the other.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/types.h"

namespace usage {

// Where a session is, for finding it among a router's rows.
struct Whereabouts {
  std::string user;        // as the router has it: without the realm's decoration, "": not said
  uint64_t mac = 0;        // Calling-Station-Id (RFC 2865 5.31); 0: not said
  std::string address;     // Framed-IP-Address; "": not said
  std::string session_id;  // Acct-Session-Id (RFC 2866 5.5); "": not said
  std::string nas;         // NAS-IP-Address; "": not said

  friend bool operator==(const Whereabouts&, const Whereabouts&) = default;
};

// One session as one reading of its row shows it. Counters are cumulative for the session.
struct Observation {
  std::string key;         // names the session within its source; a reused id repeats it
  std::string tenant;      // the tenant's id as the source writes it; "" when the row has none
  std::string subscriber;  // bytes as the database has them, not necessarily UTF-8
  Access access = Access::kHotspot;
  bool open = true;  // false: the row says that the session has ended

  // No value: the row says nothing (NULL, or a time that can't be one).
  std::optional<Instant> started;
  std::optional<Instant> stamp;    // when the row's counters were taken, by the row's own word
  std::optional<Instant> stopped;  // only when !open
  std::optional<uint64_t> upload;  // NULL and negative counters say nothing
  std::optional<uint64_t> download;

  std::optional<Whereabouts>
      where;  // only when the source was asked for it: routers are configured

  friend bool operator==(const Observation&, const Observation&) = default;
};

// The doubtful cases that a source sees by itself, counted in usage_accounting_cases_total.
// A case is counted once a changed row, not once a reading.
enum class SourceCase {
  kNegativeCounter,   // counted as if it were NULL
  kUsedOnly,          // only data_used was filled: booked as configured
  kUsedDisagrees,     // data_used differs from upload + download, which win
  kUnknownAccess,     // the access expression gave neither "hotspot" nor "pppoe": hotspot
  kOddStatus,         // a status that is neither open nor a usual closed one
  kBrokenText,        // a key or name that is not UTF-8
  kImpossibleTime,    // infinity or out of range: as if it were NULL
  kLostStart,         // the row begins at its first interim: start moved back
  kStopWithoutStamp,  // a late Stop without Event-Timestamp: ended at start + session time
  kCount
};
std::string_view SourceCaseName(SourceCase c);

// What one reading of a source found that differs from the last acknowledged reading.
struct SourceBatch {
  std::string source;  // the source's configured name
  bool whole = true;   // false: of rows asked for by key; nothing is known of the others
  Instant read_at;     // the reader's clock when the reading began
  std::vector<Observation> observations;  // each key at most once
  std::vector<std::string> gone;          // keys that were open or watched and have no row now
  std::string cursor;                     // where the search for new rows goes on; opaque
  uint64_t open_rows = 0;                 // rows in the open set at this reading, if whole
  std::map<SourceCase, uint64_t> cases;
  uint64_t used_difference_bytes = 0;  // sum of |data_used - (upload + download)| where counted
  std::vector<std::string> advice;     // e.g. a missing index, with its exact DDL
};

}  // namespace usage
