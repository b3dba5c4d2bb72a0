"""What /metrics/history costs: filling the tables, reading them, rendering, compressing, memory.

Prints CPU seconds of one reading (in the exporter and in its server process), and of one scrape
after it, in a PostgreSQL of its own."""

import argparse
import os
import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/e2e"))
sys.path.insert(0, str(ROOT / "tests/bench"))

from cycle_cpu import cpu_of, peak_mb, resident_mb

FOLD = 5  # seconds


def parse_arguments():
    parser = argparse.ArgumentParser(prog="tests/bench/history", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--binaries", default=str(ROOT / "build/release/exporter/app"), metavar="FOLDER",
        help="that has usage_exporter; default %(default)s")
    add("--tenants", type=int, default=1000, help="default %(default)s")
    add("--days", type=int, default=1095, help="that the ledger has, default %(default)s")
    add("--readings", type=int, default=6, help="to measure, default %(default)s")
    return parser.parse_args()


def fill(database, tenants, days):
    """Two accesses, bytes on every day."""
    rows = (f"generate_series(1, {tenants}) t, unnest(ARRAY['hotspot', 'pppoe']) a, "
            f"generate_series(1, {days}) d")
    database.sql(f"""
        INSERT INTO tenants (id, name, time_zone)
          SELECT md5(t::text)::uuid, 'Tenant ' || t, 'UTC' FROM generate_series(1, {tenants}) t;
        INSERT INTO usage.tenant_day SELECT md5(t::text)::uuid::text, a, current_date - d,
          1000000000 + t * 7919 + d, 9000000000 + t * 104729 + d FROM {rows};
        INSERT INTO usage.tenant_month SELECT tenant_id, access, date_trunc('month', day)::date,
          sum(upload_bytes), sum(download_bytes) FROM usage.tenant_day GROUP BY 1, 2, 3;
        INSERT INTO usage.tenant_total SELECT tenant_id, access, sum(upload_bytes),
          sum(download_bytes), 0, 0, now() FROM usage.tenant_month GROUP BY 1, 2;
        VACUUM ANALYZE;""")


def backend_of(database):
    return int(database.rows("SELECT pid FROM pg_stat_activity WHERE application_name = "
                             "'usage_exporter/history'")[0][0])


def cost_of_readings(exporter, backend, readings):
    """CPU seconds of one, in the exporter and in the server: a ledger that was begun within the
    hour is read after each fold."""
    pid = exporter.process.pid
    before = cpu_of(pid), cpu_of(backend)
    time.sleep(readings * FOLD)
    return [(after - b) / readings for b, after in zip(before, (cpu_of(pid), cpu_of(backend)))]


def scrape(exporter, encoding):
    before, begin = cpu_of(exporter.process.pid), time.monotonic()
    answer = exporter.get("/metrics/history", {"Accept-Encoding": encoding})
    return answer.body, time.monotonic() - begin, cpu_of(exporter.process.pid) - before


def measure(arguments, database, exporter):
    exporter.start()
    exporter.process.stop()
    fill(database, arguments.tenants, arguments.days)
    exporter.start()
    time.sleep(2 * FOLD)
    pid = exporter.process.pid
    empty = resident_mb(pid)
    ours, servers = cost_of_readings(exporter, backend_of(database), arguments.readings)
    print(f"a reading and the fold before it: {ours:.2f} s CPU in the exporter, "
          f"{servers:.2f} s in its server process")
    body, seconds, cpu = scrape(exporter, "gzip")
    print(f"a scrape, gzip: {len(body) / 1e6:.1f} MB in {seconds:.2f} s, {cpu:.2f} s CPU")
    body, seconds, cpu = scrape(exporter, "identity")
    print(f"the same page, plain: {len(body) / 1e6:.1f} MB, {body.count(b'{'):,} series, "
          f"in {seconds:.2f} s")
    print(f"resident: {empty:.0f} MB before the first scrape, {resident_mb(pid):.0f} MB after, "
          f"{peak_mb(pid):.0f} MB at the peak")


def main():
    arguments = parse_arguments()
    os.environ["USAGE_BINARIES"] = arguments.binaries
    import postgres  # they read the environment
    from exporter import Exporter, config_for
    with tempfile.TemporaryDirectory() as folder:
        cluster = postgres.Cluster()
        database = postgres.Database(cluster)
        try:
            database.load(postgres.PANEL_WITH_ZONES)
            exporter = Exporter(folder, config_for(database.dsn(), "user_sessions",
                                                   storage={"fold_interval": f"{FOLD}s"}))
            measure(arguments, database, exporter)
            exporter.close()
        finally:
            cluster.close()


if __name__ == "__main__":
    main()
