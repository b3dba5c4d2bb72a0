"""Two tenants in one Grafana, each behind the real usage_gateway, and what only B may see."""

import time
import urllib.parse
import uuid

import server  # it makes the modules of tests/e2e known
from gateway import Gateway, PrometheusOfBlocks
from orgs import data_source

SOURCE = "usage-prometheus"
FOLDER = "usage"
LIVE_STREAM = "usage"

# No request holds them, so an answer that does has them from B.
SESSIONS_OF_A, SESSIONS_OF_B = 424201, 777333
SUBSCRIBER_OF_A, SUBSCRIBER_OF_B = "apple@a", "kiwi@b"
LIVE_OF_A, LIVE_OF_B = 515151, 919393


def _families():
    now = int(time.time()) // 60 * 60
    families = {}
    for tenant, value, subscriber in (("A", SESSIONS_OF_A, SUBSCRIBER_OF_A),
                                      ("B", SESSIONS_OF_B, SUBSCRIBER_OF_B)):
        samples = [(now - 1800 + 30 * k, value) for k in range(61)]
        labels = {"tenant_id": tenant, "subscriber": subscriber}
        families.setdefault("usage_sessions", []).append((labels, samples))
        families[f"only_{tenant.lower()}"] = [(labels, samples)]
    return families


def _rules():
    return [{"name": "all", "rules": [
        {"alert": f"Sessions{tenant}", "expr": f"vector({value})", "labels": {"tenant_id": tenant},
         "annotations": {"summary": subscriber}}
        for tenant, value, subscriber in (("A", SESSIONS_OF_A, SUBSCRIBER_OF_A),
                                          ("B", SESSIONS_OF_B, SUBSCRIBER_OF_B))]}]


class Org:
    """One tenant's org as usagectl makes it: data source, folder, dashboard, live feed, users."""

    def __init__(self, grafana, tenant, gateway_url, token):
        mark = uuid.uuid4().hex[:8]
        self._grafana = grafana
        self.name = f"{tenant} {mark}"
        self.token = token
        self.id = grafana.manage("POST", "/api/orgs", {"name": self.name})["orgId"]
        self.users = {role: self._add_user(f"{role}-{tenant}-{mark}".lower(), role)
                      for role in ("Viewer", "Editor")}
        self.dashboard = f"usage-{mark}"
        self.dashboard_title = f"Home of {tenant} {mark}"
        self._add_content(gateway_url)
        self.live_token = self._add_live_token()

    def _add_user(self, login, role):
        user = self._grafana.manage("POST", "/api/admin/users", {
            "login": login, "email": f"{login}@x.example", "password": "viewer-pass",
            "OrgId": self.id})
        if role != "Viewer":
            self._grafana.manage("PATCH", f"/api/orgs/{self.id}/users/{user['id']}", {"role": role})
        return {"id": user["id"], "login": login, "headers": server.basic(login, "viewer-pass")}

    def manage(self, method, path, body=None):
        return self._grafana.manage(method, path, body, self.id)

    def _add_content(self, gateway_url):
        self.source_id = self.manage("POST", "/api/datasources",
                                     data_source(gateway_url, self.token))["id"]
        self.manage("POST", "/api/folders", {"uid": FOLDER, "title": "Usage"})
        self.manage("POST", f"/api/folders/{FOLDER}/permissions", {"items": [
            {"role": "Viewer", "permission": 1}, {"role": "Editor", "permission": 1}]})
        self.manage("POST", "/api/dashboards/db", {"folderUid": FOLDER, "dashboard": {
            "uid": self.dashboard, "title": self.dashboard_title, "schemaVersion": 42,
            "panels": []}})
        self.manage("PUT", "/api/org/preferences", {"homeDashboardUID": self.dashboard})

    def _add_live_token(self):
        account = self.manage("POST", "/api/serviceaccounts",
                              {"name": "usage-live", "role": "None"})
        return self.manage("POST", f"/api/serviceaccounts/{account['id']}/tokens",
                           {"name": "live"})["key"]

    def push(self, sessions):
        answer = self._grafana.ask(
            "POST", f"/api/live/push/{LIVE_STREAM}", f"traffic,access=pppoe sessions={sessions}",
            {"Authorization": "Bearer " + self.live_token})
        assert answer.status == 200, answer.text

    def close(self):
        self._grafana.manage("DELETE", f"/api/orgs/{self.id}")
        for user in self.users.values():
            self._grafana.manage("DELETE", f"/api/admin/users/{user['id']}")


class Stack:
    """Prometheus with both tenants' series, the gateway, Grafana with an org for each."""

    def __init__(self, folder, share):
        """`share` of case.py closes what it gets when the tests are over."""
        prometheus = share(PrometheusOfBlocks(folder / "prometheus", _families(), _rules()))
        self.gateway = share(Gateway(folder, prometheus.url))
        tokens = [self.gateway.create_token("--tenant", tenant) for tenant in "AB"]
        self.gateway.launch()
        self.grafana = share(server.start(folder))
        settings = self.grafana.manage("GET", "/api/admin/settings")
        self.whitelist = settings["security"]["data_source_proxy_whitelist"]
        self.a, self.b = [share(Org(self.grafana, tenant, self.gateway.url, token))
                          for tenant, token in zip(("Apple", "Kiwi"), tokens)]
        self.a.push(LIVE_OF_A)
        self.b.push(LIVE_OF_B)

    def marks_of_b(self):
        """{what it is: the text that no answer to A may hold}."""
        b = self.b
        return {"B's number": str(SESSIONS_OF_B), "B's subscriber": SUBSCRIBER_OF_B,
                "B's live number": str(LIVE_OF_B), "B's org": b.name, "B's dashboard":
                b.dashboard_title, "B's user": b.users["Viewer"]["login"], "B's secret": b.token,
                "B's live token": b.live_token}

    def seen_of_b(self, answer):
        """What of B an answer shows, in its head, its body or its body once decoded."""
        text = f"{answer.headers}\n{answer.text}\n{urllib.parse.unquote(answer.text)}"
        return [what for what, mark in self.marks_of_b().items() if mark in text]
