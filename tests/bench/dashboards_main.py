#!/usr/bin/env python3
"""Runs the queries of every panel through usage_gateway, over its own time range and 31 days.

Makes a Prometheus with 31 days of one tenant, scraped every 5 seconds, in a fleet. Prints for each
panel how long its slowest query took, the quickest of three rounds, and how many series its
selectors match. MISS, and exit status 1, beyond 2 s or 10,000 series.
"""

import argparse
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/dashboards"))

import asking  # noqa: E402
import dashboards_data as data  # noqa: E402
import model  # noqa: E402
import promql  # noqa: E402
import processes  # noqa: E402
from program import Program  # noqa: E402

DAYS = 31
LIMIT_SECONDS, LIMIT_SERIES = 2, 10_000


def make_fleet(folder, now, options):
    """Samples written."""
    writer = data.Writer(folder, now - DAYS * data.DAY, now)
    first, *others = [f"t{number}" for number in range(options.tenants)]
    scraped, newest = data.scraped(first), now - 240
    writer.add(data.only(scraped, data.OVER_TIME), options.scrape_interval)
    writer.add({**data.but(scraped, data.OVER_TIME), **data.history(first, now)}, 60)
    writer.add(data.week(first), 3600)
    for tenant in others:
        scraped = data.scraped(tenant)
        writer.add(data.only(scraped, data.COUNTERS), options.scrape_interval, now - 600)
        writer.add({**data.but(scraped, data.COUNTERS), **data.history(tenant, now)}, 60, newest)
    _add_rules(writer, options.tenants, newest)
    writer.write()
    return writer.samples


def _add_rules(writer, tenants, newest):
    """As often as rules.yaml says, where panels read them over time."""
    series = {metric: [{"tenant_id": f"t{number}"} for number in range(tenants)]
              for metric in data.OF_FLEET}
    writer.add(data.only(series, {"tenant:usage_bps:rate10m"}), 240)
    writer.add(data.but(series, {"tenant:usage_bps:rate10m"}), 60, newest)
    writer.add({"fleet:usage_download_bps:rate5m": [{}], "fleet:usage_upload_bps:rate5m": [{}],
                "access:usage_sessions:sum": [{"access": access} for access in data.ACCESSES]}, 30)


def start_prometheus(folder, log):
    (folder / "prometheus.yml").write_text("{}")
    address = f"127.0.0.1:{processes.free_port()}"
    program = Program(["prometheus", "--config.file", folder / "prometheus.yml",
                       "--storage.tsdb.path", folder / "data",
                       "--storage.tsdb.retention.time=100y", "--log.level=error",
                       "--web.listen-address", address], f"http://{address}/-/ready", log)
    program.url = f"http://{address}"
    return program


def start_gateway(folder, upstream, gateway, log):
    (folder / "usage_gateway.yaml").write_text(json.dumps({
        "upstream": {"url": upstream}, "tokens": {"file": "tokens.json"}, "audit": "none",
        "limits": {"requests_per_second": 0}}))
    addresses = [f"127.0.0.1:{processes.free_port()}" for _ in range(2)]
    return Program([gateway, "--config.file", folder / "usage_gateway.yaml",
                    "--web.listen-address", addresses[0],
                    "--web.telemetry-address", addresses[1]], "http://" + addresses[0], log)


def new_token(folder, gateway, *arguments):
    return subprocess.run([pathlib.Path(gateway).parent / "usagectl", "token", "create", "--file",
                           folder / "tokens.json", *arguments],
                          capture_output=True, text=True, check=True).stdout.strip()


class Bench:
    def __init__(self, now, rounds, programs, tenant, operator, prometheus):
        self.now, self.rounds, self.prometheus = now, rounds, prometheus
        self.programs = programs
        self.sources = {True: tenant, False: operator}
        self.misses = 0

    def run(self):
        print(f"{'panel':52}{'series':>8}{'own range':>11}{'31 days':>10}{'its CPU':>10}")
        for dashboard in model.load_all():
            source = self.sources[dashboard.is_tenant]
            values = asking.variables(dashboard, source, at=self.now)
            for panel in dashboard.panels:
                if any(not target.is_live for target in panel.targets):
                    self.measure(panel, source, values)

    def measure(self, panel, source, values):
        own, _ = self.seconds(panel, source, values, None)
        month, cpu = self.seconds(panel, source, values, DAYS * data.DAY)
        series = self.series(panel, values)
        is_good = max(own, month) <= LIMIT_SECONDS and series <= LIMIT_SERIES
        self.misses += not is_good
        print(f"{panel.where:52.52}{series:8d}{own:10.3f}s{month:9.3f}s{cpu:9.2f}s  "
              f"{'PASS' if is_good else 'MISS'}", flush=True)

    def seconds(self, panel, source, values, span):
        """Of its slowest query, for a browser asks them side by side; and what it cost both
        programs, which tells more on a machine that does other things too."""
        return max(self.seconds_of_query(target, source, values, span)
                   for target in panel.targets if not target.is_live)

    def seconds_of_query(self, target, source, values, span):
        """The least of a few rounds: what else the machine does can only add to it."""
        found = []
        for _ in range(self.rounds):
            begin, before = time.monotonic(), self.cpu()
            source.ask(target, values, self.now, span)
            found.append((time.monotonic() - begin, self.cpu() - before))
        return min(found)

    def cpu(self):
        return sum(program.cpu() for program in self.programs)

    def series(self, panel, values):
        """That its selectors match in 31 days, whatever becomes of them."""
        found = 0
        for target in panel.targets:
            if target.is_live:
                continue
            window = asking.Window(target, self.now)
            query = promql.substituted(target.expression, {**window.values(), **values})
            for selector in promql.selectors(query):
                found += len(self.prometheus.call(
                    "/api/v1/series", start=self.now - DAYS * data.DAY, end=self.now,
                    **{"match[]": selector.text}))
        return found

    def time_rules(self):
        """How long Prometheus takes to evaluate each recording rule once."""
        print(f"\n{'recording rule':52}{'once':>19}")
        for rule in promql.rules():
            begin = time.monotonic()
            self.prometheus.call("/api/v1/query", query=rule.expression, time=self.now)
            print(f"{rule.name:52.52}{time.monotonic() - begin:18.3f}s")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway", default=ROOT / "build/release/exporter/app/usage_gateway",
                        type=pathlib.Path, help="the program; usagectl must stand beside it")
    parser.add_argument("--tenants", type=int, default=1000)
    parser.add_argument("--scrape-interval", type=int, default=5, help="seconds")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", help="one that exists: keeps the data there, and takes it "
                        "again the next time")
    options = parser.parse_args()
    os.environ["USAGE_BINARIES"] = str(options.gateway.parent)
    with contextlib.ExitStack() as stack:
        folder = options.folder or stack.enter_context(tempfile.TemporaryDirectory(
            prefix="usage-bench-"))
        misses = measure(pathlib.Path(folder), options, stack)
    print(f"\n{'MISS' if misses else 'PASS'}  every panel within {LIMIT_SECONDS} s and "
          f"{LIMIT_SERIES:,} series: {misses} are not")
    sys.exit(1 if misses else 0)


def measure(folder, options, stack):
    """How many panels miss."""
    made = fleet_in(folder, options)
    print(f"{made['tenants']:,} tenants, {made['samples']:,} samples of {DAYS} days, made in "
          f"{made['seconds']:.0f} s\n", flush=True)
    tokens = [new_token(folder, options.gateway, *arguments)
              for arguments in (("--tenant", "t0"), ("--scope", "operator"))]
    log = stack.enter_context(open(folder / "log", "wb"))
    prometheus = start_prometheus(folder, log)
    stack.callback(prometheus.close)
    gateway = start_gateway(folder, prometheus.url, options.gateway, log)
    stack.callback(gateway.close)
    sources = [asking.DataSource(gateway.url, token) for token in tokens]
    bench = Bench(made["now"], options.rounds, (prometheus, gateway), *sources,
                  asking.DataSource(prometheus.url, ""))
    bench.run()
    bench.time_rules()
    return bench.misses


def fleet_in(folder, options):
    """What the folder has; made if it has none."""
    note = folder / "made.json"
    if not note.exists():
        begin, now = time.monotonic(), int(time.time()) // 60 * 60
        samples = make_fleet(folder, now, options)
        note.write_text(json.dumps({"now": now, "samples": samples, "tenants": options.tenants,
                                    "seconds": time.monotonic() - begin}))
    (folder / "tokens.json").unlink(missing_ok=True)
    return json.loads(note.read_text())


main()
