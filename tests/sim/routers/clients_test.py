#!/usr/bin/env python3
"""Clients of other people talk to the fake routers and understand them: librouteros the binary API,
Python's own HTTP client REST. So fake and reader share no misunderstanding of ours."""

import ssl
import urllib.error
from http.client import HTTPException

import fakes
import case
from waiting import eventually

TABLES = {
    "/interface": {".id", "name", "type", "running", "disabled", "rx-byte", "tx-byte"},
    "/ppp/active": {".id", "name", "service", "caller-id", "address", "uptime", "session-id"},
    "/ip/hotspot/active": {".id", "user", "address", "mac-address", "uptime", "bytes-in",
                           "bytes-out"},
    "/ip/hotspot/host": {".id", "mac-address", "address", "bytes-in", "bytes-out"},
    "/queue/simple": {".id", "name", "target", "bytes"},
    "/system/resource": {"uptime", "version", "cpu-load", "free-memory", "total-memory",
                         "board-name", "architecture-name"},
    "/system/identity": {"name"},
    "/system/clock": {"date", "time"},
}
# 80 of 100 subscribers have PPPoE: router 4 is the one with hotspots.
FLAGS = ("--routers", "5", "--subscribers", "20", "--router-protocols", "api,api-ssl,api,rest,rest")


class FakesCase(case.SharedCase):
    @classmethod
    def start(cls, faults, *flags):
        cls.ros = fakes.load_librouteros()
        cls.routers = cls.share(fakes.FakeRouters(cls.make_folder(), *(flags or FLAGS),
                                                  "--router-faults", faults))

    def connect(self, router, method="plain", password=None, **options):
        host, port = self.routers.addresses[router]
        api = self.ros.connect(
            host=host, port=port, username="usage", password=password or self.routers.password,
            login_method=getattr(self.ros.login, method), timeout=options.pop("timeout", 60),
            **options)
        self.addCleanup(api.close)
        return api

    def connect_by_tls(self, router, **options):
        context = self.routers.tls()
        return self.connect(router, ssl_wrapper=lambda plain: context.wrap_socket(
            plain, server_hostname="127.0.0.1"), **options)


class HealthyRouters(FakesCase):
    @classmethod
    def setUpClass(cls):
        cls.start("router1=empty,router2=old_login")

    def test_each_table_is_read_by_the_binary_api(self):
        api = self.connect("router0")
        for path, columns in TABLES.items():
            rows = list(api.path(path))
            if path.startswith("/ip/hotspot"):
                self.assertEqual(rows, [], path)
            else:
                self.assertGreaterEqual(rows[0].keys(), columns, path)
        lines = [row for row in api.path("/interface") if row["type"] == "pppoe-in"]
        self.assertEqual(len(lines), 20)
        self.assertNotIn("bytes", set().union(*api.path("/ppp/active")))

    def test_each_table_is_read_by_rest(self):
        for path, columns in TABLES.items():
            status, rows = self.routers.get("router4", "/rest" + path)
            self.assertEqual(status, 200, path)
            if path.startswith("/ppp"):
                self.assertEqual(rows, [])
                continue
            first = rows if isinstance(rows, dict) else rows[0]
            self.assertGreaterEqual(first.keys(), columns, path)
            self.assertEqual({type(value) for value in first.values()}, {str}, path)

    def test_a_proplist_and_a_query_choose(self):
        api = self.connect_by_tls("router1")
        name, kind = self.ros.query.Key("name"), self.ros.query.Key("type")
        chosen = list(api.path("/interface").select(name).where(kind == "ether"))
        self.assertEqual(chosen, [{"name": "ether1"}, {"name": "ether2"}])
        either = api.path("/interface").select(name).where(kind == "pppoe-in", kind == "ether")
        self.assertEqual(list(either), [])
        _, asked = self.routers.get("router3", "/rest/interface?type=ether&.proplist=name")
        _, posted = self.routers.get("router3", "/rest/interface/print", "POST",
                                     {".proplist": ["name"], ".query": ["type=ether"]})
        self.assertEqual(asked, chosen)
        self.assertEqual(posted, chosen)

    def test_both_logins_work_and_a_wrong_password_with_neither(self):
        for router, method in (("router0", "plain"), ("router2", "token")):
            identity = list(self.connect(router, method).path("/system/identity"))
            self.assertTrue(identity[0]["name"].endswith(router))
            with self.assertRaises(self.ros.exceptions.TrapError):
                self.connect(router, method, password="a guess")
        status, refusal = self.routers.get("router3", "/rest/interface", password="a guess")
        self.assertEqual((status, refusal), (401, {"error": 401, "message": "Unauthorized"}))

    def test_an_empty_table_is_empty_whether_or_not_it_says_so(self):
        for api in (self.connect("router0"), self.connect_by_tls("router1")):
            self.assertEqual(list(api.path("/ip/hotspot/active")), [])
        replies = [word for word, _ in self.replies(api, ("/ip/hotspot/active/print", ".tag=e"), 2)]
        self.assertEqual(replies, ["!empty", "!done"])

    def test_an_unknown_table_is_a_trap_and_the_connection_goes_on(self):
        api = self.connect("router0")
        with self.assertRaises(self.ros.exceptions.TrapError):
            list(api.path("/no/such/table"))
        self.assertEqual(len(list(api.path("/system/identity"))), 1)
        status, refusal = self.routers.get("router3", "/rest/no/such")
        self.assertEqual((status, refusal["error"]), (400, 400))

    @staticmethod
    def replies(api, sentence, count):
        api.protocol.writeSentence(*sentence)
        return [api.protocol.readSentence() for _ in range(count)]

    def test_commands_run_side_by_side_and_one_is_cancelled_by_its_tag(self):
        api = self.connect("router0")
        self.assertEqual(self.replies(api, ("/interface/listen", ".tag=1"), 0), [])
        rows = self.replies(api, ("/ppp/active/print", "=.proplist=name", ".tag=2"), 21)
        self.assertTrue(all(".tag=2" in words for _, words in rows), rows)
        cancelled = self.replies(api, ("/cancel", "=tag=1", ".tag=3"), 3)
        self.assertEqual([(word, set(words)) for word, words in cancelled], [
            ("!trap", {"=category=2", "=message=interrupted", ".tag=1"}),
            ("!done", {".tag=1"}), ("!done", {".tag=3"})])

    def test_counters_grow_as_time_goes_and_agree_with_the_truth_file(self):
        api = self.connect("router0")
        def counted():
            return sum(row["rx-byte"] for row in api.path("/interface")
                       if row["type"] == "pppoe-in")
        def truth():
            lines = (self.routers.folder / "truth").read_text().splitlines()
            fields = next(line.split("\t") for line in lines if line.startswith("router0\t"))
            return int(fields[7])
        before = counted()
        eventually("bytes flow", lambda: counted() > before)
        def agrees():
            low, here, high = truth(), counted(), None
            eventually("the truth is written again", lambda: truth() > low)
            high = truth()
            return low <= here <= high
        eventually("the truth file says the same", agrees)


class FaultyRouters(FakesCase):
    KINDS = ("stall", "drop", "trap", "fatal", "truncated", "reserved", "password", "latin1",
             "huge", "certificate:1s", "dead", "absent", "reboot:1s")

    @classmethod
    def setUpClass(cls):
        faults = [f"router{2 * i + side}={kind}"
                  for i, kind in enumerate(cls.KINDS) for side in (0, 1)]
        cls.start(",".join(faults), "--routers", str(2 * len(cls.KINDS)), "--subscribers", "10",
                  "--router-protocols", "api-ssl,rest")

    def api(self, kind):
        return f"router{2 * self.KINDS.index(kind)}"

    def rest(self, kind):
        return f"router{2 * self.KINDS.index(kind) + 1}"

    def read(self, kind, **options):
        return list(self.connect_by_tls(self.api(kind), **options).path("/interface"))

    def test_what_ends_in_the_middle_is_an_error_of_the_client(self):
        for kind in ("drop", "truncated", "reserved"):
            with self.assertRaises((OSError, self.ros.exceptions.LibRouterosError), msg=kind):
                self.read(kind)
            with self.assertRaises((OSError, ValueError, HTTPException), msg=kind):
                self.routers.get(self.rest(kind), "/rest/interface")

    def test_a_trap_and_a_fatal_are_told_as_such(self):
        self.assertRaises(self.ros.exceptions.TrapError, self.read, "trap")
        self.assertRaises(self.ros.exceptions.FatalError, self.read, "fatal")
        self.assertEqual(self.routers.get(self.rest("trap"), "/rest/interface")[0], 400)
        self.assertEqual(self.routers.get(self.rest("fatal"), "/rest/interface")[0], 500)

    def test_a_refused_password_is_refused(self):
        self.assertRaises(self.ros.exceptions.TrapError, self.read, "password")
        self.assertEqual(self.routers.get(self.rest("password"), "/rest/interface")[0], 401)

    def test_who_stalls_or_is_dead_answers_nothing_and_nobody_is_absent(self):
        for kind in ("stall", "dead"):
            with self.assertRaises(OSError, msg=kind):
                self.read(kind, timeout=0.5)
        with self.assertRaises(ConnectionRefusedError):
            self.read("absent")

    def test_names_may_be_latin_1(self):
        rows = self.read("latin1", encoding="latin-1")
        self.assertIn("Küche", [row["name"] for row in rows])
        with self.assertRaises(UnicodeDecodeError):
            self.routers.get(self.rest("latin1"), "/rest/interface")

    def test_a_huge_table_has_its_twenty_thousand_rows(self):
        self.assertGreater(len(self.read("huge")), 20_000)
        _, rows = self.routers.get(self.rest("huge"), "/rest/interface?.proplist=name")
        self.assertGreater(len(rows), 20_000)

    def test_a_certificate_that_changed_is_not_the_authoritys(self):
        def is_refused():
            try:
                self.routers.get(self.rest("certificate:1s"), "/rest/system/identity")
            except urllib.error.URLError as error:
                return isinstance(error.reason, ssl.SSLCertVerificationError)
            return False
        eventually("the certificate is another one", is_refused)

    def test_a_reboot_ends_all_sessions_and_begins_the_uptime_anew(self):
        name = self.rest("reboot:1s")
        def is_young():
            status, resource = self.routers.get(name, "/rest/system/resource")
            return status == 200 and "d" not in resource["uptime"]
        eventually("it is back after ten seconds", is_young)
        _, rows = self.routers.get(name, "/rest/ip/hotspot/active")
        self.assertEqual(len(rows), 10)
        self.assertTrue(all(row["uptime"] < "00:10:00" for row in rows), rows)


if __name__ == "__main__":
    case.main()
