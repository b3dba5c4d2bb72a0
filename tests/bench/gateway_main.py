#!/usr/bin/env python3
"""Measures usage_gateway beside prom-label-proxy and a bare Prometheus, in one run.

Instant queries by wrk, 1 and 16 connections, rounds in turn so that a noisy machine hurts all
alike; then a large answer through the gateway and the memory that it took; then many requests and
the memory after them. Prints a table, and PASS or MISS for each target. Exits 1 on a MISS.
"""

import argparse
import http.server
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIME = 1_795_000_000  # the newest sample
TENANTS, SERIES, SAMPLES = 10, 20, 240
LARGE = 100 * 1024 * 1024


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def openmetrics():
    lines = ["# TYPE m gauge"]
    for tenant in range(TENANTS):
        for series in range(SERIES):
            lines += [f'm{{tenant_id="t{tenant}",i="{series}"}} {(series * 7 + k) % 1000} '
                      f"{TIME - 15 * (SAMPLES - k)}" for k in range(SAMPLES)]
    return "\n".join(lines) + "\n# EOF\n"


class Program:
    """Ends with this script."""

    def __init__(self, command, url, ready):
        self.url = url
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *command],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            try:
                urllib.request.urlopen(url + ready, timeout=5).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                if self.process.poll() is not None:
                    sys.exit(f"{command[0]} ended with {self.process.returncode}")
                time.sleep(0.1)
        sys.exit(f"{command[0]} does not come up")

    def resident(self, key="VmRSS"):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(key + r":\s+(\d+) kB", status)[1]) * 1024

    def close(self):
        self.process.kill()
        self.process.wait()


class LargeAnswer(http.server.BaseHTTPRequestHandler):
    """An upstream whose every answer has LARGE bytes, in chunks."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        for _ in range(LARGE // 65536):
            self.wfile.write(chunk)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


def wrk(url, header, connections, seconds):
    """(requests/s, p50 ms, p99 ms)"""
    output = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-H",
                             header, url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        sys.exit(f"{url}: {output}")

    def milliseconds(name):
        value, unit = re.search(name + r"%\s+([0-9.]+)(us|ms|s)", output).groups()
        return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

    rate = float(re.search(r"Requests/sec:\s+([0-9.]+)", output)[1])
    return rate, milliseconds("50"), milliseconds("99")


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.programs, self.misses = [], 0

    def start(self, command, url, ready):
        self.programs.append(Program(command, url, ready))
        return self.programs[-1]

    def start_prometheus(self):
        series = self.folder / "series.txt"
        series.write_text(openmetrics())
        subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", series,
                        self.folder / "data"], check=True, stdout=subprocess.DEVNULL)
        (self.folder / "prometheus.yml").write_text("{}")
        address = f"127.0.0.1:{free_port()}"
        return self.start(["prometheus", "--config.file", self.folder / "prometheus.yml",
                           "--storage.tsdb.path", self.folder / "data",
                           "--storage.tsdb.retention.time=100y", "--log.level=error",
                           "--web.listen-address", address], "http://" + address, "/-/ready")

    def start_gateway(self, upstream):
        (self.folder / "usage_gateway.yaml").write_text(
            f"upstream: {{url: '{upstream}', max_concurrent: 64}}\ntokens: {{file: tokens.json}}\n"
            "limits: {requests_per_second: 0, max_concurrent: 64}\naudit: audit.log\n")
        addresses = [f"127.0.0.1:{free_port()}" for _ in range(2)]
        return self.start([self.options.gateway, "--config.file",
                           self.folder / "usage_gateway.yaml", "--web.listen-address", addresses[0],
                           "--web.telemetry-address", addresses[1]],
                          "http://" + addresses[0], "/")

    def start_label_proxy(self, upstream):
        if not self.options.label_proxy:
            return None
        address = f"127.0.0.1:{free_port()}"
        return self.start([self.options.label_proxy, "-label", "tenant_id", "-upstream", upstream,
                           "-insecure-listen-address", address, "-header-name", "X-Tenant"],
                          "http://" + address, "/healthz")

    def run(self):
        token = subprocess.run(
            [pathlib.Path(self.options.gateway).parent / "usagectl", "token", "create", "--file",
             self.folder / "tokens.json", "--tenant", "t1"],
            capture_output=True, text=True, check=True).stdout.strip()
        self.header = "Authorization: Bearer " + token
        prometheus = self.start_prometheus()
        self.compare(prometheus, self.start_label_proxy(prometheus.url),
                     self.start_gateway(prometheus.url))
        self.measure_large_answer()

    def compare(self, prometheus, proxy, gateway):
        ask = "/api/v1/query?" + urllib.parse.urlencode({"query": "m", "time": TIME - 100})
        enforced = ask.replace("query=m&", "query=m%7Btenant_id%3D%22t1%22%7D&")
        ways = {"direct": (prometheus.url + enforced, "X-A: b"),
                "usage_gateway": (gateway.url + ask, self.header)}
        if proxy:
            ways["prom-label-proxy"] = (proxy.url + ask, "X-Tenant: t1")
        for connections in (1, 16):
            rounds = {name: [] for name in ways}
            for _ in range(self.options.rounds):
                for name, (url, header) in ways.items():
                    rounds[name].append(wrk(url, header, connections, self.options.seconds))
            self.report(connections, {name: [statistics.median(column) for column in zip(*found)]
                                      for name, found in rounds.items()})
        before = gateway.resident()
        self.ask_many(ways["usage_gateway"], self.options.requests)
        grown = gateway.resident() - before
        self.judge(f"memory after {self.options.requests} more requests: "
                   f"{grown / 2**20:+.1f} MiB", grown <= 4 * 2**20)

    def report(self, connections, found):
        print(f"\ninstant query, {connections} connection(s), median of "
              f"{self.options.rounds} rounds of {self.options.seconds} s\n"
              f"{'':18}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}")
        for name, (rate, p50, p99) in found.items():
            print(f"{name:18}{rate:12.0f}{p50:9.3f}{p99:9.3f}")
        direct, ours = found["direct"], found["usage_gateway"]
        if connections == 1:
            self.judge(f"added p50 {ours[1] - direct[1]:.3f} ms (<= 0.2)", ours[1] - direct[1] <= 0.2)
            self.judge(f"added p99 {ours[2] - direct[2]:.3f} ms (<= 2)", ours[2] - direct[2] <= 2)
            return
        self.judge(f"throughput {ours[0] / direct[0]:.2f} x direct (>= 0.8)",
                   ours[0] >= 0.8 * direct[0])
        if "prom-label-proxy" in found:
            proxy = found["prom-label-proxy"]
            self.judge(f"throughput {ours[0] / proxy[0]:.2f} x prom-label-proxy (>= 2)",
                       ours[0] >= 2 * proxy[0])

    def ask_many(self, way, count):
        asked = 0
        while asked < count:
            seconds = 5
            asked += int(wrk(*way, 16, seconds)[0] * seconds)

    def measure_large_answer(self):
        upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), LargeAnswer)
        threading.Thread(target=upstream.serve_forever, daemon=True).start()
        gateway = self.start_gateway(f"http://127.0.0.1:{upstream.server_port}")
        before = gateway.resident("VmHWM")
        request = urllib.request.Request(gateway.url + "/api/v1/query?query=m",
                                         headers=dict([self.header.split(": ")]))
        size = 0
        with urllib.request.urlopen(request) as answer:
            while piece := answer.read(65536):
                size += len(piece)
        grown = gateway.resident("VmHWM") - before
        self.judge(f"an answer of {size / 2**20:.0f} MiB: {grown / 2**20:.1f} MiB more resident at "
                   "its peak (<= 8)", size == LARGE and grown <= 8 * 2**20)

    def judge(self, text, good):
        print(f"{'PASS' if good else 'MISS'}  {text}")
        self.misses += not good

    def close(self):
        for program in self.programs:
            program.close()


def label_proxy():
    """Of the PATH, or built by go; '' without either."""
    found = shutil.which("prom-label-proxy")
    go = shutil.which("go")
    if found or not go:
        return found or ""
    folder = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"),
                          "usage_exporter_bench")
    program = folder / "prom-label-proxy"
    if not program.exists():
        subprocess.run([go, "install", "github.com/prometheus-community/prom-label-proxy@latest"],
                       env={**os.environ, "GOBIN": str(folder)}, check=True)
    return str(program)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway", default=ROOT / "build/release/exporter/app/usage_gateway",
                        help="the program; usagectl must stand beside it")
    parser.add_argument("--label-proxy", default=None, help="default: of PATH, or built by go")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=1_000_000)
    options = parser.parse_args()
    if options.label_proxy is None:
        options.label_proxy = label_proxy()
    if not options.label_proxy:
        print("prom-label-proxy is not there and go can't build it: left out")
    with tempfile.TemporaryDirectory(prefix="usage-bench-") as folder:
        bench = Bench(options, pathlib.Path(folder))
        try:
            bench.run()
        finally:
            bench.close()
    sys.exit(1 if bench.misses else 0)


main()
