"""What the recording can't show of the double: HTTP gone wrong, time, faults, counts."""

import http.server
import socket
import threading
import urllib.parse

import server  # it makes the modules of tests/e2e known
import case
from browser import LiveClient, WebSocket
from processes import PATIENCE

VIEWER = server.basic("va", "viewer-pass")


class Http(case.SharedCase):
    """Bytes that are no request, or not quite."""

    @classmethod
    def setUpClass(cls):
        cls.double = cls.share(server.Double(cls.make_folder()))

    def exchange(self, *parts):
        """All that comes back for `parts`, each sent in a packet of its own."""
        address = urllib.parse.urlsplit(self.double.url)
        with socket.create_connection((address.hostname, address.port), 20 * PATIENCE) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for part in parts:
                client.sendall(part)
            answer = b""
            while more := client.recv(65536):
                answer += more
        return answer

    def test_what_is_no_request_is_refused_and_the_connection_ended(self):
        rows = (
            (b"nonsense\r\n\r\n", b"400"),
            (b"GET  /api/health HTTP/1.1\r\n\r\n", b"400"),
            (b"GET http://other/ HTTP/1.1\r\n\r\n", b"400"),
            (b"GET /api/health HTTP/2.0\r\n\r\n", b"505"),
            (b"GET /api/health HTTP/1.1\r\nbroken\r\n\r\n", b"400"),
            (b"GET /api/health HTTP/1.1\r\nName : value\r\n\r\n", b"400"),
            (b"POST /login HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
            (b"POST /login HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400"),
            (b"POST /login HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
            (b"POST /login HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", b"501"),
            (b"POST /login HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", b"400"),
            (b"GET / HTTP/1.1\r\nName: " + b"x" * 70_000 + b"\r\n\r\n", b"431"))
        for request, status in rows:
            with self.subTest(request[:60]):
                self.assertEqual(self.exchange(request).split(b" ")[1], status)

    def test_requests_of_one_connection_are_answered_in_their_order(self):
        one = b"GET /api/health HTTP/1.1\r\n\r\n"
        last = b"GET /api/nothing HTTP/1.1\r\nConnection: close\r\n\r\n"
        for parts in ((one + one + last,), (one[:9], one[9:] + one[:20], one[20:] + last)):
            statuses = [line.split(b" ")[1] for line in self.exchange(*parts).split(b"\n")
                        if line.startswith(b"HTTP/1.1 ") or b"}HTTP/1.1 " in line]
            self.assertEqual(statuses, [b"200", b"200", b"401"])

    def test_a_body_may_come_in_chunks(self):
        head = (b"POST /login HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
                b"Expect: 100-continue\r\n\r\n")
        answer = self.exchange(head, b'10\r\n{"user":"admin",\r\n',
                               b'14;x=y\r\n"password": "admin"}\r\n', b"0\r\nTrailer: x\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"), answer)

    def test_a_body_of_megabytes_is_kept_whole(self):
        text = "x" * 5_000_000
        self.double.manage("POST", "/api/dashboards/db",
                           {"dashboard": {"uid": "big", "title": "Big", "text": text}})
        kept = self.double.manage("GET", "/api/dashboards/uid/big")
        self.assertEqual(kept["dashboard"]["text"], text)

    def test_bodies_of_other_types_are_errors_not_the_end(self):
        for body in ("", "[]", "{", "null", '{"name": 1}', '{"name": {"a": []}}', "[" * 100_000):
            answer = self.double.ask("POST", "/api/orgs", body, self.double.admin)
            self.assertEqual(answer.status, 400, body[:20])
        self.assertEqual(self.double.ask("GET", "/api/health").status, 200)


class Behaviour(case.SharedCase):
    """Each with a new server would take longer than all of them."""

    @classmethod
    def setUpClass(cls):
        cls.double = cls.share(server.Double(cls.make_folder(), "live.max_connections=2"))
        cls.org = cls.double.manage("POST", "/api/orgs", {"name": "A"})["orgId"]
        cls.double.manage("POST", "/api/admin/users",
                          {"login": "va", "password": "viewer-pass", "OrgId": cls.org})

    def sign_in(self):
        answer = self.double.ask("POST", "/login", {"user": "admin", "password": "admin"})
        self.assertEqual(answer.status, 200)
        return self.cookie_of(answer)

    @staticmethod
    def cookie_of(answer):
        return {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}

    def test_a_cookie_has_to_be_rotated_after_ten_minutes(self):
        cookie = self.sign_in()
        self.double.advance(601)
        stale = self.double.ask("GET", "/api/org", headers=cookie)
        self.assertEqual((stale.status, stale.json()["messageId"]), (401, "session.token.rotate"))
        rotated = self.double.ask("POST", "/api/user/auth-tokens/rotate", headers=cookie)
        headers = {**self.cookie_of(rotated), "X-Grafana-Org-Id": str(self.org)}
        self.assertEqual(self.double.ask("GET", "/api/org", headers=headers).json()["id"], self.org)

    def test_five_wrong_passwords_lock_a_login_for_five_minutes(self):
        for _ in range(5):
            self.double.ask("GET", "/api/org", headers=server.basic("VA", "wrong"))
        self.assertEqual(self.double.ask("GET", "/api/org", headers=VIEWER).status, 401)
        self.double.advance(301)
        self.assertEqual(self.double.ask("GET", "/api/org", headers=VIEWER).status, 200)

    def test_a_page_with_another_org_moves_its_members_for_good(self):
        moved = self.double.ask("GET", f"/api/org?orgId={self.org}", headers=self.double.admin)
        self.assertEqual((moved.status, moved.headers["Location"]),
                         (302, f"/api/org?orgId={self.org}"))
        here = self.double.ask("GET", "/api/org", headers=self.double.admin).json()["id"]
        self.double.manage("POST", "/api/user/using/1")
        self.assertEqual(here, self.org)
        self.assertEqual(self.double.ask("GET", "/api/org?orgId=1", headers=VIEWER).status, 404)

    def test_a_secret_written_twice_in_a_second_is_used_as_it_was_first(self):
        used = []

        class Source(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                used.append(self.headers["X-Usage-Token"])
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        source = http.server.HTTPServer(("127.0.0.1", 0), Source)
        threading.Thread(target=source.serve_forever, daemon=True).start()
        self.addCleanup(source.server_close)
        self.addCleanup(source.shutdown)
        self.double.stop_clock()
        for secret, seconds in (("first", 0), ("second", 0), ("second", 6), ("third", 6)):
            self.write_source(f"http://127.0.0.1:{source.server_port}", secret)
            self.double.advance(seconds)
            self.double.ask("GET", "/api/datasources/proxy/uid/s/x", headers=VIEWER)
        self.assertEqual(used, ["first", "first", "first", "third"])

    def write_source(self, url, secret):
        body = {"uid": "s", "name": "s", "type": "prometheus", "access": "proxy", "url": url,
                "jsonData": {"httpHeaderName1": "X-Usage-Token"},
                "secureJsonData": {"httpHeaderValue1": secret}}
        header = {**self.double.admin, "X-Grafana-Org-Id": str(self.org)}
        if self.double.ask("PUT", "/api/datasources/uid/s", body, header).status == 404:
            self.assertEqual(self.double.ask("POST", "/api/datasources", body, header).status, 200)

    def test_rights_are_remembered_where_the_cache_is_on(self):
        double = self.use(server.Double(self.make_folder(), "rbac.permission_cache=true"))
        user = double.manage("POST", "/api/admin/users",
                             {"login": "va", "password": "viewer-pass", "OrgId": 1})["id"]

        def status(path):
            return double.ask("GET", path, headers=VIEWER).status

        double.stop_clock()
        self.assertEqual(status("/api/folders"), 200)
        double.manage("POST", "/api/folders", {"uid": "f", "title": "F"})
        self.assertEqual(status("/api/folders/f"), 403)
        double.advance(61)
        self.assertEqual(status("/api/folders/f"), 200)
        double.manage("DELETE", f"/api/orgs/1/users/{user}")
        self.assertEqual(status("/api/datasources"), 200)
        double.advance(6)
        self.assertEqual(status("/api/datasources"), 403)

    def test_more_browsers_than_allowed_are_turned_away(self):
        for _ in range(2):
            self.addCleanup(LiveClient(self.double.url, VIEWER).close)
        with self.assertRaises(EOFError) as goodbye:
            LiveClient(self.double.url, VIEWER)
        self.assertEqual(goodbye.exception.args, (3504,))

    def test_an_admin_can_push_over_a_socket_which_skips_what_is_bad(self):
        header = {**self.double.admin, "X-Grafana-Org-Id": str(self.org)}
        pusher = WebSocket(self.double.url, "/api/live/push/s", header)
        self.addCleanup(pusher.close)
        listener = LiveClient(self.double.url, VIEWER)
        self.addCleanup(listener.close)
        listener.subscribe(f"{self.org}/stream/s/m")
        for text in ("m up=1 1000000", "broken", "m up=2 2000000"):
            pusher.send(text)
        self.assertEqual([listener.next_push()[1]["data"]["values"] for _ in range(2)],
                         [[[""], [1], [1]], [[""], [2], [2]]])

    def test_requests_are_counted_by_kind(self):
        self.double.forget_requests()
        for org in (self.org, 999):
            self.double.ask("GET", f"/api/orgs/{org}", headers=self.double.admin)
        self.double.ask("GET", "/api/nothing")
        self.assertEqual(self.double.requests(), {
            "total": 3, "by_kind": {"GET /api/orgs/:org": 2, "GET ?": 1},
            "log": [f"GET /api/orgs/{self.org}", "GET /api/orgs/999", "GET /api/nothing"]})

    def org_names(self):
        return [org["name"] for org in self.double.manage("GET", "/api/orgs")]

    def test_the_nth_request_can_fail_before_it_took_effect_or_after(self):
        for when, is_there in (("before", False), ("after", True)):
            self.double.order_fault(what="error", method="POST", path="^/api/orgs$", nth=2,
                                    when=when)
            names = [f"{when} {number}" for number in (1, 2, 3)]
            answers = [self.double.ask("POST", "/api/orgs", {"name": name}, self.double.admin)
                       for name in names]
            self.assertEqual([answer.status for answer in answers], [200, 500, 200])
            self.assertEqual([name in self.org_names() for name in names], [True, is_there, True])
            self.double.forget_faults()

    def test_a_connection_can_break_off(self):
        self.double.order_fault(what="cut", path="^/api/orgs$", method="POST", when="after")
        with self.assertRaises(ConnectionError):
            self.double.ask("POST", "/api/orgs", {"name": "cut"}, self.double.admin)
        self.assertIn("cut", self.org_names())
        self.double.forget_faults()

    def test_a_request_can_stand_still_while_others_are_answered(self):
        self.double.order_fault(what="stall", path="^/api/health$")
        address = urllib.parse.urlsplit(self.double.url)
        with socket.create_connection((address.hostname, address.port), 20 * PATIENCE) as client:
            client.sendall(b"GET /api/health HTTP/1.1\r\n\r\n")
            self.assertEqual(self.double.ask("GET", "/api/health").status, 200)
            client.settimeout(0.2)
            self.assertRaises(TimeoutError, client.recv, 1)
        self.double.forget_faults()

    def test_a_fault_that_nobody_knows_is_refused(self):
        orders = ({"what": "fire"}, {"what": "cut", "when": "soon"}, {"what": "cut", "x": 1}, {})
        for order in orders:
            answer = self.double.ask("POST", "/-/double/faults", order)
            self.assertEqual(answer.status, 400, order)


if __name__ == "__main__":
    case.main()
