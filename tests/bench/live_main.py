"""How soon a committed change shows: on /metrics, and in a browser's WebSocket through Grafana Live."""

import argparse
import http.client
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import cycle_parts
from cycle_database import DATABASE, Cluster, Psql
from cycle_main import describe_machine, say, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/grafana"), str(ROOT / "tests/e2e")]

import server  # noqa: E402
from browser import LiveClient  # noqa: E402

HELP = """Fills a PostgreSQL of its own with tenants and open sessions, makes an org of Grafana for each
tenant, lets usage_exporter listen for changes (usagectl feed ddl) and push to Grafana Live, and commits
single changes at random times, --rate a second on the average, to sessions of random tenants that have
an org with a listener. A change counts from the moment that COMMIT has been answered until the answer
to a scrape begins that shows it (one scrape after the other, so up to one in vain), and until a frame that holds it arrives at a subscribed WebSocket.

Grafana is the one of GRAFANA_URL, else the machine's, else the double of tests/grafana/double, which is
Python and shares the machine with all the rest. Some orgs have a listener, which is what is measured; all
get frames."""

METRICS_GOAL, FRAME_GOAL = 0.050, 0.250  # seconds, 99 of 100

CONFIG = """
database:
  dsn: "host=127.0.0.1 port={port} dbname={database} user=usage_reader"
sources:
  - {{type: user_sessions, interval: 5s, notify: true}}
storage:
  database:
    dsn: "host=127.0.0.1 port={port} dbname={database} user=usage_exporter"
grafana:
  url: GRAFANA
  live: {{interval: 50ms}}
"""

GROW = """UPDATE user_sessions SET data_upload = data_upload + 1, data_download = data_download + {bytes},
data_used = data_used + {bytes} + 1, updated_at = now() AT TIME ZONE 'UTC' WHERE id = '{id}'"""


def parse_arguments():
    parser = argparse.ArgumentParser(prog="tests/bench/live", description=HELP,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--tenants", type=int, default=1000, help="each with an org; default %(default)s")
    add("--open", type=int, default=50_000, help="open sessions, default %(default)s")
    add("--listeners", type=int, default=20, help="orgs with a WebSocket, default %(default)s")
    add("--changes", type=int, default=500, help="commits to measure, default %(default)s")
    add("--rate", type=float, default=5, help="commits a second, default %(default)s")
    add("--binaries", default=str(ROOT / "build/release/exporter/app"), metavar="FOLDER",
        help="with usage_exporter and usagectl; default: build them")
    return parser.parse_args()


class Ours(cycle_parts.Ours):
    """Its page comes plain, over a connection that stays: what gzip takes is the scraper's choice.

    `answered`: when the last answer began; which page it is, and what it says, stands then.
    """

    answered = 0.0

    def __init__(self, database_port, binary, grafana):
        cycle_parts.Exporter.__init__(
            self, database_port,
            [binary, "--config.file={config}", "--web.listen-address=127.0.0.1:{port}", "--log.level=warn"],
            CONFIG, {})
        self._config = self._config.replace("GRAFANA", grafana)
        self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)

    def page(self):
        """Bytes; none while it does not listen yet."""
        try:
            self._connection.request("GET", "/metrics")
            answer = self._connection.getresponse()
            self.answered = time.monotonic()
            return answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return b""

    @property
    def config_file(self):
        return self._file.name


class Org:
    """An org of Grafana with a token that pushes, and a Viewer if somebody listens."""

    def __init__(self, grafana, tenant, has_viewer):
        self.tenant = tenant
        self.id = grafana.manage("POST", "/api/orgs", {"name": f"bench {tenant}"})["orgId"]
        account = grafana.manage("POST", "/api/serviceaccounts", {"name": "live", "role": "None"}, self.id)
        self.token = grafana.manage("POST", f"/api/serviceaccounts/{account['id']}/tokens",
                                    {"name": "live"}, self.id)["key"]
        self._user = None
        if has_viewer:
            self._user = grafana.manage("POST", "/api/admin/users", {
                "login": f"bench-{tenant}", "password": "bench-pass", "OrgId": self.id})["id"]
            self.headers = server.basic(f"bench-{tenant}", "bench-pass")

    def remove(self, grafana):
        grafana.manage("DELETE", f"/api/orgs/{self.id}")
        if self._user:
            grafana.manage("DELETE", f"/api/admin/users/{self._user}")


class Listener(threading.Thread):
    """The download that frames of an org have shown, both accesses together, and when each came."""

    def __init__(self, grafana, org):
        super().__init__(daemon=True)
        self._client = LiveClient(grafana.url, org.headers)
        self._names, self._rows = None, {}
        self.seen = []  # [(when, bytes)]
        channel = grafana.live_channel(org.id, "stream/usage/traffic")
        self._take(self._client.subscribe(channel)["subscribe"].get("data"))
        self._client.wait_for_ever()
        self.start()

    def run(self):
        try:
            while True:
                frame = self._client.next_push()[1]
                self._take(frame, time.monotonic())
        except (OSError, EOFError):
            pass

    def _take(self, frame, when=0.0):
        if not frame:
            return
        if "schema" in frame:
            self._names = [field["name"] for field in frame["schema"]["fields"]]
        for row in zip(*frame["data"]["values"]):
            values = dict(zip(self._names, row))
            self._rows[values["labels"]] = values["total_download_bytes"]
        self.seen.append((when, sum(self._rows.values())))

    def close(self):
        self._client.close()


class Bench:
    def __init__(self, arguments, cluster, grafana, exporter):
        self._arguments = arguments
        self._grafana = grafana
        self._exporter = exporter
        self._psql = Psql(cluster.port, "bench")
        self._writer = Psql(cluster.port, "writer")
        self._admin = Psql(cluster.port, "postgres")
        self._cluster = cluster
        self._orgs = []
        self._listeners = {}

    def make_trigger(self, usagectl):
        ddl = subprocess.run([usagectl, "feed", "ddl", "--config.file", self._exporter.config_file],
                             check=True, capture_output=True, text=True).stdout
        subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
                        str(self._cluster.port), "-U", "postgres", DATABASE],
                       input=ddl, check=True, text=True,
                       env={**os.environ, "PGOPTIONS": "-c client_min_messages=warning"})

    def make_orgs(self):
        """The tenants with most open sessions have the listeners."""
        wait_until("the first reading", lambda: self._value("usage_exporter_ready") == 1)
        rows = self._psql.run("SELECT t.id FROM tenants t LEFT JOIN open_session o ON o.tenant_id = t.id "
                              "GROUP BY t.id ORDER BY count(o.id) DESC, t.id")
        say(f"{len(rows):,} orgs")
        for number, tenant in enumerate(rows):
            self._orgs.append(Org(self._grafana, tenant, number < self._arguments.listeners))
        values = ", ".join(f"('{o.tenant}', {o.id}, 'bench', '{o.token}')" for o in self._orgs)
        self._admin.run("INSERT INTO usage.grafana_org (tenant_id, org_id, name, live_token) VALUES " + values)

    def listen(self):
        wait_until("every org has a token", lambda: self._value("usage_exporter_live_orgs") == len(self._orgs))
        wait_until("a frame for each", lambda: self._value("usage_exporter_live_frames_total") >= len(self._orgs))
        for org in self._orgs[:self._arguments.listeners]:
            self._listeners[org.tenant] = Listener(self._grafana, org)
        wait_until("the rates of quiet tenants, which a minute tells", lambda: all(
            listener.seen and listener.seen[-1][1] == self._download(tenant)
            for tenant, listener in self._listeners.items()))

    def _values(self, series):
        """Of the lines that begin so; splitting the page would take longer than getting it."""
        page, at, values = b"\n" + self._exporter.page(), 0, []
        while (at := page.find(b"\n" + series.encode(), at)) >= 0:
            end = page.find(b"\n", at + 1)
            values.append(float(page[at:end].rsplit(b" ", 1)[1]))
            at = end
        return values

    def _value(self, name):
        return sum(self._values(name + " "))

    def _download(self, tenant):
        return sum(self._values(f'usage_download_bytes_total{{tenant_id="{tenant}"'))

    def measure(self):
        """([seconds until /metrics], [seconds until a frame]); one change at a time of one tenant."""
        listed = ", ".join(f"'{tenant}'" for tenant in self._listeners)
        rows = [row.split("|") for row in self._psql.run(
            f"SELECT id, tenant_id FROM open_session WHERE tenant_id IN ({listed})")]
        generator = random.Random(5)
        waiting, metrics, frames = [], [], []
        for _ in range(self._arguments.changes):
            time.sleep(generator.expovariate(self._arguments.rate))
            session, tenant = generator.choice(rows)
            before = self._download(tenant)
            grown = generator.randrange(1, 1_000_000)
            self._writer.run(GROW.format(id=session, bytes=grown))
            committed = time.monotonic()
            while self._download(tenant) < before + grown:
                if time.monotonic() > committed + 30:
                    raise RuntimeError("a change did not show on /metrics within 30 s")
            metrics.append(self._exporter.answered - committed)
            waiting.append((tenant, committed, before + grown))
        time.sleep(2)
        for tenant, committed, total in waiting:
            came = next((when for when, shown in self._listeners[tenant].seen if shown >= total), None)
            if came is None:
                raise RuntimeError("a change did not come in a frame: " + self._live_metrics())
            frames.append(came - committed)
        return metrics, frames

    def _live_metrics(self):
        lines = self._exporter.page().decode().splitlines()
        return ", ".join(line for line in lines if line.startswith("usage_exporter_live_"))

    def close(self):
        for listener in self._listeners.values():
            listener.close()
        if not self._grafana.is_double:
            for org in self._orgs:
                org.remove(self._grafana)
        for psql in (self._psql, self._writer, self._admin):
            psql.close()


def report(name, seconds, goal):
    """True where 99 of 100 keep the goal."""
    quantiles = statistics.quantiles(seconds, n=100, method="inclusive")
    is_good = quantiles[98] <= goal
    print(f"{name:<22} p50 {quantiles[49] * 1000:6.1f} ms   p99 {quantiles[98] * 1000:6.1f} ms   "
          f"max {max(seconds) * 1000:6.1f} ms   goal p99 {goal * 1000:.0f} ms   {'PASS' if is_good else 'FAIL'}")
    return is_good


def describe_grafana(grafana):
    if grafana.is_double:
        return "the double of tests/grafana/double"
    version = grafana.manage("GET", "/api/frontend/settings")["buildInfo"]["version"]
    return f"Grafana {version} at {urllib.parse.urlsplit(grafana.url).netloc}"


def run(arguments, cluster, grafana):
    binaries = pathlib.Path(arguments.binaries)
    cluster.fill(arguments.open * 6, arguments.tenants, arguments.open)
    with Ours(cluster.port, str(binaries / "usage_exporter"), grafana.url) as exporter:
        bench = Bench(arguments, cluster, grafana, exporter)
        try:
            bench.make_trigger(binaries / "usagectl")
            bench.make_orgs()
            bench.listen()
            say(f"{arguments.changes} changes, {arguments.rate:g} a second")
            return bench.measure()
        finally:
            bench.close()


def main():
    arguments = parse_arguments()
    for name in ("usage_exporter", "usagectl"):
        if not os.access(os.path.join(arguments.binaries, name), os.X_OK):
            sys.exit(f"live: {arguments.binaries} has no {name}")
    with tempfile.TemporaryDirectory() as folder, Cluster(None, say) as cluster:
        grafana = server.start(pathlib.Path(folder))
        try:
            print(f"{describe_machine()}: {arguments.tenants:,} orgs, {arguments.open:,} open sessions; frames through "
                  f"{describe_grafana(grafana)}")
            metrics, frames = run(arguments, cluster, grafana)
        finally:
            grafana.close()
    results = [report("commit to /metrics", metrics, METRICS_GOAL), report("commit to WebSocket", frames, FRAME_GOAL)]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
