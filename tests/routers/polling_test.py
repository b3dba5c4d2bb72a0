#!/usr/bin/env python3
"""The exporter polls fake routers: the living, the dead and those that refuse the password, on
real sockets, and the list of them changes meanwhile."""

import base64
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "sim/routers")]

import case  # noqa: E402
import fakes  # noqa: E402
import postgres  # noqa: E402
import processes  # noqa: E402
from exporter import Exporter, config_for  # noqa: E402
from waiting import eventually  # noqa: E402

DEAD, REFUSING = "router2", "router3"
LIVING = ("router0", "router1")


def config(database, routers, **more):
    # A dead router fails three times before it rests: the shorter, the sooner.
    return config_for(database.dsn(), "user_sessions", routers={
        "file": str(routers.list), "refresh": "1s", "interval": "1s", "details_interval": "1s",
        **more})


class PolledRouters(case.SharedCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.make_folder()
        cls.routers = cls.share(fakes.FakeRouters(
            folder, "--routers", "4", "--subscribers", "5", "--router-protocols", "rest,api-ssl",
            "--router-faults", f"{DEAD}=dead,{REFUSING}=password"))
        cls.text = cls.routers.list.read_text()
        cls.database = cls.share(postgres.Database())
        cls.database.load(postgres.PANEL_SCHEMA)
        cls.exporter = cls.share(Exporter(folder, config(cls.database, cls.routers),
                                          "--log.level", "debug"))
        cls.exporter.start()

    def by_router(self, page, name):
        return {labels["router"]: value for labels, value in page.series(name)}

    def test_the_living_are_up_and_the_others_are_not(self):
        page = self.exporter.eventually("all have been polled", lambda page: set(
            self.by_router(page, "usage_router_up")) == {*LIVING, DEAD, REFUSING})
        page = self.exporter.eventually("the living are up", lambda page: all(
            self.by_router(page, "usage_router_up")[name] == 1 for name in LIVING))
        ups = self.by_router(page, "usage_router_up")
        self.assertEqual((ups[DEAD], ups[REFUSING]), (0, 0))
        tenants = {labels["tenant_id"] for labels, _ in page.series("usage_router_up")}
        self.assertEqual(len(tenants), 1)
        self.assertNotIn("", tenants)

    def test_what_a_router_is_and_its_interfaces_are_shown(self):
        page = self.exporter.eventually("details", lambda page: set(
            self.by_router(page, "usage_router_uptime_seconds")) == set(LIVING))
        for labels, _ in page.series("usage_router_info"):
            if labels["router"] in LIVING:
                self.assertTrue(labels["identity"] and labels["version"] and labels["board"])
        counted = {labels["router"]
                   for labels, _ in page.series("usage_router_interface_receive_bytes_total")}
        self.assertEqual(counted, set(LIVING))
        for labels, _ in page.series("usage_router_interface_up"):
            self.assertFalse(labels["interface"].startswith("<"), "a subscriber's")

    def test_who_does_not_answer_rests_and_the_others_go_on(self):
        page = self.exporter.eventually("they rest", lambda page: all(
            self.by_router(page, "usage_router_resting")[name] for name in (DEAD, REFUSING)))
        before = self.by_router(page, "usage_router_polls_total")
        page = self.exporter.eventually("the living go on", lambda page: all(
            self.by_router(page, "usage_router_polls_total")[name] >= before[name] + 5
            for name in LIVING))
        self.assertEqual(self.by_router(page, "usage_router_resting")["router0"], 0)
        self.assertEqual(self.by_router(page, "usage_router_poll_errors_total")["router0"], 0)

    def test_the_log_says_once_what_to_do(self):
        said = self.exporter.process.said()
        for name in (DEAD, REFUSING):
            lines = [line for line in said.splitlines() if f"router {name} " in line]
            self.assertEqual(len(lines), 1, said)
            self.assertIn(";", lines[0], "a remedy")

    def test_the_list_changes_and_a_fault_costs_one_router(self):
        entries = self.text.split("  - name: ")
        without_the_second = "  - name: ".join(entries[:2] + entries[3:])
        self.routers.list.write_text(without_the_second.replace("address:", "adress:", 1))
        page = self.exporter.eventually("the second is gone", lambda page: "router1" not in
                                        self.by_router(page, "usage_router_up"))
        self.assertEqual(page.get("usage_routers_bad_rows"), 1)
        self.assertEqual(page.get("usage_routers_up"), 1)
        before = self.by_router(page, "usage_router_polls_total")["router0"]
        self.exporter.eventually("the first goes on as it was", lambda page: self.by_router(
            page, "usage_router_polls_total")["router0"] > before)
        eventually("its fault is logged", lambda: "unknown key 'adress': did you mean 'address'?"
                   in self.exporter.process.said())
        self.routers.list.write_text("routers: [")
        page = self.exporter.eventually("the list is broken", lambda page: page.get(
            "usage_routers_up") == 0)
        self.assertEqual(self.by_router(page, "usage_router_up")["router0"], 1)
        self.routers.list.write_text(self.text)
        self.exporter.eventually("all are back", lambda page: page.get("usage_routers_up") == 1 and
                                 self.by_router(page, "usage_router_up").get("router1") == 1)

    def test_a_reload_takes_another_pace_and_none_at_all(self):
        self.exporter.configure(config(self.database, self.routers, interval="2s",
                                       details_interval="2s"))
        self.assertEqual(self.exporter.reload().status, 200)
        # Counters since the start of what is configured begin anew.
        self.exporter.eventually("polled at the other pace", lambda page: self.by_router(
            page, "usage_router_polls_total").get("router0", 99) in (1, 2, 3))
        self.exporter.configure(config_for(self.database.dsn(), "user_sessions"))
        self.assertEqual(self.exporter.reload().status, 200)
        self.exporter.eventually("no router, no list", lambda page: not (
            page.has("usage_router_up") or page.has("usage_routers_up")))

    def test_the_password_shows_nowhere(self):
        basic = base64.b64encode(f"usage:{self.routers.password}".encode()).decode()
        shown = self.exporter.process.said() + self.exporter.get("/metrics").text
        for secret in (self.routers.password, basic):
            self.assertNotIn(secret, shown)
        command = pathlib.Path(f"/proc/{self.exporter.process.pid}/cmdline").read_text()
        self.assertNotIn(self.routers.password, command)

    def test_check_config_looks_into_the_file(self):
        self.exporter.configure(config(self.database, self.routers))
        good = processes.run(self.exporter.command("--check-config"))
        self.assertEqual(good.returncode, 0, good.stderr)
        self.assertIn("routers.yaml: ok, 4 router(s)", good.stdout)
        self.routers.list.write_text(self.text.replace("protocol: routeros_rest", "protocol: rest"))
        bad = processes.run(self.exporter.command("--check-config"))
        self.assertEqual(bad.returncode, 1)
        self.assertIn("must be routeros_rest, routeros_api or snmp, not 'rest'", bad.stderr)


if __name__ == "__main__":
    case.main()
