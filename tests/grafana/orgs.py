"""An org of a Grafana as usagectl makes it, as much of it as a screen needs."""

import base64
import json
import secrets
import urllib.parse
import urllib.request


class Org:
    """A Viewer signs in with `login` and `password`; `grafana` has url, user and password."""

    def __init__(self, grafana, name, gateway, token):
        self.grafana = grafana
        self.login = "viewer-" + secrets.token_hex(4)
        self.password = secrets.token_urlsafe()
        self.id = self._ask("POST", "/api/orgs", {"name": f"{name} {self.login}"})["orgId"]
        self.user = self._ask("POST", "/api/admin/users", {
            "login": self.login, "name": "Viewer", "password": self.password, "OrgId": self.id})["id"]
        self._inside("POST", "/api/datasources", {
            "uid": "usage-prometheus", "name": "Usage", "type": "prometheus", "access": "proxy",
            "url": gateway, "jsonData": {"httpMethod": "POST", "timeInterval": "5s",
                                         "httpHeaderName1": "Authorization"},
            "secureJsonData": {"httpHeaderValue1": "Bearer " + token}})
        self._inside("POST", "/api/folders", {"uid": "usage", "title": "Usage"})

    def add_dashboards(self, dashboards):
        for dashboard in dashboards:
            self._inside("POST", "/api/dashboards/db", {
                "dashboard": dashboard.raw, "folderUid": "usage", "overwrite": True})

    def remove(self):
        self._ask("DELETE", f"/api/admin/users/{self.user}")
        self._ask("DELETE", f"/api/orgs/{self.id}")

    def _inside(self, method, path, body):
        return self._ask(method, path, body, {"X-Grafana-Org-Id": str(self.id)})

    def _ask(self, method, path, body=None, headers=None):
        request = urllib.request.Request(self.grafana.url + path, method=method, headers=headers or {})
        admin = f"{self.grafana.user}:{self.grafana.password}"
        request.add_header("Authorization", "Basic " + base64.b64encode(admin.encode()).decode())
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
