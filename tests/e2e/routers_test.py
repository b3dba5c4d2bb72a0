#!/usr/bin/env python3
"""Routers beside accounting: fresh within seconds while a session is open, exact when it is over,
and the difference of the two to the byte, over all faults of routers at once.

The simulator's sessions are on its fake routers and in FreeRADIUS and the panel's table. Those of
one tenant go through one router, so what a tenant's router did wrong is seen in no other's numbers.
"""

import pathlib
import threading
import time

import case
import postgres
from exporter import Exporter, config_for
from page import Page
from prometheus import Prometheus
from traffic import FreeRadius, Simulator
from waiting import eventually

# By router; the first four, one of each protocol, have none. Those that come at a time do so while
# sessions are open.
FAULTS = ("router4=slow:0.05,router5=stall:0.03,router5=drop:0.05,router6=trap:0.05,"
          "router6=fatal:0.05,router7=truncated:0.05,router7=reserved:0.05,router8=password:0.1,"
          "router8=latin1,router9=huge,router9=empty,router10=reset:120s,router11=clock,"
          "router12=certificate:120s,router13=dead,router14=absent,router15=reboot:115s,"
          "router17=empty,router17=old_login")
SILENT = ("router13", "router14")
TENANTS = 18
HEALTHY = ("router0", "router1", "router2", "router3")
# Sessions begin in the first minute, which passes in no time, and all are over a minute from now.
FLAGS = ("--since", "-90s", "--speed", "100", "--closing", "150s", "--idle-tail", "15s",
         "--tenants", str(TENANTS), "--subscribers", "240", "--sessions", "200", "--interim", "60s",
         "--faults", "none", "--routers", str(TENANTS),
         "--router-protocols", "rest,api-ssl,api,snmp",
         "--router-drift", "2.8", "--router-faults", FAULTS)
WAYS = ("upload", "download")


class Tally:
    """A line of the simulator's truth about routers; bytes as (upload, download)."""

    def __init__(self, line):
        (self.router, self.tenant, self.access, self.state, self.sessions,
         *volumes) = line.split("\t")
        self.sessions = int(self.sessions)
        numbers = [int(volume) for volume in volumes]
        self.flowed, self.counted = tuple(numbers[:2]), tuple(numbers[2:])


class RouterTruth:
    """What flowed at each router, and what the router counted of it."""

    def __init__(self, path):
        first, *rest = path.read_text().splitlines()
        self.at = int(first.split("\t")[1])
        self.tallies = [Tally(line) for line in rest]

    def keys(self, routers):
        return {(t.router, t.tenant, t.access) for t in self.tallies if t.router in routers}

    def of(self, key, *states):
        return [t for t in self.tallies if (t.router, t.tenant, t.access) == key
                and (not states or t.state in states)]

    def flowed(self, key, way):
        return sum(t.flowed[WAYS.index(way)] for t in self.of(key))

    def drift(self, key, way):
        """Of the sessions of which accounting heard the end."""
        i = WAYS.index(way)
        return sum(t.counted[i] - t.flowed[i] for t in self.of(key, "stop"))


class Watch(threading.Thread):
    """Scrapes on and on, and notes every counter that fell and every router that was up."""

    # A router's own counters begin anew with the router.
    NOT_OURS = "usage_router_interface_"

    def __init__(self, exporter):
        super().__init__(daemon=True)
        self.exporter = exporter
        self.falls, self.pages, self.up = [], 0, set()
        self._end = threading.Event()
        self.start()

    def run(self):
        last = {}
        while not self._end.wait(0.3):
            try:
                page = self.exporter.page()
            except OSError:
                continue
            now = {key: value for key, value in page.values.items()
                   if key[0].endswith("_total") and not key[0].startswith(self.NOT_OURS)}
            self.falls += [(key, last[key], value) for key, value in now.items()
                           if value < last.get(key, value)]
            self.up |= {labels["router"] for labels, value in page.series("usage_router_up")
                        if value}
            self.pages += 1
            last = now

    def close(self):
        self._end.set()
        self.join()


class LiveNumbers:
    """Accounting's word and what routers carry beyond it, at one moment."""

    def __init__(self, page, tenant, access, way):
        labels = {"tenant_id": tenant, "access": access}
        self.booked = page.get(f"usage_{way}_bytes_total", **labels)
        self.carried = page.get(f"usage_carry_{way}_bytes", **labels)

    @property
    def all(self):
        return self.booked + self.carried


class RoutersBesideAccounting(case.SharedCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.make_folder()
        cls.folder = pathlib.Path(folder)
        cls.database = cls.share(postgres.Database())
        cls.database.load(postgres.PANEL_WITH_ZONES)
        cls.database.load(postgres.FREERADIUS_SCHEMA)
        routers = cls.folder / "routers.yaml"
        routers.write_text("routers: []\n")
        cls.exporter = cls.share(Exporter(folder, config_for(
            cls.database.dsn(), {"type": "user_sessions", "timeout": "30s"},
            {"type": "radacct", "timeout": "30s"},
            routers={"file": str(routers), "refresh": "1s", "details_interval": "4s"})))
        cls.exporter.start()
        cls.prometheus = cls.share(Prometheus(folder, cls.exporter.port))
        cls.watch = cls.share(Watch(cls.exporter))
        radius = cls.share(FreeRadius(folder, cls.database.dsn()))
        cls.simulator = cls.share(Simulator(
            folder, cls.database, radius, *FLAGS, "--routers-file", str(routers),
            "--routers-dir", str(cls.folder / "fakes")))
        cls.simulator.start()
        cls.simulator.reach_now()

    def truth(self):
        return RouterTruth(self.folder / "fakes/truth")

    def truth_after(self, moment):
        def ask():
            truth = self.truth()
            return truth if truth.at > moment else None
        return eventually("the simulator writes its truth every second", ask)

    def is_fresh(self, page, truth, key):
        """Nothing is missing that flowed more than five seconds ago, and nothing is invented."""
        _, tenant, access = key
        for way in WAYS:
            live = LiveNumbers(page, tenant, access, way)
            self.assertGreaterEqual(live.all, truth.flowed(key, way), (key, way))
        return True

    def test_live_numbers_are_within_five_seconds_of_the_truth(self):
        def ask():
            truth = self.truth()
            time.sleep(5)
            page = self.exporter.page()
            keys = truth.keys(HEALTHY)
            self.assertGreaterEqual(len(keys), 5)
            return all(self.is_fresh(page, truth, key) for key in keys)
        eventually("what flowed until five seconds ago is shown", ask)

    def test_the_carry_is_what_accounting_has_not_said_yet_and_no_more(self):
        page = self.exporter.page()
        # A reading's moment and its numbers' are not quite the same: five seconds, here too.
        truth = self.truth_after(time.time() + 5)
        carried = 0
        for key in truth.keys(HEALTHY):
            for way in WAYS:
                live = LiveNumbers(page, *key[1:], way)
                flowed = truth.flowed(key, way)
                self.assertLessEqual(live.booked, flowed, (key, way))
                headers = flowed * 28 // 1000 if key[2] == "pppoe" else 0
                self.assertLessEqual(live.all, flowed + headers, (key, way))
                carried += live.carried
        self.assertGreater(carried, 0)

    def test_rates_of_now_are_shown_by_tenant_and_by_subscriber(self):
        page = self.exporter.page()
        tenants = {labels["tenant_id"] for labels, rate in
                   page.series("usage_live_download_bytes_per_second") if rate > 0}
        self.assertGreater(len(tenants), TENANTS / 2)
        self.assertTrue(any(rate > 0 for labels, rate in page.series(
            "usage_subscriber_live_download_bytes_per_second") if labels["subscriber"] != "other"))

    def test_every_router_that_answers_is_read_while_others_fail(self):
        answering = {f"router{i}" for i in range(TENANTS)} - set(SILENT)
        def all_were_up():
            self.assertEqual(self.watch.up, answering)
            return True
        eventually("each of them was up", all_were_up)
        errors = self.exporter.page().sum
        self.assertEqual([router for router in HEALTHY if errors(
            "usage_router_poll_errors_total", router=router)], [])

    def test_all_sessions_end_at_the_routers_and_in_accounting(self):
        eventually("all sessions are over", lambda: not any(
            tally.state == "open" and tally.sessions for tally in self.truth().tallies), 180)
        self.exporter.eventually("no session is open", lambda page:
                                 page.sum("usage_sessions") == 0, 120)

    def test_totals_are_accountings_to_the_byte(self):
        (self.folder / "truth.hold").touch()
        self.addCleanup((self.folder / "truth.hold").unlink)
        self.simulator.verify(self.exporter)

    def test_drift_is_the_injected_one_to_the_byte(self):
        truth = self.truth()
        keys = truth.keys(HEALTHY)
        self.assertGreater(sum(truth.drift(key, "download") for key in keys), 0)
        def differences(page):
            found = {}
            for key in keys:
                router, tenant, access = key
                for way in WAYS:
                    shown = page.sum("usage_accounting_drift_bytes", tenant_id=tenant,
                                     access=access, router=router, direction=way, span="closed")
                    found[key, way] = shown - truth.drift(key, way)
            return {key: off for key, off in found.items() if off}
        eventually("drift is what the routers counted more",
                   lambda: self.assertEqual(differences(self.exporter.page()), {}) is None)

    def test_drift_by_headers_is_named_so(self):
        page = self.exporter.page()
        headers = page.sum("usage_accounting_drift_bytes", span="closed", cause="headers",
                           router="router0", access="pppoe")
        all_causes = page.sum("usage_accounting_drift_bytes", span="closed", router="router0",
                              access="pppoe")
        self.assertEqual(headers, all_causes)

    def test_nothing_is_carried_any_more(self):
        self.exporter.eventually("the carry is over", lambda page:
                                 page.sum("usage_carry_sessions") == 0)

    def test_a_router_with_another_certificate_is_not_believed(self):
        self.exporter.eventually("router12 is down", lambda page: not page.sum(
            "usage_router_up", router="router12"))

    def test_what_a_router_lied_is_counted(self):
        page = self.exporter.page()
        self.assertGreater(page.sum("usage_router_lies_total", router="router10",
                                    case="counter_fell"), 0)
        for router in HEALTHY:
            self.assertEqual(page.sum("usage_router_lies_total", router=router), 0)

    def test_no_counter_ever_fell(self):
        self.watch.close()
        self.assertGreater(self.watch.pages, 20)
        self.assertEqual(self.watch.falls, [])
        for family in ("usage_live_upload_bytes_total", "usage_live_download_bytes_total",
                       "usage_upload_bytes_total", "usage_download_bytes_total"):
            resets = self.prometheus.ask(f"max(resets({family}[1h]))")
            self.assertEqual(resets[0][1], 0, family)

    def test_the_books_are_right(self):
        page = self.exporter.page()
        self.assertEqual(page.get("usage_accounting_invariant_violations"), 0)
        self.assertEqual(page.sum("usage_source_errors_total"), 0)
        self.assertEqual(page.get("usage_exporter_ledger_errors_total"), 0)


if __name__ == "__main__":
    case.main()
