"""Who works on the database: the two exporters, a scraper as Prometheus is one, the panel."""

import gzip
import os
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request

from cycle_database import DATABASE, Psql, free_port

INTERVAL = 5  # seconds: of readings, scrapes and the panel's updates

# Of a Prometheus 2.42.
SCRAPE_HEADERS = {
    "Accept": "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
              "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "Accept-Encoding": "gzip",
    "X-Prometheus-Scrape-Timeout-Seconds": "5",
}

NAIVE_SQL = """
SELECT tenant_id, CASE WHEN voucher IS NOT NULL THEN 'hotspot' ELSE 'pppoe' END AS access,
  sum(data_upload) AS upload, sum(data_download) AS download, sum(data_used) AS used,
  count(*) FILTER (WHERE status = 'active') AS sessions
FROM user_sessions GROUP BY 1, 2"""

NAIVE_CONFIG = """
jobs:
- name: usage
  interval: '{interval}s'
  connections: ['postgres://naive@127.0.0.1:{port}/{database}?sslmode=disable']
  queries:
  - name: usage
    help: Usage of all sessions
    labels: [tenant_id, access]
    values: [upload, download, used, sessions]
    query: "{sql}"
"""

OUR_CONFIG = """
database:
  dsn: "host=127.0.0.1 port={port} dbname={database} user=usage_reader"
sources:
  - type: user_sessions
    interval: {interval}s
storage:
  database:
    dsn: "host=127.0.0.1 port={port} dbname={database} user=usage_exporter"
"""


class Exporter:
    """A process with a page of metrics. Use it in a with statement."""

    name = ""
    roles = []

    def __init__(self, database_port, command, config, environment):
        self._port = free_port()
        self._config = config.format(port=database_port, database=DATABASE, interval=INTERVAL, sql=" ".join(NAIVE_SQL.split()))
        self._command = command
        self._environment = environment

    def __enter__(self):
        self._file = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        self._file.write(self._config)
        self._file.flush()
        command = [word.format(config=self._file.name, port=self._port) for word in self._command]
        self._process = subprocess.Popen(command, env={**os.environ, **self._environment}, stderr=subprocess.PIPE, text=True)
        self._log = []
        threading.Thread(target=self._keep_log, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()
        self._file.close()

    def _keep_log(self):
        for line in self._process.stderr:
            self._log = [*self._log, line][-20:]

    @property
    def pid(self):
        return self._process.pid

    def scrape(self):
        """(bytes that came over the wire, the page's text)."""
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended: " + "".join(self._log))
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}/metrics", headers=SCRAPE_HEADERS)
        with urllib.request.urlopen(request, timeout=INTERVAL) as answer:
            body = answer.read()
            is_packed = answer.headers.get("Content-Encoding") == "gzip"
        return len(body), (gzip.decompress(body) if is_packed else body).decode()


class Naive(Exporter):
    name = "prometheus-sql-exporter"
    roles = ["naive"]

    def __init__(self, database_port):
        # The environment of Debian's unit.
        super().__init__(database_port,
                         ["/usr/bin/prometheus-sql-exporter", "-config.file={config}", "-web.listen-address=127.0.0.1:{port}"],
                         NAIVE_CONFIG, {"GOGC": "40", "GOMAXPROCS": "4", "LOGLEVEL": "ERROR"})


class Ours(Exporter):
    name = "usage_exporter"
    roles = ["usage_reader", "usage_exporter"]

    def __init__(self, database_port, binary):
        super().__init__(database_port,
                         [binary, "--config.file={config}", "--web.listen-address=127.0.0.1:{port}", "--log.level=warn"],
                         OUR_CONFIG, {})


class Repeated:
    """Calls a function every INTERVAL seconds on a thread of its own, until the with statement ends."""

    def __init__(self, function):
        self._function = function
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.error = None

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _run(self):
        next_time = time.monotonic()
        while not self._stop.wait(max(0, next_time - time.monotonic())):
            next_time = max(next_time + INTERVAL, time.monotonic())
            try:
                self._function()
            except Exception as error:  # pylint: disable=broad-except
                self.error = error


class Panel:
    """Writes into user_sessions: so many open sessions grow, one in a hundred of them ends, and as
    many begin, in one transaction."""

    GROW = """
BEGIN;
UPDATE user_sessions s SET data_upload = data_upload + 13000, data_download = data_download + 87000,
  data_used = data_used + 100000, updated_at = now() AT TIME ZONE 'UTC'
  FROM open_session o WHERE o.n >= {begin} AND o.n < {end} AND s.id = o.id;
UPDATE user_sessions s SET status = 'expired', end_time = now() AT TIME ZONE 'UTC', updated_at = now() AT TIME ZONE 'UTC'
  FROM open_session o WHERE o.n >= {begin} AND o.n < {begin} + {turnover} AND s.id = o.id;
UPDATE open_session SET id = gen_random_uuid() WHERE n >= {begin} AND n < {begin} + {turnover};
INSERT INTO user_sessions SELECT id, tenant_id, NULL, voucher, mac_address, now() AT TIME ZONE 'UTC',
  now() AT TIME ZONE 'UTC' + interval '30 days', 'active', 0, 0, 0, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
  FROM open_session WHERE n >= {begin} AND n < {begin} + {turnover};
COMMIT"""

    def __init__(self, database_port, open_rows, changed):
        self._psql = Psql(database_port, "writer")
        self._open = open_rows
        self._changed = changed
        self._begin = 0

    def write(self):
        if self._changed == 0:
            return
        begin = self._begin if self._begin + self._changed <= self._open else 0
        self._psql.run(self.GROW.format(begin=begin, end=begin + self._changed, turnover=self._changed // 100))
        self._begin = begin + self._changed

    def close(self):
        self._psql.close()
