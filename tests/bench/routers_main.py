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
from cycle_cpu import cpu_of, resident_mb
from cycle_database import Cluster, Psql
from cycle_main import describe_machine, say, wait_until
from routers_mktxp import Mktxp
from routers_snmp import SnmpExporter

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/sim/routers")]

HELP = """Starts the fake routers of usage_sim, all subscribers online, and a PostgreSQL of its own
in whose panel each of them has an open session; the same routers are read over the plain binary
API by

  usage_exporter  every 5 s; its CPU is what it uses more than without routers: reading, matching,
                  live rates and the pages that show them
  mktxp           (PyPI) scraped every 5 s, or one scrape after the other where one takes longer;
                  all its readers but that of interfaces are off: it sees those by PPPoE

The same again by SNMP (v2c and v3 in turn), beside

  prometheus-snmp-exporter  (Debian) scraped every 5 s for each router, walking the same columns

CPU is that of the process alone, for a subscriber's row that it has read. Then some routers more
are dead: they take connections and never answer. How long polls of the others take is then what
usage_exporter says of each poll."""

# By protocol of the fake routers: who reads them beside us (it has name, pid and rows()), how many
# times less CPU a row of ours may take, and what shows that all rows have been read. By SNMP PPPoE
# has no MAC, and the panel knows nothing else of its sessions: no row of those is matched.
PEERS = {"api": (Mktxp, 10, "usage_router_matched_sessions"),
         "snmp": (SnmpExporter, 2, "usage_router_sessions")}
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
    add("--only", choices=PEERS, help="one protocol")
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
    """[(tenant, mac, voucher or NULL)] of all who are online, as SQL."""
    tenants = dict(re.findall(r"- name: (\S+)\n\s+tenant: (\S+)", routers.list.read_text()))
    people = []
    for name in routers.addresses:
        pppoe = routers.get(name, "/rest/ppp/active?.proplist=caller-id")[1]
        hotspot = routers.get(name, "/rest/ip/hotspot/active?.proplist=user,mac-address")[1]
        people += [(tenants[name], row["caller-id"], "NULL") for row in pppoe]
        people += [(tenants[name], row["mac-address"], f"'{row['user']}'") for row in hotspot]
    return people


def fill(cluster, people):
    """The panel's open sessions."""
    cluster.fill(1, 1, 0)
    psql = Psql(cluster.port, "postgres")
    values = ", ".join(f"('{tenant}', 'Tenant')" for tenant in sorted({row[0] for row in people}))
    psql.run(f"INSERT INTO tenants VALUES {values}")
    now = "now() AT TIME ZONE 'UTC'"
    for begin in range(0, len(people), 1000):
        rows = ", ".join(f"(gen_random_uuid(), '{tenant}', '{mac}', {voucher}, 'active', 0, 0, 0, "
                         f"{now}, {now}, {now})"
                         for tenant, mac, voucher in people[begin:begin + 1000])
        psql.run("INSERT INTO user_sessions (id, tenant_id, mac_address, voucher, status, "
                 "data_used, data_upload, data_download, start_time, created_at, updated_at) "
                 f"VALUES {rows}")
    psql.run("VACUUM ANALYZE user_sessions")
    psql.close()


class Ours(cycle_parts.Exporter):
    name = "usage_exporter"

    def __init__(self, arguments, cluster, routers=None):
        config = CONFIG + (ROUTERS.replace("FILE", str(routers.list)) if routers else "")
        binary = str(pathlib.Path(arguments.binaries, "usage_exporter"))
        flags = ["--config.file={config}", "--web.listen-address=127.0.0.1:{port}",
                 "--log.level=error"]
        super().__init__(cluster.port, [binary, *flags], config, {})

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


def measure_without(arguments, cluster):
    with Ours(arguments, cluster) as exporter:
        wait_until("the first cycle", lambda: exporter.total("usage_sessions") > 0)
        time.sleep(2 * cycle_parts.INTERVAL)
        return measure(arguments, exporter)


def measure_with(arguments, cluster, routers, shown):
    with Ours(arguments, cluster, routers) as exporter:
        # Not all: some subscribers have the same MAC by chance.
        expected = 0.99 * arguments.routers * arguments.subscribers
        wait_until("the rows of all routers", lambda: exporter.total(shown) >= expected)
        return measure(arguments, exporter)


def measure_peer(arguments, peer, expected):
    """(CPU seconds, rows, seconds of a scrape)."""
    wait_until(f"{peer.name} to show subscribers of all routers", lambda: peer.rows() >= expected)
    cpu, rows, scrapes = cpu_of(peer.pid), 0, []
    end = time.monotonic() + arguments.seconds
    while time.monotonic() < end:
        begin = time.monotonic()
        rows += peer.rows()
        scrapes.append(time.monotonic() - begin)
        time.sleep(max(0, cycle_parts.INTERVAL - scrapes[-1]))
    return cpu_of(peer.pid) - cpu, rows, statistics.median(scrapes)


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


def report_cpu(arguments, without, ours, peer_name, peer, goal):
    rows = ours[1] * arguments.subscribers
    by_us = (ours[0] - without[0]) / rows
    by_peer = peer[0] / peer[1]
    print(f"usage_exporter: {rows:,.0f} rows, {ours[0]:.1f} s of CPU, {without[0]:.1f} s without "
          f"routers: {by_us * 1e6:.1f} us a row")
    print(f"{peer_name}: {peer[1]:,} rows, {peer[0]:.1f} s of CPU: {by_peer * 1e6:.1f} us a row; "
          f"a scrape takes {peer[2]:.1f} s")
    return verdict(f"CPU a row: 1/{by_peer / by_us:.1f} of {peer_name}'s, goal 1/{goal}",
                   by_peer / by_us >= goal)


def report_polls(arguments, durations):
    quantiles = statistics.quantiles(durations, n=100, method="inclusive")
    p50, p99 = quantiles[49], quantiles[98]
    return verdict(f"a poll of a healthy router while {arguments.dead} are dead: p50 "
                   f"{p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms of {len(durations):,}, goal p99 "
                   f"{POLL_GOAL * 1000:.0f} ms", p99 <= POLL_GOAL)


def report_memory(without, ours):
    more = ours[2] - without[2]
    return verdict(f"resident memory: {without[2]:.1f} MB without routers, {more:.1f} MB more with "
                   f"them, goal {MEMORY_GOAL} MB", more <= MEMORY_GOAL)


def compare(arguments, folder, cluster, protocol, without, pppoe):
    """Ours and a peer on the same routers."""
    make_peer, goal, shown = PEERS[protocol]
    routers = farm(folder, arguments, protocol)
    say(f"usage_exporter, {protocol}")
    ours = measure_with(arguments, cluster, routers, shown)
    say(f"its peer, {protocol}")
    with make_peer(folder, routers) as peer:
        name, theirs = peer.name, measure_peer(arguments, peer, pppoe)
    routers.process.stop()
    return [report_cpu(arguments, without, ours, name, theirs, goal), report_memory(without, ours)]


def run(arguments, folder, cluster):
    say("sessions")
    by_rest = farm(folder, arguments, "rest")
    people = subscribers_of(by_rest)
    by_rest.process.stop()
    fill(cluster, people)
    say("usage_exporter without routers")
    without = measure_without(arguments, cluster)
    pppoe = sum(1 for _, _, voucher in people if voucher == "NULL")
    results = []
    for protocol in [arguments.only] if arguments.only else PEERS:
        results += compare(arguments, folder, cluster, protocol, without, pppoe)
    say(f"{arguments.dead} dead routers")
    routers = farm(folder, arguments, "api", arguments.dead)
    durations = measure_polls(arguments, cluster, routers)
    routers.process.stop()
    return [*results, report_polls(arguments, durations)]


def main():
    arguments = parse_arguments()
    for name in ("usage_exporter", "usage_sim"):
        if not os.access(os.path.join(arguments.binaries, name), os.X_OK):
            sys.exit(f"routers: {arguments.binaries} has no {name}")
    os.environ["USAGE_BINARIES"] = arguments.binaries
    print(f"{describe_machine()}: {arguments.routers} routers, {arguments.subscribers} subscribers "
          f"each, {arguments.seconds} s a measurement")
    with tempfile.TemporaryDirectory() as folder, Cluster(None, say) as cluster:
        results = run(arguments, folder, cluster)
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
