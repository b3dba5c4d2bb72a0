#!/usr/bin/env python3
"""Measures usagectl alertmanager sync, and what a real Alertmanager makes of its file.

Each tenant has an e-mail address with quiet hours, a webhook for what is critical, and an org of
Grafana's, all in PostgreSQL. Prints a table, and PASS or MISS for each target; exits 1 on a MISS.
Each time is the median of --runs.
"""

import argparse
import os
import pathlib
import resource
import shutil
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
for part in ("e2e", "alerting"):
    sys.path.insert(0, str(ROOT / "tests" / part))

import postgres  # noqa: E402
import processes  # noqa: E402
from alertmanager import Alertmanager, amtool  # noqa: E402
from house import House  # noqa: E402

LIMIT_NOTHING, LIMIT_FULL, LIMIT_LOAD = 1, 5, 3
SQL = """
CREATE TABLE tenants (id text, name text, time_zone text);
CREATE TABLE contacts (tenant_id text, channel text, address text, severity text, quiet_hours text,
                       quiet_days text);
"""
FILL = """
INSERT INTO tenants SELECT 't' || i, 'Tenant ' || i, 'Africa/Nairobi' FROM generate_series(1, {0}) i;
INSERT INTO contacts SELECT id, 'email', 'owner@' || id || '.example', NULL, '22:00-06:00', NULL
  FROM tenants;
INSERT INTO contacts SELECT id, 'webhook', 'https://hooks.example.org/' || id, 'critical', NULL, NULL
  FROM tenants;
INSERT INTO usage.grafana_org (tenant_id, org_id, name, applied, gateway_token, live_token)
  SELECT 't' || i, i + 1, 'Tenant ' || i, '{{}}', '', '' FROM generate_series(1, {0}) i;
"""


def house_in(folder, url):
    database = postgres.Database()
    database.sql(SQL + "INSERT INTO tenants VALUES ('first', 'First', NULL)")
    house = House(folder, url)
    house.sections["database"] = {"dsn": database.dsn()}
    house.sections["tenants"] = {}
    house.sections["grafana"] = {"url": "https://grafana.example.org", "orgs": {
        "user": "x", "password_file": "none", "gateway_url": "http://127.0.0.1:9",
        "tokens_file": "none"}}
    house.alerting |= {"contacts_sql": "SELECT * FROM contacts",
                       "smtp": {"server": "127.0.0.1:9", "from": "usage@example.org"}}
    return house, database


def timed(call):
    """Seconds, and CPU-seconds of the programs that it ran."""
    def cpu():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime
    begin, used = time.monotonic(), cpu()
    call()
    return time.monotonic() - begin, cpu() - used


def measured(name, runs, call, before=lambda: None):
    """The median; `before` is not measured."""
    seconds, cpu = [], []
    for _ in range(runs):
        before()
        took, used = timed(call)
        seconds.append(took)
        cpu.append(used)
    median = statistics.median(seconds)
    print(f"{name:34}{median:8.3f} s  {statistics.median(cpu):6.3f} s of CPU", flush=True)
    return median


def resident_megabytes(pid):
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def verdict(name, value, limit):
    good = value <= limit
    print(f"{'PASS' if good else 'MISS'}  {name}: {value:.2f} s, target {limit} s")
    return good


def run(folder, options):
    alertmanager = Alertmanager(folder)
    house, database = house_in(folder, alertmanager.url)
    house.render()
    small = house.file.read_bytes()
    alertmanager.start()
    database.sql(FILL.format(options.tenants))

    def expect(word):
        said = house.sync()[0]
        assert said.startswith(word), said

    def start_anew():
        house.file.write_bytes(small)
        assert alertmanager.reload() == 200

    full = measured("sync, all tenants new", options.runs, lambda: expect("loaded"), start_anew)
    idle = measured("sync, nothing to do", options.runs, lambda: expect("nothing"))
    numbers = iter(range(options.runs))
    measured("sync, one contact more", options.runs, lambda: expect("loaded"), lambda: database.sql(
        f"INSERT INTO contacts VALUES ('t1', 'email', 'more{next(numbers)}@t1.example')"))
    measured("  amtool's check of the file", options.runs, lambda: amtool("check-config", house.file))
    measured("  amtool's test of one route", options.runs, lambda: amtool(
        "config", "routes", "test", "--config.file", house.file, 'tenant_id="t1"'))
    reload = measured("  Alertmanager's reload", options.runs, alertmanager.reload)
    begin = measured("  Alertmanager's start", options.runs, alertmanager.start,
                     alertmanager.process.stop)
    print(f"{house.file.stat().st_size / 1e6:.2f} MB, Alertmanager has "
          f"{resident_megabytes(alertmanager.process.pid):.0f} MB resident", flush=True)
    alertmanager.close()
    return [verdict("sync, nothing to do", idle, LIMIT_NOTHING),
            verdict("sync, all tenants new", full, LIMIT_FULL),
            verdict("Alertmanager loads the file", max(reload, begin), LIMIT_LOAD)]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenants", type=int, default=1000, help="default %(default)s")
    parser.add_argument("--runs", type=int, default=5, help="default %(default)s")
    options = parser.parse_args()
    folder = processes.make_folder()
    print(f"{options.tenants} tenants, {os.cpu_count()} cores", flush=True)
    good = run(folder, options)
    shutil.rmtree(folder, ignore_errors=True)
    postgres.close_shared_server()
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
