"""What it costs to read many routers, beside what others need for the same rows."""

import argparse
import os
import pathlib
import re
import statistics
import sys
import tempfile
import time

import cycle_parts
import routers_snmp
from cycle_cpu import cpu_of, resident_mb
from cycle_database import Cluster, Psql
from cycle_main import describe_machine, say, wait_until
from routers_mktxp import Mktxp

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/sim/routers")]

HELP = """Starts the fake routers of usage_sim, all subscribers online by PPPoE, and a PostgreSQL of its own
in whose panel each of them has an open session; the same routers are read over the plain binary API by

  usage_exporter  every 5 s; its CPU is what it uses more than without routers: reading, matching, live
                  rates and the pages that show them
  mktxp           (PyPI) scraped every 5 s, or one scrape after the other where one takes longer; all its
                  readers but that of interfaces are off

The same again by SNMP (v2c and v3 in turn), beside

  prometheus-snmp-exporter  (Debian) scraped every 5 s for each router, walking the same columns

CPU is that of the process alone, for a subscriber's row that it has read. Then some routers more are
dead: they take connections and never answer. How long polls of the others take is then what
usage_exporter says of each poll."""

CPU_GOAL = 10  # times less than mktxp
SNMP_GOAL = 2  # times less than prometheus-snmp-exporter
POLL_GOAL = 0.200  # seconds, 99 of 100
MEMORY_GOAL = 24  # MB

CONFIG = cycle_parts.OUR_CONFIG
ROUTERS = "routers:\n  file: FILE\n  interval: 5s\n"


def parse_arguments():
    parser = argparse.ArgumentParser(prog="tests/bench/routers", description=HELP,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--routers", type=int, default=100, help="default %(default)s")
    add("--subscribers", type=int, default=500, help="of each router, default %(default)s")
    add("--dead", type=int, default=20, help="routers more that are dead, default %(default)s")
    add("--seconds", type=int, default=60, help="of each measurement, default %(default)s")
    add("--only", choices=("api", "snmp"), help="one half")
    add("--binaries", default=str(ROOT / "build/release/exporter/app"), metavar="FOLDER",
        help="with usage_exporter and usage_sim; default: build them")
    return parser.parse_args()


def farm(folder, arguments, protocol, dead=0):
    """Fake routers; the same names, sessions and addresses every time."""
    from fakes import FakeRouters  # it wants USAGE_BINARIES

    folder = pathlib.Path(folder, protocol + str(dead))
    folder.mkdir()
    healthy = arguments.routers
    faults = [f"router{number}=dead" for number in range(healthy, healthy + dead)]
    flags = ["--router-faults", ",".join(faults)] if dead else []
    return FakeRouters(folder, "--routers", str(healthy + dead), "--subscribers",
                       str(arguments.subscribers), "--router-protocols", protocol, *flags)


def subscribers_of(routers):
    """[(tenant, mac)] of all who are online."""
    tenants = dict(re.findall(r"- name: (\S+)\n\s+tenant: (\S+)", routers.list.read_text()))
    return [(tenants[name], row["caller-id"]) for name in routers.addresses
            for row in routers.get(name, "/rest/ppp/active?.proplist=caller-id")[1]]


def fill(cluster, people):
    """The panel's open sessions."""
    cluster.fill(1, 1, 0)
    psql = Psql(cluster.port, "postgres")
    values = ", ".join(f"('{tenant}', 'Tenant')" for tenant in sorted({t for t, _ in people}))
    psql.run(f"INSERT INTO tenants VALUES {values}")
    for begin in range(0, len(people), 1000):
        rows = ", ".join(f"(gen_random_uuid(), '{tenant}', '{mac}', now() AT TIME ZONE 'UTC', 'active', "
                         "0, 0, 0, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')"
                         for tenant, mac in people[begin:begin + 1000])
        psql.run("INSERT INTO user_sessions (id, tenant_id, mac_address, start_time, status, data_used, "
                 f"data_upload, data_download, created_at, updated_at) VALUES {rows}")
    psql.run("VACUUM ANALYZE user_sessions")
    psql.close()


class Ours(cycle_parts.Exporter):
    name = "usage_exporter"

    def __init__(self, arguments, cluster, routers=None):
        config = CONFIG + (ROUTERS.replace("FILE", str(routers.list)) if routers else "")
        binary = str(pathlib.Path(arguments.binaries, "usage_exporter"))
        super().__init__(cluster.port, [binary, "--config.file={config}",
                                        "--web.listen-address=127.0.0.1:{port}", "--log.level=error"],
                         config, {})

    def samples(self, name):
        """{labels: value}."""
        try:
            page = self.scrape()[1]
        except OSError:
            return {}
        return {labels: float(value) for labels, value in re.findall(
            rf"^{name}(?:{{(.*)}})? (\S+)(?: #.*)?$", page, re.M)}

    def total(self, name):
        return sum(self.samples(name).values())


def measure(arguments, exporter):
    """(CPU seconds, polls, resident MB) of a while in which it is scraped every 5 s."""
    cpu, polls = cpu_of(exporter.pid), exporter.total("usage_router_polls_total")
    end = time.monotonic() + arguments.seconds
    while time.monotonic() < end:
        time.sleep(cycle_parts.INTERVAL)
        exporter.scrape()
    return (cpu_of(exporter.pid) - cpu, exporter.total("usage_router_polls_total") - polls,
            resident_mb(exporter.pid))


def measure_ours(arguments, cluster, routers, shown="usage_router_matched_sessions"):
    """((CPU, polls, MB) without routers, with routers once `shown` is all subscribers)."""
    with Ours(arguments, cluster) as exporter:
        wait_until("the first cycle", lambda: exporter.total("usage_sessions") > 0)
        time.sleep(2 * cycle_parts.INTERVAL)
        without = measure(arguments, exporter)
    with Ours(arguments, cluster, routers) as exporter:
        subscribers = arguments.routers * arguments.subscribers
        wait_until(f"{shown} to be all subscribers", lambda: exporter.total(shown) >= subscribers)
        return without, measure(arguments, exporter)


def measure_mktxp(arguments, folder, routers):
    """(CPU seconds, rows, seconds of a scrape)."""
    with Mktxp(folder, routers.addresses, routers.password) as mktxp:
        expected = arguments.routers * arguments.subscribers
        wait_until("mktxp to show every subscriber", lambda: mktxp.rows() >= expected)
        cpu, rows, scrapes = cpu_of(mktxp.pid), 0, []
        end = time.monotonic() + arguments.seconds
        while time.monotonic() < end:
            begin = time.monotonic()
            rows += mktxp.rows()
            scrapes.append(time.monotonic() - begin)
            time.sleep(max(0, cycle_parts.INTERVAL - scrapes[-1]))
        return cpu_of(mktxp.pid) - cpu, rows, statistics.median(scrapes)


def measure_polls(arguments, cluster, routers):
    """Seconds of each poll of a healthy router."""
    dead = {f'router="router{number}"'
            for number in range(arguments.routers, arguments.routers + arguments.dead)}
    seen, durations = {}, []
    with Ours(arguments, cluster, routers) as exporter:
        wait_until("the dead to rest", lambda: exporter.total("usage_router_resting") >= len(dead))
        end = time.monotonic() + arguments.seconds
        while time.monotonic() < end:
            polls = exporter.samples("usage_router_polls_total")
            lasted = exporter.samples("usage_router_poll_duration_seconds")
            for labels, count in polls.items():
                is_healthy = not any(name in labels for name in dead)
                if is_healthy and seen.get(labels, count) < count and labels in lasted:
                    durations.append(lasted[labels])
            seen = polls
            time.sleep(1)
        up = exporter.total("usage_router_up")
    if up < arguments.routers:
        sys.exit(f"routers: {up:.0f} of {arguments.routers} healthy routers are up")
    return durations


def verdict(what, is_good):
    print(f"{'PASS' if is_good else 'MISS'}  {what}")
    return is_good


def report_cpu(arguments, without, ours, peer, theirs, goal):
    rows = ours[1] * arguments.subscribers
    by_us = (ours[0] - without[0]) / rows
    by_them = theirs[0] / theirs[1]
    print(f"usage_exporter: {rows:,.0f} rows, {ours[0]:.1f} s of CPU, {without[0]:.1f} s without routers: "
          f"{by_us * 1e6:.1f} us a row")
    print(f"{peer}: {theirs[1]:,} rows, {theirs[0]:.1f} s of CPU: {by_them * 1e6:.1f} us a row; "
          f"a scrape takes {theirs[2]:.1f} s")
    return verdict(f"CPU a row: 1/{by_them / by_us:.1f} of {peer}'s, goal 1/{goal}",
                   by_them / by_us >= goal)


def report_polls(arguments, durations):
    quantiles = statistics.quantiles(durations, n=100, method="inclusive")
    return verdict(f"a poll of a healthy router while {arguments.dead} are dead: p50 "
                   f"{quantiles[49] * 1000:.0f} ms, p99 {quantiles[98] * 1000:.0f} ms of "
                   f"{len(durations):,}, goal p99 {POLL_GOAL * 1000:.0f} ms", quantiles[98] <= POLL_GOAL)


def report_memory(without, ours):
    more = ours[2] - without[2]
    return verdict(f"resident memory: {without[2]:.1f} MB without routers, {more:.1f} MB more with them, "
                   f"goal {MEMORY_GOAL} MB", more <= MEMORY_GOAL)


def run_api(arguments, folder, cluster):
    routers = farm(folder, arguments, "api")
    say("usage_exporter")
    without, ours = measure_ours(arguments, cluster, routers)
    say("mktxp")
    mktxp = measure_mktxp(arguments, folder, routers)
    routers.process.stop()
    say(f"{arguments.dead} dead routers")
    routers = farm(folder, arguments, "api", arguments.dead)
    durations = measure_polls(arguments, cluster, routers)
    routers.process.stop()
    return [report_cpu(arguments, without, ours, "mktxp", mktxp, CPU_GOAL),
            report_polls(arguments, durations), report_memory(without, ours)]


def run_snmp(arguments, folder, cluster):
    routers = farm(folder, arguments, "snmp")
    say("usage_exporter by SNMP")
    # PPPoE by SNMP has no MAC, and the panel knows nothing else of its sessions: no row is matched.
    without, ours = measure_ours(arguments, cluster, routers, "usage_router_sessions")
    say("prometheus-snmp-exporter")
    with routers_snmp.SnmpExporter(folder, routers) as exporter:
        theirs = routers_snmp.measure(exporter, arguments.routers * arguments.subscribers,
                                      arguments.seconds, wait_until)
    routers.process.stop()
    return [report_cpu(arguments, without, ours, "prometheus-snmp-exporter", theirs, SNMP_GOAL),
            report_memory(without, ours)]


def run(arguments, folder, cluster):
    say("sessions")
    by_rest = farm(folder, arguments, "rest")
    people = subscribers_of(by_rest)
    by_rest.process.stop()
    fill(cluster, people)
    results = []
    if arguments.only != "snmp":
        results += run_api(arguments, folder, cluster)
    if arguments.only != "api":
        results += run_snmp(arguments, folder, cluster)
    return results


def main():
    arguments = parse_arguments()
    for name in ("usage_exporter", "usage_sim"):
        if not os.access(os.path.join(arguments.binaries, name), os.X_OK):
            sys.exit(f"routers: {arguments.binaries} has no {name}")
    os.environ["USAGE_BINARIES"] = arguments.binaries
    print(f"{describe_machine()}: {arguments.routers} routers, {arguments.subscribers} subscribers each, "
          f"{arguments.seconds} s a measurement")
    with tempfile.TemporaryDirectory() as folder, Cluster(None, say) as cluster:
        results = run(arguments, folder, cluster)
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
