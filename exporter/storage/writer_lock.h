// Advisory locks by which one exporter at a time writes something. Each statement takes the number
// of the lock's kind and a text that tells locks of that kind apart.
#pragma once

namespace usage {

// True: it is ours, until the connection ends.
inline constexpr char kTryWriterLock[] = "SELECT pg_try_advisory_lock($1::int, hashtext($2))";

// Who has it: where they have connected from, and since when. No row: nobody.
inline constexpr char kWriterLockHolder[] =
    "SELECT coalesce(host(client_addr), 'local socket'), backend_start FROM pg_locks JOIN "
    "pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND database = (SELECT "
    "oid FROM pg_database WHERE datname = current_database()) AND classid = $1::int::bigint AND "
    "objid = hashtext($2)::bigint & 4294967295 AND granted";

}  // namespace usage
