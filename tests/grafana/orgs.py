"""An org of a Grafana as usagectl makes it, as much of it as a screen needs."""

import secrets

import server  # it makes the modules of tests/e2e known
from gateway import TOKEN_HEADER


def data_source(gateway, token):
    """What Grafana is told of the way through usage_gateway."""
    return {"uid": "usage-prometheus", "name": "Usage", "type": "prometheus", "access": "proxy",
            "url": gateway, "isDefault": True,
            "jsonData": {"httpMethod": "POST", "timeInterval": "5s",
                         "httpHeaderName1": TOKEN_HEADER},
            "secureJsonData": {"httpHeaderValue1": token}}


class Org:
    """A Viewer signs in with `login` and `password`."""

    def __init__(self, grafana, name, gateway, token):
        self._grafana = grafana
        self.login = "viewer-" + secrets.token_hex(4)
        self.password = secrets.token_urlsafe()
        self.id = grafana.manage("POST", "/api/orgs", {"name": f"{name} {self.login}"})["orgId"]
        self._user = grafana.manage("POST", "/api/admin/users", {
            "login": self.login, "name": "Viewer", "password": self.password,
            "OrgId": self.id})["id"]
        self._post("/api/datasources", data_source(gateway, token))
        self._post("/api/folders", {"uid": "usage", "title": "Usage"})

    def add(self, dashboard):
        self._post("/api/dashboards/db",
                   {"dashboard": dashboard.raw, "folderUid": "usage", "overwrite": True})

    def close(self):
        self._grafana.manage("DELETE", f"/api/admin/users/{self._user}")
        self._grafana.manage("DELETE", f"/api/orgs/{self.id}")

    def _post(self, path, body):
        return self._grafana.manage("POST", path, body, self.id)
