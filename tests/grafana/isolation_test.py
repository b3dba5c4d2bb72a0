"""A Viewer and an Editor of org A, with a browser: nothing of B, whatever they send."""

import json

import server  # it makes the modules of tests/e2e known
import case
from attempts import ATTEMPTS
from browser import LiveClient, Refused
from two_tenants import (LIVE_OF_A, LIVE_OF_B, LIVE_STREAM, SESSIONS_OF_A, SESSIONS_OF_B, SOURCE,
                         Stack)

ROLES = ("Viewer", "Editor")
TRAFFIC = f"stream/{LIVE_STREAM}/traffic"


def filled(value, names):
    """`value` with {name} replaced, in texts at any depth.

    A text that is nothing but {name} becomes the value itself, a number too.
    """
    if isinstance(value, dict):
        return {key: filled(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, names) for item in value]
    if not isinstance(value, str):
        return value
    for name, text in names.items():
        if value == "{" + name + "}":
            return text
        value = value.replace("{" + name + "}", str(text))
    return value


class FromABrowser(case.SharedCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(cls.make_folder(), cls.share)
        cls.grafana, cls.a, cls.b = cls.stack.grafana, cls.stack.a, cls.stack.b

    def send(self, attempt, user):
        names = {"a": self.a.id, "b": self.b.id, "b_source": self.b.source_id,
                 "b_dashboard": self.b.dashboard, "me": user["id"], "my_login": user["login"]}
        headers = {name: str(value) for name, value in filled(attempt.headers, names).items()}
        return self.grafana.ask(attempt.method, filled(attempt.path, names),
                                filled(attempt.body, names), {**headers, **user["headers"]})

    def skip_what_the_whitelist_stops(self, attempt):
        """Where GRAFANA_URL's proxy does not reach this test's gateway nothing is to be seen."""
        if "/proxy/" in attempt.path and self.stack.whitelist:
            self.skipTest(f"data_source_proxy_whitelist is {self.stack.whitelist}")

    def query(self, user):
        query = {"refId": "A", "datasource": {"uid": SOURCE}, "expr": "sum(usage_sessions)",
                 "instant": True}
        body = {"from": "now-10m", "to": "now", "queries": [query]}
        return self.grafana.ask("POST", "/api/ds/query", body, user["headers"])

    def test_each_sees_its_own_numbers(self):
        for org, number in ((self.a, SESSIONS_OF_A), (self.b, SESSIONS_OF_B)):
            for role in ROLES:
                answer = self.query(org.users[role])
                self.assertEqual(answer.status, 200, answer.text)
                values = answer.json()["results"]["A"]["frames"][0]["data"]["values"]
                self.assertEqual(values[1], [number])

    def test_no_attempt_shows_anything_of_b(self):
        for role in ROLES:
            for attempt in ATTEMPTS:
                with self.subTest(attempt.name, who=role):
                    self.skip_what_the_whitelist_stops(attempt)
                    answer = self.send(attempt, self.a.users[role])
                    self.assertEqual(self.stack.seen_of_b(answer), [], answer.text[:2000])
                    self.assertNotIn(self.a.token, answer.text, "its own secret")
                    self.assertIn(answer.status, attempt.may, answer.text[:500])

    def test_the_same_requests_by_b_show_what_is_b_s(self):
        """Else the test above could not fail."""
        for attempt in (attempt for attempt in ATTEMPTS if attempt.b_sees):
            with self.subTest(attempt.name):
                self.skip_what_the_whitelist_stops(attempt)
                answer = self.send(attempt, self.b.users["Viewer"])
                self.assertNotEqual(self.stack.seen_of_b(answer), [],
                                    f"{answer.status} {answer.text[:1000]}")

    def test_after_all_attempts_everything_is_as_it_was(self):
        for role in ROLES:
            user = self.a.users[role]
            self.assertEqual(self.grafana.ask("GET", "/api/user", headers=user["headers"])
                             .json()["orgId"], self.a.id)
        for org in (self.a, self.b):
            self.assertEqual(
                [source["url"] for source in org.manage("GET", "/api/datasources")],
                [self.stack.gateway.url])
            self.assertEqual(org.manage("GET", f"/api/dashboards/uid/{org.dashboard}")
                             ["dashboard"]["title"], org.dashboard_title)
            roles = {member["login"]: member["role"]
                     for member in org.manage("GET", "/api/org/users")}
            self.assertEqual(roles, {self.grafana.login: "Admin",
                                     **{org.users[role]["login"]: role for role in ROLES}})
        self.test_each_sees_its_own_numbers()

    def channel_of(self, org):
        return self.grafana.live_channel(org.id, TRAFFIC)

    def channels_of_b(self):
        """However an org may be named, in 12.3 and since 12.4."""
        a, b = self.a.id, self.b.id
        names = (b, f"0{b}", f"+{b}", f"{b}/", f"{a},{b}", f"{a}/../{b}", -1, 0, 1,
                 f"org-{b}", f"org-0{b}", f"ORG-{b}", f"org-{b}/", "org--1", "org-0", "org-1",
                 "default", "stacks-1")
        return [*(f"{name}/{TRAFFIC}" for name in names), TRAFFIC,
                self.grafana.live_channel(b, f"grafana/dashboard/uid/{self.b.dashboard}"),
                self.grafana.live_channel(b, f"ds/{SOURCE}/x")]

    def test_no_live_channel_of_b_can_be_heard(self):
        headers = {"asked as it is": {}, "by header": {"X-Grafana-Org-Id": str(self.b.id)}}
        for role in ROLES:
            for how, more in headers.items():
                client = LiveClient(self.grafana.url, {**self.a.users[role]["headers"], **more})
                self.addCleanup(client.close)
                self.expect_silence(client, f"{role} {how}")

    def expect_silence(self, client, who):
        for channel in self.channels_of_b():
            with self.subTest(channel, who=who):
                reply = client.subscribe(channel)
                self.assertNotIn(str(LIVE_OF_B), json.dumps(reply))
                # Org -1 is open to all of 12.3: nothing of ours may land there.
                self.assertTrue("error" in reply or channel.startswith("-1/"), reply)
                for method in ("history", "presence", "publish"):
                    self.assertIn("error", client.ask(method, channel=channel, data={}), method)
        self.b.push(LIVE_OF_B)
        # An answer to this comes after what would have come by then.
        client.ask("unsubscribe", channel="x")
        self.assertEqual([push for push in client.pushes if str(LIVE_OF_B) in str(push)], [])

    def test_a_live_channel_is_heard_by_its_own_org(self):
        for org, number in ((self.a, LIVE_OF_A), (self.b, LIVE_OF_B)):
            client = LiveClient(self.grafana.url, org.users["Viewer"]["headers"])
            self.addCleanup(client.close)
            reply = client.subscribe(self.channel_of(org))
            self.assertIn(str(number), json.dumps(reply.get("subscribe")), reply)
            org.push(number + 1)
            channel, frame = client.next_push()
            self.assertEqual(channel, self.channel_of(org))
            self.assertIn(str(number + 1), json.dumps(frame))
            org.push(number)

    def test_nobody_but_b_can_push_to_its_channel(self):
        client = LiveClient(self.grafana.url, self.b.users["Viewer"]["headers"])
        self.addCleanup(client.close)
        self.assertIn("subscribe", client.subscribe(self.channel_of(self.b)))
        for role in ROLES:
            headers = {**self.a.users[role]["headers"], "X-Grafana-Org-Id": str(self.b.id)}
            self.grafana.ask("POST", f"/api/live/push/{LIVE_STREAM}", "traffic sessions=666",
                             headers)
        refused = self.grafana.ask(
            "POST", f"/api/live/push/{LIVE_STREAM}", "traffic sessions=666",
            {"Authorization": "Bearer " + self.a.live_token, "X-Grafana-Org-Id": str(self.b.id)})
        self.assertEqual(refused.status, 401)
        self.b.push(LIVE_OF_B)
        self.assertIn(str(LIVE_OF_B), str(client.next_push()))

    def test_a_socket_that_pushes_takes_an_admin(self):
        for role in ROLES:
            with self.assertRaises(Refused) as refusal:
                LiveClient(self.grafana.url, self.a.users[role]["headers"],
                           f"/api/live/push/{LIVE_STREAM}")
            self.assertEqual(refusal.exception.status, 403)


if __name__ == "__main__":
    case.main()
