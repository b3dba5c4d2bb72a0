#!/usr/bin/env python3
"""What evaluating all rules costs Prometheus, at 1,000 tenants.

Two Prometheus servers scrape the same pages, whose counters move; one of them has all rules, as
config/prometheus.yml has them, over a past of four weeks. Prints the CPU time of both, and of each
group of rules how long its longest evaluation took: first while no tenant's alert fires, then while
those of every tenth do. MISS, and exit status 1, beyond 1 s of CPU a minute for the rules.
"""

import argparse
import contextlib
import http.server
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/dashboards"))

import dashboards_data as data  # noqa: E402
import promql  # noqa: E402,F401  it knows where processes is
import processes  # noqa: E402
from program import Program  # noqa: E402

RULES = [ROOT / "dashboards/rules.yaml", *sorted((ROOT / "alerts").glob("*.yaml"))]
CONFIG = ROOT / "config/prometheus.yml"
LIMIT = 1  # seconds of CPU a minute
WEEK = 7 * 86400
QUOTA = 1e12
THRESHOLDS = {"quota_notice": 0.5, "quota_warning": 0.8, "quota_almost_used": 0.9,
              "quota_used_up": 1, "quota_forecast": 1, "traffic_spike": 3, "traffic_collapse": 0.2,
              "no_sessions": 1, "subscriber_share": 0.5}
OF_EXPORTER = {"usage_exporter_ready": 1, "usage_exporter_writer": 1, "usage_exporter_ledger_up": 1,
               "usage_tenants_up": 1, "usage_accounting_invariant_violations": 0}
OF_SOURCE = {"usage_source_up": 1, "usage_source_interval_seconds": 5,
             "usage_source_cycle_duration_seconds": 0.5, "usage_source_missed_cycles_total": 0,
             "usage_accounting_unattributed_download_bytes": 0,
             "usage_accounting_unattributed_upload_bytes": 0}


def line(metric, labels, value):
    inner = ",".join(f'{name}="{text}"' for name, text in labels.items())
    return f"{metric}{{{inner}}} {value}\n"


def counter(number, at):
    """Of a tenant's access, in one direction; some Mbit/s."""
    return (100_000 + 50 * number) * int(at % (400 * 86400))


class Fleet:
    """The page of 1,000 tenants, of whom every tenth has used up 95 % of its quota if `fires`."""

    def __init__(self, tenants, now):
        self.tenants, self.fires = tenants, False
        self.start = now
        self.still = "".join(self._still(number) for number in range(tenants))
        self.history = "".join(self._curves(number) for number in range(tenants)).encode()

    def _curves(self, number):
        """Of /metrics/history what a rule reads."""
        series = data.history(f"t{number}", self.start)["usage_month_curve_bytes"]
        return "".join(line("usage_month_curve_bytes", labels, 1e9) for labels in series)

    def _still(self, number):
        """What does not move in a benchmark's minutes."""
        tenant, lines = f"t{number}", []
        families = data.scraped(tenant)
        month = {"usage_month_upload_bytes", "usage_month_download_bytes"}
        for metric, series in data.but(families, data.COUNTERS | month).items():
            lines += [line(metric, labels, self._value(metric)) for labels in series]
        lines += [line("usage_alert_threshold", {"tenant_id": tenant, "alert": alert}, value)
                  for alert, value in THRESHOLDS.items()]
        lines.append(line("usage_month_forecast_bytes", {"tenant_id": tenant, "quantile": "0.5"},
                          QUOTA / 2))
        return "".join(lines)

    def _value(self, metric):
        times = {"usage_today_start_timestamp_seconds": self.start - 40_000,
                 "usage_month_start_timestamp_seconds": self.start - 10 * 86400,
                 "usage_month_end_timestamp_seconds": self.start + 20 * 86400,
                 "usage_data_timestamp_seconds": self.start, "usage_time_zone_offset_seconds": 3600,
                 "usage_quota_bytes": QUOTA, "usage_tenant_info": 1, "usage_sessions": 20}
        return times.get(metric, 1e9 if "_bytes" in metric else 0)

    def _moving(self, at):
        for number in range(self.tenants):
            used = 0.95 if self.fires and number % 10 == 0 else 0.3
            for access in data.ACCESSES:
                labels = {"tenant_id": f"t{number}", "access": access}
                for way in data.DIRECTIONS:
                    yield line(f"usage_{way}_bytes_total", labels, counter(number, at))
                    yield line(f"usage_month_{way}_bytes", labels, QUOTA * used / 4)

    def page(self):
        at = time.time()
        own = [line(metric, {}, value) for metric, value in OF_EXPORTER.items()]
        own += [line(metric, {"source": "panel"}, value) for metric, value in OF_SOURCE.items()]
        own.append(line("usage_exporter_snapshot_timestamp_seconds", {}, at))
        own.append(line("usage_source_last_success_timestamp_seconds", {"source": "panel"}, at))
        return (self.still + "".join(self._moving(at)) + "".join(own)).encode()


def serve(fleet, port):
    """/metrics, and an Alertmanager that takes everything; in a thread of its own."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            pages = {"/metrics": fleet.page, "/metrics/history": lambda: fleet.history}
            self.answer(pages.get(self.path, bytes)())

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(b"")

        def answer(self, body):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()


def write_past(folder, fleet, port, now):
    """What the rules look back at: counters of 15 minutes; of weeks ago the hours around now."""
    target = {"job": "usage_exporter", "instance": f"127.0.0.1:{port}"}
    near = range(now - 900, now - 15, 5)
    weeks = [range(now - week * WEEK - 8000, now - week * WEEK + 4000, 240)
             for week in range(4, 0, -1)]
    far = [at for week in weeks for at in week]
    with open(folder / "past.txt", "w", encoding="utf-8") as file:
        for way in data.DIRECTIONS:
            for number, access in fleet_accesses(fleet):
                labels = {"tenant_id": f"t{number}", "access": access, **target}
                file.writelines(dated(f"usage_{way}_bytes_total", labels, counter(number, at), at)
                                for at in near)
        for metric, value in (("tenant:usage_bps:rate10m", 32 * 120_000),
                              ("tenant:usage_sessions:sum", 40),
                              ("tenant:usage_time_zone_offset_seconds:max", 3600)):
            for number in range(fleet.tenants):
                file.writelines(dated(metric, {"tenant_id": f"t{number}"}, value, at) for at in far)
        file.write("# EOF\n")
    subprocess.run(["promtool", "tsdb", "create-blocks-from", "--max-block-duration=54h",
                    "openmetrics", folder / "past.txt", folder / "data"], check=True,
                   stdout=subprocess.DEVNULL)


def fleet_accesses(fleet):
    return [(number, access) for number in range(fleet.tenants) for access in data.ACCESSES]


def dated(metric, labels, value, at):
    return line(metric, labels, f"{value} {at}")


def start_prometheus(folder, port, rules, log):
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    address = f"127.0.0.1:{processes.free_port()}"
    exporter = f"127.0.0.1:{port}"
    targets = {"usage_exporter": exporter, "usage_history": exporter, "prometheus": address}
    made = {
        "global": config["global"], "rule_files": [str(path) for path in rules],
        "alerting": {"alertmanagers": [
            {"static_configs": [{"targets": [exporter]}]}]},
        "scrape_configs": [
            {**job, "static_configs": [{"targets": [targets[job["job_name"]]]}]}
            for job in config["scrape_configs"] if job["job_name"] in targets]}
    (folder / "prometheus.yml").write_text(json.dumps(made))
    program = Program(["prometheus", "--config.file", folder / "prometheus.yml",
                       "--storage.tsdb.path", folder / "data", "--log.level=error",
                       "--storage.tsdb.retention.time=100y", "--web.listen-address", address],
                      f"http://{address}/-/ready", log)
    program.url = f"http://{address}"
    return program


def ask(program, query):
    url = f"{program.url}/api/v1/query?" + urllib.parse.urlencode({"query": query})
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)["data"]["result"]


def groups(program):
    """{group: seconds of its last evaluation}"""
    with urllib.request.urlopen(program.url + "/metrics", timeout=60) as answer:
        page = answer.read().decode()
    found = re.findall(r'^prometheus_rule_group_last_duration_seconds\{rule_group="[^"]*;(\w+)"\} '
                       r"(\S+)$", page, re.MULTILINE)
    return {name: float(value) for name, value in found}


def measure(title, ruled, bare, seconds):
    """CPU seconds a minute that the rules cost."""
    before, longest = (ruled.cpu(), bare.cpu()), {}
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        time.sleep(5)
        for name, value in groups(ruled).items():
            longest[name] = max(value, longest.get(name, 0))
    minutes = (time.monotonic() - begin) / 60
    used = [(program.cpu() - old) / minutes for program, old in zip((ruled, bare), before)]
    firing = sum(float(row["value"][1]) for row in ask(
        ruled, 'count(ALERTS{audience="tenant",alertstate="firing"})'))
    report(title, firing, used, longest)
    return used[0] - used[1]


def report(title, firing, used, longest):
    cost = used[0] - used[1]
    print(f"\n{title}: {firing:.0f} alerts of tenants fire")
    print(f"  CPU a minute: {used[0]:.2f} s with rules, {used[1]:.2f} s without: "
          f"{cost:.2f} s for the rules  {'PASS' if cost <= LIMIT else 'MISS'}")
    for name, value in sorted(longest.items(), key=lambda item: -item[1]):
        print(f"  {name:24}{value:8.3f} s, the longest evaluation of the group", flush=True)


def run(options, folder, stack):
    now, port = int(time.time()), processes.free_port()
    fleet = Fleet(options.tenants, now)
    for name in ("ruled", "bare"):
        (folder / name).mkdir()
    write_past(folder / "ruled", fleet, port, now)
    serve(fleet, port)
    log = stack.enter_context(open(folder / "log", "wb"))
    ruled = start_prometheus(folder / "ruled", port, RULES, log)
    stack.callback(ruled.close)
    bare = start_prometheus(folder / "bare", port, [], log)
    stack.callback(bare.close)
    time.sleep(options.warm_up)
    costs = [measure("as usual", ruled, bare, options.seconds)]
    fleet.fires = True
    time.sleep(60)
    costs.append(measure("every tenth tenant", ruled, bare, options.seconds))
    return max(costs)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenants", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=600,
                        help="of each of the two measurements; the slowest group has 300")
    parser.add_argument("--warm-up", type=int, default=60, help="seconds before the first")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="usage-bench-"))
        cost = run(options, pathlib.Path(folder), stack)
    print(f"\n{'MISS' if cost > LIMIT else 'PASS'}  {cost:.2f} s of CPU a minute for all rules, "
          f"at most {LIMIT}")
    sys.exit(1 if cost > LIMIT else 0)


main()
