"""What stands behind a dashboard, once: a panel's database with simulated traffic, exporter,
Prometheus with the recording rules and a past, gateway.
"""

import json
import re
import time

import promql  # first: it knows where the others are

import postgres
import processes
from exporter import Exporter, config_for, fetch
from gateway import Gateway, openmetrics
from page import Page
from waiting import eventually

DAYS = 40  # that the longest session is open
TENANTS = 2


class Simulator:
    """Traffic into user_sessions; an hour of it is there when this returns.

    That hour is made in haste. The same truth is gone on with at the clock's own speed: else a row
    would wait for its next report for as long as it stood before, which was virtual time.
    """

    def __init__(self, folder, database):
        self._command = [
            processes.binary("usage_sim"), "run", "--json", "--database", database.dsn(),
            "--tenants", str(TENANTS), "--subscribers", "60", "--panel-interval", "1s",
            "--faults", "none", "--truth", str(folder / "truth")]
        self.process = processes.Process(
            "usage_sim", [*self._command, "--since=-1h", "--speed", "1000"], folder)
        self.process.launch()
        eventually("the simulator reaches now", self._has_come_to_now)
        self.process.stop()
        self.process.command = self._command
        self.process.launch()

    def _has_come_to_now(self):
        self.process.must_run()
        lines = [line for line in self.process.said().splitlines() if line.startswith("{")]
        return lines and json.loads(lines[-1])["virtual_time"] > time.time() - 10

    def close(self):
        self.process.close()


LONG, SHORT = "02:00:00:00:00:02", "02:00:00:00:00:03"


def add_sessions(database, mac_address, days):
    """Of each tenant and access one that has been open for so long: the ledger books it from its
    start on, so closed days and months have bytes."""
    database.sql(f"""
        INSERT INTO user_sessions (id, tenant_id, voucher, mac_address, start_time, end_time,
          status, data_used, data_upload, data_download, created_at, updated_at)
        SELECT gen_random_uuid(), t.id, v.voucher, '{mac_address}', began.at,
          began.at + interval '1 year', 'active', 5000000000000, 1000000000000, 4000000000000,
          began.at, now() AT TIME ZONE 'UTC'
        FROM tenants t, (VALUES ('voucher of {mac_address}'), (NULL)) v(voucher),
          (SELECT now() AT TIME ZONE 'UTC' - interval '{days} days' AS at) began""")


def end_sessions(database, mac_address):
    database.sql("UPDATE user_sessions SET status = 'closed', end_time = now() AT TIME ZONE 'UTC', "
                 f"updated_at = now() AT TIME ZONE 'UTC' WHERE mac_address = '{mac_address}'")


class Prometheus:
    """Scrapes exporter, history, gateway and itself; its rules are evaluated every second.

    In its past are the exporter's pages as they are now, around the same time of each of 31 days.
    """

    def __init__(self, folder, port, exporter, gateway):
        self.folder = folder / "prometheus"
        self.folder.mkdir()
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        self._write_past(exporter)
        self._write_rules()
        self._write_config(exporter, gateway)
        self.process = processes.Process("prometheus", [
            "prometheus", "--config.file", str(self.folder / "prometheus.yml"),
            "--log.level", "warn", "--storage.tsdb.path", str(self.folder / "data"),
            "--storage.tsdb.retention.time", "1y",
            "--web.listen-address", f"127.0.0.1:{self.port}"], folder)
        self.process.launch()
        eventually("Prometheus is ready", lambda: self.process.must_run() and
                   fetch(self.url + "/-/ready").status == 200)

    def _write_past(self, exporter):
        now = int(time.time())
        times = [now - day * 86400 + minute * 60 for day in range(31, 0, -1)
                 for minute in range(-4, 6, 2)]
        families = {}
        for path in ("/metrics", "/metrics/history"):
            for (name, pairs), value in Page(exporter.get(path).text).values.items():
                samples = [(at, _past(name, value, now - at)) for at in times]
                families.setdefault(name, []).append((dict(pairs), samples))
        file = self.folder / "past.txt"
        file.write_text(openmetrics(families))
        made = processes.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", str(file),
                              str(self.folder / "data")])
        assert made.returncode == 0, made.stderr

    def _write_rules(self):
        for path in promql.RULES:
            text = re.sub(r"(interval:) \S+", r"\1 1s", path.read_text(encoding="utf-8"))
            (self.folder / path.name).write_text(text)

    def _write_config(self, exporter, gateway):
        jobs = {"usage_exporter": f"127.0.0.1:{exporter.port}",
                "usage_history": f"127.0.0.1:{exporter.port}",
                "usage_gateway": gateway.telemetry.removeprefix("http://"),
                "prometheus": f"127.0.0.1:{self.port}"}
        (self.folder / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [path.name for path in promql.RULES],
            "scrape_configs": [{
                "job_name": job, "static_configs": [{"targets": [address]}],
                "metrics_path": "/metrics/history" if job == "usage_history" else "/metrics"}
                for job, address in jobs.items()]}))

    def close(self):
        self.process.close()


def _past(name, value, age):
    """A counter was smaller then; text that loses no digit."""
    return value * (1 - age / (DAYS * 86400)) if name.endswith("_total") else value


class Stack:
    def __init__(self, folder):
        self.parts = []
        self.database = self._part(postgres.Database())
        self.database.load(postgres.PANEL_WITH_ZONES)
        self._part(Simulator(folder, self.database))
        add_sessions(self.database, LONG, DAYS)
        add_sessions(self.database, SHORT, 2)
        self.database.sql("UPDATE tenants SET quota_bytes = 10000000000000")
        self.tenants = [row[0] for row in self.database.rows("SELECT id FROM tenants ORDER BY id")]
        config = config_for(self.database.dsn(), "user_sessions")
        self.exporter = self._part(Exporter(folder, config))
        self.exporter.start()
        self.exporter.read_all()
        port = processes.free_port()
        self.gateway = self._part(Gateway(folder, f"http://127.0.0.1:{port}"))
        self.tokens = {tenant: self.gateway.create_token("--tenant", tenant)
                       for tenant in self.tenants}
        self.operator = self.gateway.create_token("--scope", "operator")
        self.gateway.launch()
        self.prometheus = self._part(Prometheus(folder, port, self.exporter, self.gateway))
        # Prometheus must see that sessions end: a counter has no rate in its first sample.
        eventually("Prometheus scrapes", lambda: self._series("usage_sessions_ended_total"))
        end_sessions(self.database, SHORT)

    def _series(self, metric):
        answer = fetch(f"{self.prometheus.url}/api/v1/query?query={metric}")
        return json.loads(answer.text)["data"]["result"]

    def _part(self, part):
        self.parts.append(part)
        return part

    def close(self):
        for part in reversed(self.parts):
            part.close()
