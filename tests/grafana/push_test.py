"""The live push of usage_exporter, from a row of the billing database to a browser's WebSocket.

The regular cycle comes once in ten minutes: what arrives was told by the trigger of
`usagectl feed ddl`. With this machine's Grafana, or the one of GRAFANA_URL, else with the double.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import case  # noqa: E402
import postgres  # noqa: E402
import processes  # noqa: E402
import server  # noqa: E402
from browser import LiveClient  # noqa: E402
from exporter import Exporter, config_for  # noqa: E402
from panel import Panel, uid  # noqa: E402
from two_tenants import Org  # noqa: E402

TRAFFIC, SUBSCRIBERS = "stream/usage/traffic", "stream/usage/subscribers"
VOLUMES = {f"{span}_{way}_bytes" for span in ("today", "month") for way in ("upload", "download")}
FIELDS = {TRAFFIC: VOLUMES | {"labels", "time", "upload_bps", "download_bps", "sessions",
                              "total_upload_bytes", "total_download_bytes"},
          SUBSCRIBERS: VOLUMES | {"labels", "time"}}


class Listener:
    """A Viewer who looks at a channel of its org."""

    def __init__(self, grafana, org, channel):
        self._client = LiveClient(grafana.url, org.users["Viewer"]["headers"])
        self.channel = grafana.live_channel(org.id, channel)
        self.names = None  # of the fields, in the data's order
        self.schemas = 0
        answer = self._client.subscribe(self.channel)
        self.first = self._rows(answer["subscribe"].get("data"))

    def _rows(self, frame):
        """{labels: {field: value}}"""
        if not frame:
            return {}
        if "schema" in frame:
            self.names = [field["name"] for field in frame["schema"]["fields"]]
            self.schemas += 1
        rows = [dict(zip(self.names, row)) for row in zip(*frame["data"]["values"])]
        return {row["labels"]: row for row in rows}

    def next_rows(self):
        channel, frame = self._client.next_push()
        assert channel == self.channel
        return self._rows(frame)

    def wait_for(self, labels, **fields):
        """The first row of those labels with those values."""
        while True:
            row = self.next_rows().get(labels, {})
            if all(row.get(name) == value for name, value in fields.items()):
                return row

    def close(self):
        self._client.close()


class Push(case.SharedCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.make_folder()
        cls.grafana = cls.share(server.start(folder))
        cls.a, cls.b = (cls.share(Org(cls.grafana, name, "http://127.0.0.1:9", "none"))
                        for name in "AB")
        cls.database = cls.share(postgres.Database())
        cls.panel = Panel(cls.database)
        for tenant in ("acme", "bold"):
            cls.panel.add_tenant(tenant)
        source = {"type": "user_sessions", "interval": "10m", "timeout": "20s", "notify": True}
        cls.exporter = cls.share(Exporter(folder, config_for(
            cls.database.dsn(), source,
            grafana={"url": cls.grafana.url, "live": {"interval": "50ms"}})))
        cls.make_trigger()
        cls.exporter.start()  # makes the tables
        cls.exporter.close()
        cls.store_tokens()
        cls.exporter.start()

    @classmethod
    def make_trigger(cls):
        made = processes.run([processes.binary("usagectl"), "feed", "ddl", "--config.file",
                              str(cls.exporter.file)])
        assert made.returncode == 0, made.stderr
        cls.database.sql(made.stdout)

    @classmethod
    def store_tokens(cls):
        for tenant, org in (("acme", cls.a), ("bold", cls.b)):
            cls.database.sql(
                "INSERT INTO usage.grafana_org (tenant_id, org_id, name, live_token) VALUES "
                f"('{uid(tenant)}', {org.id}, '{org.name}', '{org.live_token}')")

    def listen(self, org, channel):
        listener = Listener(self.grafana, org, channel)
        self.addCleanup(listener.close)
        return listener

    def test_1_a_frame_holds_the_ledgers_numbers(self):
        traffic = self.listen(self.a, TRAFFIC)
        subscribers = self.listen(self.a, SUBSCRIBERS)
        self.panel.open("one", "acme", upload=10, download=1000, voucher="Zoë, 7 = x")
        self.panel.open("two", "bold", upload=5, download=777_777)
        row = subscribers.wait_for("access=hotspot, subscriber=Zoë, 7 = x",
                                   month_download_bytes=1000)
        self.assertEqual(set(row), FIELDS[SUBSCRIBERS])
        self.panel.report("one", 20, 5000)
        row = traffic.wait_for("access=hotspot", total_download_bytes=5000)
        self.assertEqual(set(row), FIELDS[TRAFFIC])
        self.assertEqual((row["total_upload_bytes"], row["sessions"]), (20, 1))
        self.assertGreater(row["download_bps"], 0)
        page = self.exporter.page()
        labels = {"tenant_id": uid("acme"), "access": "hotspot"}
        for name in ("today_download_bytes", "month_upload_bytes", "sessions"):
            self.assertEqual(row[name], page.get("usage_" + name, **labels), name)

    def test_2_the_schema_stays_and_a_late_joiner_sees_the_last_frame(self):
        traffic = self.listen(self.a, TRAFFIC)
        self.assertEqual(traffic.first["access=hotspot"]["total_download_bytes"], 5000)
        for step in range(1, 4):
            self.panel.report("one", 20, 5000 + step)
            traffic.wait_for("access=hotspot", total_download_bytes=5000 + step)
        self.assertEqual(traffic.schemas, 1)

    def test_3_an_org_gets_its_own_tenants_numbers_alone(self):
        b = self.listen(self.b, TRAFFIC)
        self.panel.report("one", 20, 6000)
        self.panel.report("two", 5, 888_888)
        row = b.wait_for("access=pppoe", total_download_bytes=888_888)
        self.assertEqual(row["total_upload_bytes"], 5)
        self.assertEqual(set(b.first) - {"access=pppoe"}, set())

    def test_4_the_metrics_tell_how_it_goes(self):
        page = self.exporter.eventually(
            "both orgs get frames", lambda page: page.get("usage_exporter_live_orgs") == 2 and
            page.get("usage_exporter_live_up") == 1)
        self.assertGreaterEqual(page.get("usage_exporter_live_frames_total"), 6)
        self.assertEqual(page.get("usage_exporter_live_errors_total"), 0)
        self.assertEqual(page.get("usage_source_listening", source="user_sessions"), 1)
        self.assertNotIn(self.a.live_token, self.exporter.process.said())

    def test_5_a_grafana_that_stands_still_holds_up_nothing_and_gets_the_newest_after(self):
        if not self.grafana.is_double:
            self.skipTest("orders faults")
        self.addCleanup(self.grafana.forget_faults)
        self.grafana.order_fault(method="POST", path="/api/live/push.*", what="stall", times=1000)
        for step in range(1, 20):
            self.panel.report("one", 20, 7000 + step)
        self.exporter.eventually("the page goes on", lambda page: page.get(
            "usage_download_bytes_total", tenant_id=uid("acme"), access="hotspot") == 7019)
        self.exporter.eventually("the push gives up", lambda page: page.get(
            "usage_exporter_live_errors_total") > 0 and page.get("usage_exporter_live_up") == 0)
        traffic = self.listen(self.a, TRAFFIC)
        self.grafana.forget_faults()
        traffic.wait_for("access=hotspot", total_download_bytes=7019)


case.main()
