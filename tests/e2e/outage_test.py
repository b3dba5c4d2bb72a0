#!/usr/bin/env python3
"""Databases that go away, come back, cut the line or stand still."""

import os
import signal
import time

import case
import postgres
from traffic import World
from waiting import eventually

SOURCES = ("user_sessions", "radacct")


class DatabaseTroubleCostsFreshnessAndNoByte(case.SharedCase):
    """One world; each method is a trouble of it, and the last one compares with the truth."""

    @classmethod
    def setUpClass(cls):
        folder = cls.make_folder()
        cls.cluster = cls.share(postgres.Cluster())
        # Slow enough that some tenant's midnight may fall into a trouble, at whatever hour this runs.
        cls.world = cls.share(World(folder, "-150m", 60, "none,late_stop=0.05",
                                    server=cls.cluster))
        cls.exporter = cls.world.exporter
        cls.database = cls.world.database
        cls.world.simulator.start()
        cls.exporter.eventually("bytes flow", lambda page: page.sum("usage_upload_bytes_total"))

    def setUp(self):
        self.addCleanup(self.heal)
        self.exporter.eventually("all is up", self.all_up, 150)

    def heal(self):
        """So that a claim that fails does not spoil the next one."""
        if not self.cluster.process.is_running():
            self.cluster.start()

    def up(self, page):
        return ([page.get("usage_source_up", source=name) for name in SOURCES] +
                [page.get("usage_exporter_ledger_up")])

    def all_up(self, page):
        return self.up(page) == [1, 1, 1]

    def last_success(self, page, source):
        return page.get("usage_source_last_success_timestamp_seconds", source=source)

    def test_a_killed_server_leaves_the_last_numbers_and_says_that_they_age(self):
        self.cluster.kill()
        down = self.exporter.eventually("sources and ledger are down",
                                        lambda page: self.up(page) == [0, 0, 0])
        lines = len(self.exporter.process.said().splitlines())
        began = time.time()
        later = self.exporter.eventually(
            "a page that is 6 s younger", lambda page: page.get(
                "usage_exporter_snapshot_timestamp_seconds") > began + 6)
        self.assertEqual(later.counters(), down.counters())
        self.assertGreater(len(later.counters()), 10)
        for source in SOURCES:
            self.assertEqual(self.last_success(later, source), self.last_success(down, source))
            self.assertLess(self.last_success(later, source), began)
        self.assertEqual(self.exporter.get("/-/healthy").status, 200)
        said = self.exporter.process.said().splitlines()[lines:]
        self.assertLess(len(said), 10, "the same fault is logged again and again")
        self.cluster.start()
        self.exporter.eventually("all is up again", self.all_up, 150)
        self.assertIn("ledger: works again", self.exporter.process.said())

    def test_cut_connections_are_made_again(self):
        for _ in range(6):
            self.database.cut_connections()
            time.sleep(0.7)
        self.exporter.eventually("all is up again", self.all_up, 150)

    def test_a_frozen_reading_times_out_and_the_other_source_goes_on(self):
        before = self.exporter.page()
        [backend] = self.database.backends("usage_exporter/radacct")
        os.kill(backend, signal.SIGSTOP)
        self.addCleanup(os.kill, backend, signal.SIGCONT)
        page = self.exporter.eventually(
            "the reading fails", lambda page: page.get("usage_source_errors_total", source="radacct")
            > before.get("usage_source_errors_total", source="radacct"))
        self.assertIn("no answer in time", self.exporter.process.said())
        self.assertEqual(page.get("usage_source_errors_total", source="user_sessions"),
                         before.get("usage_source_errors_total", source="user_sessions"))
        after = self.exporter.read_all("user_sessions")
        self.assertEqual(after.get("usage_source_up", source="user_sessions"), 1)
        # It does not wait for the frozen one: it takes a new connection.
        self.exporter.read_all("radacct")

    def test_a_frozen_server_is_told_from_a_fresh_one(self):
        self.cluster.freeze()
        self.addCleanup(self.cluster.thaw)
        page = self.exporter.eventually("the sources are down",
                                        lambda page: self.up(page)[:2] == [0, 0])
        younger = page.get("usage_exporter_snapshot_timestamp_seconds") + 2
        self.exporter.eventually("pages go on being made", lambda page: page.get(
            "usage_exporter_snapshot_timestamp_seconds") > younger)
        self.cluster.thaw()
        self.exporter.eventually("all is up again", self.all_up, 150)

    def test_a_frozen_ledger_does_not_freeze_the_page(self):
        for backend in self.database.backends("usage_exporter/ledger"):
            os.kill(backend, signal.SIGSTOP)
            self.addCleanup(os.kill, backend, signal.SIGCONT)
        page = self.exporter.page()
        # Twice: the page that was under way does not count.
        for _ in range(2):
            younger = page.get("usage_exporter_snapshot_timestamp_seconds")
            page = self.exporter.eventually("pages go on being made", lambda page: page.get(
                "usage_exporter_snapshot_timestamp_seconds") > younger, 40)

    def test_nothing_was_lost_or_counted_twice(self):
        self.world.finish()
        self.assertEqual(self.exporter.value("usage_accounting_invariant_violations"), 0)


if __name__ == "__main__":
    case.main()
