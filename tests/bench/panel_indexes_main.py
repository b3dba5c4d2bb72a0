"""What an update of every open session costs, with the panel's indexes and as usagectl doctor advises."""

import argparse
import statistics
import time

from cycle_database import DATABASE, Cluster, Psql
from cycle_main import describe_machine, say

HELP = """Fills a PostgreSQL of its own with sessions, and updates the usage of all open ones in one statement, as a
panel does every few seconds: first with the panel's indexes, then as usagectl doctor advises, without those
that hold data_used and with pages that have room (fillfactor 50, the table rewritten once). Time, WAL and the
share of HOT updates, medians of the rounds; and the ratio, which is what usagectl doctor quotes."""

UPDATE = """UPDATE user_sessions SET data_upload = data_upload + 1000, data_download = data_download + 9000,
  data_used = data_used + 10000, updated_at = now() AT TIME ZONE 'UTC' WHERE status = 'active'"""

ADVICE = """
DROP INDEX user_sessions_data_used_idx, user_sessions_tenant_id_data_used_idx;
ALTER TABLE user_sessions SET (fillfactor = 50);
"""


def parse_arguments():
    parser = argparse.ArgumentParser(prog="tests/bench/panel_indexes", description=HELP,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--rows", type=int, default=1_000_000, help="sessions, default %(default)s")
    add("--open", type=int, default=50_000, help="of them open, default %(default)s")
    add("--rounds", type=int, default=5, help="updates that are measured, default %(default)s")
    return parser.parse_args()


def hot_share(psql):
    """Updates and HOT ones since the statistics were reset."""
    time.sleep(1.5)  # they are written once a second
    row = psql.run("SELECT pg_stat_force_next_flush(), n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables"
                   " WHERE relname = 'user_sessions'")[0].split("|")
    return int(row[1]), int(row[2])


def one_round(psql):
    """Milliseconds and bytes of WAL."""
    before = psql.run("SELECT pg_current_wal_insert_lsn()")[0]
    begin = time.monotonic()
    psql.run(UPDATE)
    took = (time.monotonic() - begin) * 1000
    wal = psql.run(f"SELECT pg_current_wal_insert_lsn() - '{before}'::pg_lsn")[0]
    return took, float(wal)


def measure(psql, name, rounds):
    # The first one makes the room that later ones use, or not. Checkpoints and vacuums are a panel's
    # daily life, and not part of what one update costs.
    one_round(psql)
    psql.run("VACUUM user_sessions")
    psql.run("CHECKPOINT")
    one_round(psql)
    updates, hot = hot_share(psql)
    results = [one_round(psql) for _ in range(rounds)]
    updates_after, hot_after = hot_share(psql)
    took, wal = (statistics.median(column) for column in zip(*results))
    share = (hot_after - hot) / max(updates_after - updates, 1)
    print(f"{name:34}{took:10,.0f} ms{wal / 1e6:10,.0f} MB WAL{share:8.0%} HOT", flush=True)
    return took, wal


def main():
    arguments = parse_arguments()
    print(describe_machine())
    with Cluster(None, say) as cluster:
        cluster.fill(arguments.rows, 1000, arguments.open)
        psql = Psql(cluster.port, "postgres")
        print(f"{arguments.open:,} of {arguments.rows:,} rows change, in {DATABASE}", flush=True)
        dear = measure(psql, "the panel's indexes", arguments.rounds)
        psql.run(ADVICE.strip().replace("\n", " "))
        psql.run("VACUUM FULL user_sessions")
        psql.run("VACUUM ANALYZE user_sessions")
        cheap = measure(psql, "as usagectl doctor advises", arguments.rounds)
        psql.close()
    print(f"ratio: {dear[0] / cheap[0]:.1f} in time, {dear[1] / cheap[1]:.1f} in WAL")


main()
