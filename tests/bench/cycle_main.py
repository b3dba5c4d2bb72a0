"""What a reading cycle costs PostgreSQL and the exporter, beside Debian's prometheus-sql-exporter."""

import argparse
import os
import sys
import time

from cycle_cpu import PostgresCpu, cpu_of, machine_busy, peak_mb, resident_mb
from cycle_database import ROLES, Cluster, Psql
from cycle_parts import INTERVAL, Naive, Ours, Panel, Repeated

HELP = f"""Fills a PostgreSQL of its own with sessions. Then, for each number of changed rows, lets a panel
change so many every {INTERVAL} s while first prometheus-sql-exporter sums all sessions every {INTERVAL} s by
the naive GROUP BY and then usage_exporter reads every {INTERVAL} s; both are scraped every {INTERVAL} s as by
a Prometheus. Prints the CPU that a cycle costs, and the ratio.

CPU is counted by process: the exporter, its server processes and their parallel workers. So other
work on the machine does not enter; the column "machine" (all CPU, less what the machine used before,
the panel and this program) is exact only on a machine that does nothing else."""

OUR_BINARY = os.path.join(os.path.dirname(__file__), "../../build/release/exporter/app/usage_exporter")


def parse_arguments():
    parser = argparse.ArgumentParser(prog="tests/bench/cycle", description=HELP,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--rows", type=int, default=10_000_000, help="sessions, default %(default)s")
    add("--tenants", type=int, default=1000, help="default %(default)s")
    add("--open", type=int, default=50_000, help="open sessions, default %(default)s")
    add("--changed", default="0,800,50000", metavar="LIST",
        help="rows that change every 5 s, default %(default)s; one in a hundred of them ends, and as many begin")
    add("--cycles", type=int, default=24, help=f"of usage_exporter to measure; the naive one has the same time. "
        "Its ledger folds its journal once a minute: a multiple of 12 is fair. Default %(default)s")
    add("--keep", metavar="FOLDER", help="keep the database there, and use it again if it is there already")
    add("--exporter", default=OUR_BINARY, metavar="FILE", help="a built usage_exporter; default: build one")
    add("--only", choices=["naive", "ours"], help="measure one of the two")
    return parser.parse_args()


def say(text):
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


class Measured:
    """CPU seconds between begin() and end(), and the cycles that they paid for."""

    def __init__(self, exporter, postgres, idle_rate):
        self._exporter = exporter
        self._postgres = postgres
        self._idle_rate = idle_rate
        self.name = exporter.name

    def _sample(self):
        return (time.monotonic(), machine_busy(), time.process_time(), cpu_of(self._exporter.pid), self._postgres.sample())

    def begin(self):
        self._before = self._sample()

    def end(self, cycles):
        wall, machine, own, exporter, server = (
            after - before if not isinstance(after, dict) else {name: after[name] - before[name] for name in after}
            for after, before in zip(self._sample(), self._before))
        self.cycles = cycles
        self.wall = wall / cycles
        self.exporter = exporter / cycles
        self.backends = (sum(server[role] for role in self._exporter.roles) + server["workers"]) / cycles
        self.background = (server["background"] + server["vacuum"]) / cycles
        self.panel = server["writer"] / cycles
        self.machine = (machine - self._idle_rate * wall - own - server["writer"] - server["bench"]) / cycles
        self.resident, self.peak = resident_mb(self._exporter.pid), peak_mb(self._exporter.pid)

    @property
    def sum(self):
        return self.exporter + self.backends


class Scrapes:
    def __init__(self, exporter):
        self._exporter = exporter
        self.count = self.bytes = 0
        self.page = ""

    def scrape(self):
        self.bytes, self.page = self._exporter.scrape()
        self.count += 1

    def value(self, name):
        """Of the first series of that family, 0 when there is none."""
        lines = (line for line in self.page.splitlines() if line.startswith(name))
        return float(next(lines, "x 0").rsplit(" ", 1)[1])


def wait_until(what, condition, patience=300):
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"waited {patience} s in vain for {what}")
        time.sleep(0.1)


class Bench:
    def __init__(self, arguments, cluster):
        self._arguments = arguments
        self._cluster = cluster
        self._psql = Psql(cluster.port, "bench")
        self._postgres = PostgresCpu(cluster.postmaster, ROLES)
        self._idle_rate = self._measure_idle()

    def close(self):
        self._postgres.stop()
        self._psql.close()

    @staticmethod
    def _measure_idle():
        say("CPU that the machine uses without us")
        wall, busy = time.monotonic(), machine_busy()
        time.sleep(10)
        rate = (machine_busy() - busy) / (time.monotonic() - wall)
        say(f"{rate * 1000:.0f} ms a second")
        return rate

    def run(self, changed):
        """Both exporters while so many rows change."""
        panel = Panel(self._cluster.port, self._arguments.open, changed)
        results = []
        with Repeated(panel.write) as writing:
            if self._arguments.only != "ours":
                results.append(self._measure(Naive(self._cluster.port), self._naive_cycles, changed))
            if self._arguments.only != "naive":
                results.append(self._measure(Ours(self._cluster.port, self._arguments.exporter), self._our_cycles, changed))
        panel.close()
        if writing.error:
            raise writing.error
        return results

    def _measure(self, exporter, measure, changed):
        say(f"{exporter.name}, {changed:,} rows change every {INTERVAL} s")
        with exporter:
            wait_until("its first page", lambda: self._is_up(exporter))
            scrapes = Scrapes(exporter)
            measured = Measured(exporter, self._postgres, self._idle_rate)
            with Repeated(scrapes.scrape) as scraping:
                measure(measured, scrapes)
            if scraping.error:
                raise scraping.error
        say(f"a cycle: {measured.sum * 1000:.1f} ms")
        return measured

    @staticmethod
    def _is_up(exporter):
        try:
            return exporter.scrape()
        except OSError:
            return False

    def _naive_calls(self):
        rows = self._psql.run("SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s JOIN pg_roles r ON r.oid = userid "
                              "WHERE rolname = 'naive' AND query LIKE 'SELECT tenant_id%'")
        return int(rows[0])

    def _next_naive_cycle(self):
        before = self._naive_calls()
        wait_until("the naive query", lambda: self._naive_calls() > before)
        return self._naive_calls()

    def _naive_cycles(self, measured, _scrapes):
        first = self._next_naive_cycle()
        measured.begin()
        end = time.monotonic() + self._arguments.cycles * INTERVAL
        while (last := self._next_naive_cycle()) and time.monotonic() < end:
            pass
        measured.end(last - first)

    def _our_cycles(self, measured, scrapes):
        """From scrape to scrape, after the first fold of the journal: what a start costs is not in it."""
        wait_until("two readings", lambda: scrapes.value("usage_source_cycles_total") >= 2)
        started = self._psql.run("SELECT clock_timestamp()")[0]
        wait_until("the journal's fold",
                   lambda: self._psql.run(f"SELECT folded_at > '{started}' FROM usage.state") == ["t"])
        count = scrapes.count
        wait_until("a scrape", lambda: scrapes.count > count)
        first, errors = scrapes.value("usage_source_cycles_total"), scrapes.value("usage_source_errors_total")
        measured.begin()
        count = scrapes.count
        wait_until("the cycles", lambda: scrapes.count >= count + self._arguments.cycles, 60 + 2 * INTERVAL * self._arguments.cycles)
        measured.end(scrapes.value("usage_source_cycles_total") - first)
        if scrapes.value("usage_source_errors_total") > errors:
            raise RuntimeError("a reading failed")


COLUMNS = ["changed", "exporter", "cycles", "every s", "PostgreSQL", "exporter", "sum", "background", "machine", "RSS MB", "peak MB"]
WIDTHS = [7, 24, 6, 7, 10, 8, 8, 10, 8, 6, 7]


def print_row(cells):
    print(" ".join(f"{cell:<{width}}" if i == 1 else f"{cell:>{width}}" for i, (cell, width) in enumerate(zip(cells, WIDTHS))))


def print_table(results):
    print("\nCPU ms a cycle, by process: PostgreSQL = the exporter's server processes and their workers;"
          "\nbackground = PostgreSQL's other processes, the panel's work for them included; machine = all CPU but"
          "\nthe panel's and this program's, less what was used before: not exact while others use the machine\n")
    print_row(COLUMNS)
    for changed, pair in results:
        for m in pair:
            times = [f"{seconds * 1000:,.1f}" for seconds in (m.backends, m.exporter, m.sum, m.background, m.machine)]
            print_row([f"{changed:,}", m.name, f"{m.cycles:.0f}", f"{m.wall:.1f}", *times, f"{m.resident:.0f}", f"{m.peak:.0f}"])
    print()
    for changed, pair in results:
        if len(pair) == 2:
            print(f"ratio: naive / ours = {pair[0].sum / pair[1].sum:.0f} ({changed:,} rows change a cycle)")


def describe_machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "CPU")
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    return f"{os.cpu_count()} x {model}, {memory:.0f} GB"


def main():
    arguments = parse_arguments()
    if not os.access(arguments.exporter, os.X_OK):
        sys.exit(f"cycle: {arguments.exporter} is no program")
    changes = [int(number) for number in arguments.changed.split(",")]
    print(f"{describe_machine()}: {arguments.rows:,} sessions, {arguments.tenants:,} tenants, {arguments.open:,} open")
    with Cluster(arguments.keep, say) as cluster:
        cluster.fill(arguments.rows, arguments.tenants, arguments.open)
        say(f"user_sessions: {cluster.size()} with its indexes")
        bench = Bench(arguments, cluster)
        try:
            results = [(changed, bench.run(changed)) for changed in changes]
        finally:
            bench.close()
    print_table(results)


if __name__ == "__main__":
    main()
