#!/usr/bin/env python3
"""What goes wrong in today's systems, with real packets through a real FreeRADIUS.

Each row of that table in docs has its test here: what the others do would fail it. The same claims
on the ledger alone, with a clock that the test moves, are in tests/ledger.
"""

import case
import postgres
from nas import Nas
from times import date, hours, midnight, month, now, seconds
from traffic import FreeRadius
from exporter import config_for
from waiting import eventually

TENANTS = """tenants:
  - {id: north, name: North}
  - {id: south, name: South}
"""


class RadiusCase(case.Case):
    def setUp(self):
        super().setUp()
        self.database = self.new_database(postgres.FREERADIUS_SCHEMA)
        self.nas = Nas(self.use(FreeRadius(self.folder, self.database.dsn())))
        (self.folder / "tenants.yaml").write_text(TENANTS)
        config = config_for(self.database.dsn(), "radacct",
                            tenants={"file": str(self.folder / "tenants.yaml")})
        self.exporter = self.new_exporter(config)

    def begin(self, ledger_age_days=0):
        """Starts the exporter; with an age, on a ledger that is that old."""
        self.exporter.start()
        if ledger_age_days:
            self.exporter.process.stop()
            self.database.sql("UPDATE usage.state SET born_at = born_at - interval "
                              f"'{ledger_age_days} days'")
            self.exporter.start()

    def assert_page(self, upload, download, family="usage_{}_bytes_total", tenant="north"):
        """Of all that is stored now; returns the page."""
        page = self.exporter.read_all()
        found = [page.get(family.format(way), tenant_id=tenant, access="pppoe")
                 for way in ("upload", "download")]
        self.assertEqual(found, [upload, download], family)
        return page

    def assert_table(self, expected, table="tenant_day", column="day", tenant="north"):
        """`expected`: {moment: (upload, download)}, and nothing else."""
        wanted = [[date(day), str(up), str(down)] for day, (up, down) in sorted(expected.items())]
        eventually(f"usage.{table} is right", lambda: self.assertEqual(
            self.database.rows(f"SELECT {column}, upload_bytes, download_bytes FROM usage.{table} "
                               f"WHERE tenant_id = '{tenant}' ORDER BY 1"), wanted) is None, 20)

    def case_count(self, page, name):
        return page.get("usage_accounting_cases_total", source="radacct", case=name)

    def tearDown(self):
        if self.exporter.process.is_running():
            self.assertEqual(self.exporter.value("usage_accounting_invariant_violations"), 0)


class ThePanelThatThisReplaces(RadiusCase):
    def test_this_month_has_the_bytes_of_a_session_that_began_before_it(self):
        self.begin()
        self.nas.start("s", "ann@north", month() - hours(10))
        self.nas.interim("s", "ann@north", month(), 1000, 10000)
        self.assert_page(1000, 10000)
        self.nas.interim("s", "ann@north", now(), 1500, 15000)
        self.assert_page(500, 5000, "usage_month_{}_bytes")
        self.assert_page(1500, 15000)

    def test_this_month_keeps_the_bytes_of_a_session_that_ended(self):
        self.begin()
        self.nas.start("s", "ann@north", month())
        self.nas.stop("s", "ann@north", now(), 700, 7000)
        page = self.assert_page(700, 7000, "usage_month_{}_bytes")
        self.assertEqual(page.get("usage_sessions", tenant_id="north", access="pppoe"), 0)


class PanelsThatBookWholeSessions(RadiusCase):
    def test_each_day_has_what_flowed_on_it(self):
        self.begin()
        self.nas.start("s", "ann@north", midnight(3) + hours(12))
        self.nas.interim("s", "ann@north", midnight(2) + hours(12), 2400, 24000)
        self.exporter.read_all()
        self.nas.interim("s", "ann@north", midnight(1) + hours(12), 3600, 36000)
        self.exporter.read_all()
        self.nas.stop("s", "ann@north", midnight(1) + hours(18), 4200, 42000)
        self.assert_page(4200, 42000)
        self.assert_table({midnight(3): (1200, 12000), midnight(2): (1800, 18000),
                           midnight(1): (1200, 12000)})


class OneBillingPanel(RadiusCase):
    def test_an_interim_adds_only_what_is_new_however_often_it_is_sent_and_read(self):
        self.begin()
        begin = midnight()
        self.nas.start("s", "ann@north", begin)
        for upload in (100, 100, 200, 200, 300):
            self.nas.interim("s", "ann@north", now(), upload, 10 * upload)
            self.assert_page(upload, 10 * upload)
        self.exporter.process.kill()
        self.exporter.start()
        page = self.assert_page(300, 3000)
        self.assertEqual(page.get("usage_sessions_started_total", tenant_id="north",
                                  access="pppoe"), 1)


class FrNewDataUsagePeriod(RadiusCase):
    def test_a_stop_within_a_second_after_the_periods_end_loses_nothing(self):
        self.begin()
        self.nas.start("s", "ann@north", month() - hours(10))
        self.nas.interim("s", "ann@north", month() - seconds(600), 1000, 10000)
        self.exporter.read_all()
        self.nas.stop("s", "ann@north", month() + seconds(1), 1601, 16010)
        self.assert_page(1601, 16010)
        self.assert_table({month(1): (1600, 16000), month(): (1, 10)}, "tenant_month", "period")

    def test_a_null_username_aborts_nothing(self):
        self.begin()
        for session, user in (("s1", "ann@north"), ("s2", "ben@north")):
            self.nas.start(session, user, midnight())
            self.nas.interim(session, user, now(), 100, 1000)
        self.database.sql("UPDATE radacct SET username = NULL WHERE acctsessionid = 's1'")
        self.assert_page(200, 2000)
        self.nas.interim("s1", "ann@north", now(), 150, 1500)
        self.nas.stop("s2", "ben@north", now(), 150, 1500)
        page = self.assert_page(300, 3000)
        self.assertEqual(page.get("usage_source_up", source="radacct"), 1)

    def test_a_reset_session_counts_from_its_new_start_also_in_the_next_period(self):
        self.begin()
        self.nas.start("s", "ann@north", month() - hours(10))
        self.nas.interim("s", "ann@north", month() - hours(1), 5000, 50000)
        self.assert_page(5000, 50000)
        self.nas.interim("s", "ann@north", month(), 300, 3000)
        page = self.assert_page(5300, 53000)
        self.assertEqual(self.case_count(page, "reset"), 1)
        self.nas.interim("s", "ann@north", now(), 400, 4000)
        self.assert_page(100, 1000, "usage_month_{}_bytes")
        self.assert_table({month(1): (5300, 53000), month(): (100, 1000)}, "tenant_month", "period")

    def test_a_deleted_open_session_keeps_its_bytes_and_harms_no_other(self):
        self.begin()
        self.nas.start("s", "ann@north", month() - hours(10))
        self.nas.interim("s", "ann@north", month(), 5000, 50000)
        self.assert_page(5000, 50000)
        self.database.sql("DELETE FROM radacct")
        page = self.exporter.eventually("it is not open any more", lambda page: page.get(
            "usage_sessions", tenant_id="north", access="pppoe") == 0)
        self.assertEqual(self.case_count(page, "vanished"), 1)
        self.nas.start("t", "ann@north", month())
        self.nas.interim("t", "ann@north", now(), 70, 700)
        self.assert_page(5070, 50700)
        self.assert_page(70, 700, "usage_month_{}_bytes")


class APanelOfSlots(RadiusCase):
    def test_a_late_stop_is_booked_where_it_flowed_and_leaves_a_line_for_each_closed_day(self):
        self.begin(ledger_age_days=10)
        self.nas.start("s", "ann@north", midnight(3) + hours(12))
        self.nas.interim("s", "ann@north", midnight(3) + hours(18), 600, 6000)
        self.exporter.read_all()
        self.assert_table({midnight(3): (600, 6000)})
        before = int(self.database.sql("SELECT coalesce(max(audit_id), 0) FROM usage.audit"))
        self.nas.stop("s", "ann@north", midnight(2) + hours(6), 1800, 18000)
        page = self.assert_page(1800, 18000)
        self.assert_table({midnight(3): (1200, 12000), midnight(2): (600, 6000)})
        self.assertEqual(
            self.database.rows("SELECT tenant_id, access, subscriber, day, upload_bytes, "
                               f"download_bytes FROM usage.audit WHERE audit_id > {before} "
                               "ORDER BY day"),
            [["north", "pppoe", "ann@north", date(midnight(3)), "600", "6000"],
             ["north", "pppoe", "ann@north", date(midnight(2)), "600", "6000"]])
        self.assertEqual(page.get("usage_accounting_restatements_total"), 3)
        self.assertEqual(page.get("usage_accounting_late_upload_bytes_total", tenant_id="north",
                                  access="pppoe"), 1800)
        self.assert_page(0, 0, "usage_today_{}_bytes")


class PrometheusIncrease(RadiusCase):
    def test_what_flowed_before_the_first_scrape_is_in_today(self):
        self.nas.start("s", "ann@north", midnight())
        self.nas.interim("s", "ann@north", now(), 900, 9000)
        self.begin()
        self.assertEqual(self.exporter.value("usage_today_download_bytes", tenant_id="north",
                                             access="pppoe"), 9000)
        self.assert_page(900, 9000, "usage_today_{}_bytes")


class WhatRadiusDoes(RadiusCase):
    def test_input_is_from_the_subscriber_beyond_4_gib_too(self):
        self.begin()
        self.nas.start("s", "ann@north", month())
        self.nas.interim("s", "ann@north", now(), 5 << 30, 70 << 30)
        self.assert_page(5 << 30, 70 << 30)

    def test_a_nas_that_reboots_ends_its_sessions_and_an_id_comes_again(self):
        self.begin()
        for session, user in (("s1", "ann@north"), ("s2", "eve@south")):
            self.nas.start(session, user, now() - hours(1))
            self.nas.interim(session, user, now() - seconds(600), 100, 1000)
        self.exporter.read_all()
        self.nas.reboot(now() - seconds(300))
        page = self.assert_page(100, 1000)
        self.assertEqual(page.sum("usage_sessions"), 0)
        self.assertEqual(page.sum("usage_sessions_ended_total"), 2)
        self.nas.start("s1", "ann@north", now() - seconds(60))
        self.exporter.read_all()
        self.nas.stop("s1", "ann@north", now(), 30, 300)
        page = self.assert_page(130, 1300)
        self.assertEqual(page.sum("usage_sessions_started_total"), 3)

    def test_rows_that_are_purged_reduce_no_total(self):
        self.begin()
        self.nas.start("s", "ann@north", midnight())
        self.nas.stop("s", "ann@north", now(), 100, 1000)
        self.assert_page(100, 1000)
        self.database.sql("DELETE FROM radacct")
        self.assert_page(100, 1000)
        self.exporter.process.stop()
        self.exporter.start()
        self.assert_page(100, 1000)


if __name__ == "__main__":
    case.main()
