#!/usr/bin/env python3
"""Who the tenants are: from a file or a table, known late, gone, and with sources that fail."""

import case
import postgres
from exporter import config_for
from panel import Panel, uid
from times import date, hours, midnight
from waiting import eventually


class TenantsOfAFile(case.Case):
    def setUp(self):
        super().setUp()
        self.database = self.new_database()
        self.panel = Panel(self.database)
        self.file = self.folder / "tenants.yaml"
        self.list("north", "south")
        self.panel.open("s1", "north", 100, 1000)
        self.panel.open("s2", "south", 200, 2000)

    def list(self, *names):
        self.file.write_text("tenants:\n" + "".join(
            f"  - {{id: {uid(name)}, name: '{name} \"hotel\"', time_zone: Africa/Nairobi, "
            f"plan: gold, quota: 500GB}}\n" for name in names) if names else "tenants: []\n")

    def start(self, **tenants):
        config = config_for(self.database.dsn(), "user_sessions",
                            tenants={"file": str(self.file), **tenants})
        exporter = self.new_exporter(config)
        exporter.start()
        return exporter

    def shown(self, page):
        return {labels["tenant_id"] for labels, _ in page.series("usage_upload_bytes_total")}

    def test_names_plans_zones_and_quotas_are_on_the_page(self):
        page = self.start().read_all()
        self.assertEqual(page.get("usage_tenant_info", tenant_id=uid("north"), plan="gold",
                                  tenant='north "hotel"', time_zone="Africa/Nairobi"), 1)
        self.assertEqual(page.get("usage_quota_bytes", tenant_id=uid("north")), 500 * 10**9)
        self.assertEqual(page.get("usage_upload_bytes_total", tenant_id=uid("north"),
                                  access="pppoe"), 100)

    def test_one_that_disappears_is_exported_for_keep_for_and_stays_in_the_ledger(self):
        exporter = self.start(keep_for="4s")
        exporter.read_all()
        self.list("north")
        exporter.eventually("the list was read", lambda _: self.database.sql(
            "SELECT count(*) FROM usage.tenant WHERE gone_since IS NOT NULL") == "1")
        self.assertEqual(self.shown(exporter.page()), {uid("north"), uid("south")})
        page = exporter.eventually("only one is shown",
                                   lambda page: self.shown(page) == {uid("north")})
        self.assertFalse(page.has("usage_tenant_info", tenant_id=uid("south")))
        self.assertFalse(page.has("usage_subscriber_today_upload_bytes", tenant_id=uid("south")))
        self.panel.report("s2", 250, 2500)  # its sessions go on
        exporter.read_all()
        eventually("the ledger has both", lambda: self.database.sql(
            "SELECT sum(upload_bytes) FROM usage.tenant_total") == "350")
        self.list("north", "south")
        page = exporter.eventually("it is shown again",
                                   lambda page: len(self.shown(page)) == 2)
        self.assertEqual(page.sum("usage_upload_bytes_total", tenant_id=uid("south")), 250)

    def test_a_file_that_breaks_leaves_the_tenants_of_before_and_is_named(self):
        exporter = self.start(keep_for="0s")
        exporter.read_all()
        self.file.write_text("tenants:\n  - {id: x, colour: blue}\n")
        page = exporter.eventually("it is said", lambda page: page.get("usage_tenants_up") == 0)
        self.assertEqual(len(self.shown(page)), 2)
        self.assertIn("tenants.yaml:2:", exporter.process.said())
        self.list("north", "south")
        exporter.eventually("it is good again", lambda page: page.get("usage_tenants_up") == 1)

    def test_a_file_without_tenants_shows_none_and_forgets_nothing(self):
        exporter = self.start(keep_for="0s")
        exporter.read_all()
        self.list()
        exporter.eventually("none is shown", lambda page: not self.shown(page))
        self.list("north", "south")
        page = exporter.eventually("all are back", lambda page: len(self.shown(page)) == 2)
        self.assertEqual(page.sum("usage_upload_bytes_total"), 300)


class UnknownTenants(case.Case):
    def setUp(self):
        super().setUp()
        self.database = self.new_database()
        self.panel = Panel(self.database)
        self.exporter = self.new_exporter(config_for(self.database.dsn(), "user_sessions"))

    def unattributed(self, page):
        return [page.get("usage_accounting_unattributed_" + what, source="user_sessions")
                for what in ("sessions", "upload_bytes", "download_bytes")]

    def test_their_bytes_are_counted_and_later_booked_on_the_days_that_they_flowed(self):
        self.exporter.start()
        # A day from noon to noon, in UTC; midnight in Kathmandu (+05:45) is at 18:15.
        noon = midnight(2) + hours(12)
        self.panel.open("s", "late", 2400, 24000, started=noon, at=noon + hours(24))
        self.exporter.read_all()
        page = self.exporter.eventually("it is unattributed", lambda page: self.unattributed(page)
                                        == [1, 2400, 24000])
        self.assertFalse(page.has("usage_upload_bytes_total"))
        self.exporter.process.kill()
        self.exporter.start()
        self.exporter.eventually("it still is, after a crash", lambda page: self.unattributed(page)
                                 == [1, 2400, 24000])
        self.panel.add_tenant("late", "Asia/Kathmandu")
        page = self.exporter.eventually("it is attributed", lambda page: self.unattributed(page)
                                        == [0, 0, 0])
        self.assertEqual(page.get("usage_upload_bytes_total", tenant_id=uid("late"),
                                  access="pppoe"), 2400)
        self.assertEqual(page.get("usage_sessions", tenant_id=uid("late"), access="pppoe"), 1)
        eventually("its days are in the ledger", lambda: self.assertEqual(
            self.database.rows("SELECT day, upload_bytes, download_bytes FROM usage.tenant_day "
                               "ORDER BY day"),
            [[date(noon), "625", "6250"], [date(noon + hours(24)), "1775", "17750"]]) is None)
        self.assertEqual(self.database.sql("SELECT count(*) FROM usage.parked"), "0")
        self.assertEqual(self.exporter.value("usage_accounting_invariant_violations"), 0)

    def test_a_row_without_a_tenant_is_unattributed_and_stops_nothing(self):
        self.panel.add_tenant("north")
        self.exporter.start()
        self.panel.open("s1", "north", 100, 1000)
        self.panel.open("s2", None, 50, 500)
        self.exporter.read_all()
        page = self.exporter.eventually("it is unattributed", lambda page: self.unattributed(page)
                                        == [1, 50, 500])
        self.assertEqual(page.sum("usage_upload_bytes_total"), 100)


class TwoSources(case.Case):
    def test_one_with_a_wrong_dsn_says_so_and_the_other_is_exact(self):
        database = self.new_database()
        panel = Panel(database)
        panel.add_tenant("north")
        config = config_for(database.dsn(), "user_sessions",
                            {"type": "radacct", "interval": "1s",
                             "database": {"dsn": "host=127.0.0.1 port=1 dbname=nowhere user=x"}})
        exporter = self.new_exporter(config)
        exporter.launch()
        panel.open("s", "north", 100, 1000)
        page = exporter.read_all("user_sessions")
        self.assertEqual(page.sum("usage_upload_bytes_total"), 100)
        self.assertEqual(page.get("usage_source_up", source="user_sessions"), 1)
        page = exporter.eventually("it fails again and again", lambda page: page.get(
            "usage_source_errors_total", source="radacct") >= 2)
        self.assertEqual(page.get("usage_source_up", source="radacct"), 0)
        self.assertFalse(page.has("usage_source_last_success_timestamp_seconds", source="radacct"))
        self.assertEqual(page.get("usage_source_missed_cycles_total", source="user_sessions"), 0)
        self.assertEqual(exporter.get("/-/ready").status, 503)
        self.assertIn("source radacct at 127.0.0.1:1/nowhere as x", exporter.process.said())
        exporter.configure(config_for(database.dsn(), "user_sessions", "radacct"))
        database.load(postgres.FREERADIUS_SCHEMA)
        self.assertEqual(exporter.reload().status, 200)
        exporter.read_all("user_sessions", "radacct")
        eventually("it is ready", lambda: exporter.get("/-/ready").status == 200)


if __name__ == "__main__":
    case.main()
