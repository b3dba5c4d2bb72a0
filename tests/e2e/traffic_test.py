#!/usr/bin/env python3
"""Traffic across a midnight, with every fault, goes all the way and arrives to the byte."""

import gzip

import case
import page
import postgres
import processes
from exporter import Exporter, config_for
from page import Page
from prometheus import Prometheus
from traffic import FreeRadius, Simulator
from waiting import eventually

# Rates that show every fault many times in 18 hours of a hundred sessions.
FAULTS = ("lost_start=0.05,lost_stop=0.03,late_stop=0.05,zeroed_stop=0.05,reused_id=0.05,"
          "duplicate=0.03,purge=0.3,nas_reboot=0.5")


class EveryByteOfTheTrafficArrives(case.SharedCase):
    # Patient: that a machine is busy is no fault.
    SOURCES = ({"type": "user_sessions", "timeout": "30s"}, {"type": "radacct", "timeout": "30s"})

    @classmethod
    def setUpClass(cls):
        folder = cls.make_folder()
        cls.database = cls.share(postgres.Database())
        cls.database.load(postgres.PANEL_WITH_ZONES)
        cls.database.load(postgres.FREERADIUS_SCHEMA)
        cls.exporter = cls.share(Exporter(
            folder, config_for(cls.database.dsn(), *cls.SOURCES, storage={"fold_interval": "5s"})))
        cls.exporter.start()
        cls.prometheus = cls.share(Prometheus(folder, cls.exporter.port))
        radius = cls.share(FreeRadius(folder, cls.database.dsn()))
        cls.simulator = cls.share(Simulator(
            folder, cls.database, radius, "--since", "-18h", "--speed", "500", "--tenants", "6",
            "--subscribers", "250", "--sessions", "100", "--interim", "20m", "--faults", FAULTS,
            "--visible-for", "8s", "--purge-after", "8s"))
        cls.simulator.start()
        cls.simulator.reach_now()
        cls.simulator.stop()

    def test_metrics_and_ledger_are_the_truth(self):
        self.simulator.verify(self.exporter)

    def test_it_was_no_idle_traffic(self):
        rows = self.database.rows
        days = rows("SELECT count(DISTINCT day), count(DISTINCT tenant_id) FROM usage.tenant_day")
        self.assertGreaterEqual(int(days[0][0]), 2, "days with bytes")
        self.assertEqual(int(days[0][1]), 6, "tenants with bytes")
        cases = {}
        for labels, value in self.exporter.page().series("usage_accounting_cases_total"):
            cases[labels["case"]] = cases.get(labels["case"], 0) + value
        for name in ("short_stop", "reused_id"):
            self.assertGreater(cases[name], 0, name)

    def test_nothing_was_broken_on_the_way(self):
        page = self.exporter.page()
        self.assertEqual(page.get("usage_accounting_invariant_violations"), 0)
        self.assertEqual(page.sum("usage_source_errors_total"), 0)
        self.assertEqual(page.get("usage_exporter_ledger_errors_total"), 0)
        self.assertEqual(page.get("usage_exporter_cycle_errors_total"), 0)
        self.assertEqual(page.sum("usage_accounting_unattributed_upload_bytes"), 0)
        self.assertEqual(page.sum("usage_accounting_refused_sessions"), 0)

    def stored(self, family):
        """What Prometheus has last, by tenant and access."""
        return {(labels["tenant_id"], labels["access"]): value
                for labels, value in self.prometheus.ask(family)}

    def ledger(self, table, column, where="true"):
        return {(tenant, access): int(value) for tenant, access, value in self.database.rows(
            f"SELECT t.tenant_id, t.access, t.{column} FROM usage.{table} t "
            f"LEFT JOIN tenants p ON p.id::text = t.tenant_id WHERE {where}")}

    def assert_stored(self, family, table, column, where="true"):
        """Of series that the table has no row for, 0 is right."""
        def differences():
            stored, kept = self.stored(family), self.ledger(table, column, where)
            self.assertTrue(stored and kept, "nothing to compare")
            keys = stored.keys() | kept.keys()
            return [(k, stored.get(k), kept.get(k)) for k in keys
                    if stored.get(k, 0) != kept.get(k, 0)]
        eventually(f"{family} in Prometheus equals {table}.{column}",
                   lambda: self.assertEqual(differences(), []) is None)

    def test_what_prometheus_stored_equals_the_ledger(self):
        today = "t.day = (now() AT TIME ZONE coalesce(p.time_zone, 'UTC'))::date"
        this_month = ("t.period = (SELECT max(m.period) FROM usage.tenant_month m "
                      "WHERE m.tenant_id = t.tenant_id)")
        for way in ("upload", "download"):
            column = way + "_bytes"
            self.assert_stored(f"usage_{way}_bytes_total", "tenant_total", column)
            self.assert_stored(f"usage_today_{way}_bytes", "tenant_day", column, today)
            self.assert_stored(f"usage_month_{way}_bytes", "tenant_month", column, this_month)

    def assert_history(self, family, label, table, column, where):
        """Of /metrics/history, by tenant, access and date."""
        page = Page(self.exporter.get("/metrics/history").text)
        for way in ("upload", "download"):
            shown = {(labels["tenant_id"], labels["access"], labels[label]): value
                     for labels, value in page.series(family.format(way)) if value}
            kept = {tuple(key): int(value) for *key, value in self.database.rows(
                f"SELECT t.tenant_id, t.access, t.{column}, t.{way}_bytes FROM usage.{table} t "
                f"JOIN tenants p ON p.id::text = t.tenant_id WHERE t.{way}_bytes > 0 AND {where}")}
            self.assertEqual(shown, kept, family.format(way))

    def test_closed_days_and_months_equal_the_ledger(self):
        today = "(now() AT TIME ZONE coalesce(p.time_zone, 'UTC'))::date"
        days = self.database.rows("SELECT count(*) FROM usage.tenant_day t JOIN tenants p "
                                  f"ON p.id::text = t.tenant_id WHERE t.day < {today}")
        self.assertGreater(int(days[0][0]), 0, "days that are over")
        def claim():
            self.assert_history("usage_day_{}_bytes", "day", "tenant_day", "day",
                                f"t.day < {today}")
            self.assert_history(
                "usage_past_month_{}_bytes", "month", "tenant_month", "period",
                "t.period < (SELECT max(m.period) FROM usage.tenant_month m "
                "WHERE m.tenant_id = t.tenant_id)")
            return True
        eventually("/metrics/history equals the tables", claim)

    def test_no_counter_that_prometheus_stored_ever_fell(self):
        for family in page.COUNTERS:
            resets = self.prometheus.ask(f"max(resets({family}[1h]))")
            self.assertEqual(resets[0][1], 0, family)

    def test_promtool_finds_nothing_on_the_page(self):
        for path in ("/metrics", "/metrics/history"):
            text = self.exporter.get(path, {"Accept": "text/plain"}).text
            check = processes.run(["promtool", "check", "metrics"], stdin=None, input=text)
            # A forecast is no summary; its quantiles are what they are called.
            found = [line for line in check.stderr.splitlines() if line !=
                     'usage_month_forecast_bytes non-summary metrics should not have "quantile" label']
            self.assertEqual(found, [])

    def test_prometheus_reads_openmetrics_and_gzip(self):
        answer = self.exporter.get("/metrics", {
            "Accept": "application/openmetrics-text; version=1.0.0", "Accept-Encoding": "gzip"})
        self.assertEqual(answer.headers["Content-Encoding"], "gzip")
        self.assertIn("application/openmetrics-text", answer.headers["Content-Type"])
        text = gzip.decompress(answer.body).decode()
        self.assertTrue(text.endswith("# EOF\n"), text[-200:])
        # This is how Prometheus asks: it takes every page or says why not. A machine under load may
        # let its time limit of a second pass.
        up = self.prometheus.samples('up{job="usage_exporter"}[1h]')[0][1]
        seconds = self.prometheus.samples('scrape_duration_seconds{job="usage_exporter"}[1h]')[0][1]
        self.assertEqual([took for is_up, took in zip(up, seconds) if not is_up and took < 0.9], [],
                         "every scrape was read")
        self.assertGreater(sum(up), len(up) / 2)

    def test_all_formats_have_the_same_numbers(self):
        def numbers(accept, encoding):
            answer = self.exporter.get("/metrics", {"Accept": accept, "Accept-Encoding": encoding})
            text = gzip.decompress(answer.body) if encoding == "gzip" else answer.body
            return Page(text.decode()).counters()
        openmetrics = "application/openmetrics-text; version=1.0.0"
        plain = numbers("text/plain", "identity")
        self.assertGreater(len(plain), 20)
        self.assertEqual(numbers("text/plain", "gzip"), plain)
        self.assertEqual(numbers(openmetrics, "identity"), plain)
        self.assertEqual(numbers(openmetrics, "gzip"), plain)


if __name__ == "__main__":
    case.main()
