"""The Grafana that tests talk to: a real one where there is one, else the double.

GRAFANA_URL names a running one (GRAFANA_ADMIN_USER and GRAFANA_ADMIN_PASSWORD, admin and admin
where they are not set); a `grafana` or `grafana-server` on the machine is started, with
config/grafana.ini.
Of a running one tests take new orgs with names of their own, and delete them.
"""

import base64
import dataclasses
import http.client
import json
import os
import pathlib
import re
import shutil
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

import processes  # noqa: E402
from waiting import eventually  # noqa: E402

CONFIG = ROOT / "config" / "grafana.ini"

# What a test needs otherwise than config/grafana.ini has it: no TLS, no files of secrets, data
# sources on any port, and rights that are seen at once.
_FOR_TESTS = {
    ("security", "admin_user"): "admin",
    ("security", "admin_password"): "admin",
    ("security", "secret_key"): "only-of-this-test",
    ("security", "cookie_secure"): "false",
    ("security", "data_source_proxy_whitelist"): "",
    ("server", "root_url"): "",
    ("rbac", "permission_cache"): "false",
}


@dataclasses.dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str

    def json(self):
        return json.loads(self.text)


def basic(login, password):
    """The headers of a caller with a password."""
    return {"Authorization": "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()}


class Grafana:
    """`url` has no slash at its end; `is_double`: whether the endpoint of faults.py is there."""

    is_double = False

    def __init__(self, url, login="admin", password="admin"):
        self.url = url.rstrip("/")
        self.sign_in_as(login, password)

    def sign_in_as(self, login, password):
        """Who manage() is."""
        self.admin = basic(login, password)
        self.login, self.password = login, password

    def ask(self, method, path, body=None, headers=None):
        """An Answer. The path goes out as it is written; a dict or list becomes JSON."""
        parts = urllib.parse.urlsplit(self.url)
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=60)
        try:
            connection.putrequest(method, parts.path + path, skip_accept_encoding=True)
            self._send(connection, method, body, dict(headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode("utf-8", "replace"))
        finally:
            connection.close()

    @staticmethod
    def _send(connection, method, body, headers):
        if isinstance(body, (dict, list)):
            headers.setdefault("Content-Type", "application/json")
            body = json.dumps(body)
        data = None if body is None else body.encode()
        if data is not None or method in ("POST", "PUT", "PATCH"):
            headers["Content-Length"] = str(len(data or b""))
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(data)

    def manage(self, method, path, body=None, org=None):
        """As the server's admin, in an org where one is named; what it answered, read."""
        headers = {**self.admin, **({"X-Grafana-Org-Id": str(org)} if org else {})}
        answer = self.ask(method, path, body, headers)
        assert answer.status < 300, f"{method} {path}: {answer.status} {answer.text}"
        return answer.json()

    def live_channel(self, org_id, channel):
        """Its full name: since 12.4 the org is there by its namespace, before by its number."""
        build = self.manage("GET", "/api/frontend/settings")["buildInfo"]
        version = build["version"].split(".")
        if (int(version[0]), int(version[1])) < (12, 4):
            return f"{org_id}/{channel}"
        return f"default/{channel}" if org_id == 1 else f"org-{org_id}/{channel}"

    def close(self):
        """A running one is not ours to end."""


class Double(Grafana):
    is_double = True

    def __init__(self, folder, *settings, config=None):
        """`settings`: "section.key=value"; without `config` they are those of the recording."""
        command = ["env", "-C", str(ROOT), sys.executable, "-m", "tests.grafana.double"]
        command += ["--config", str(config)] if config else []
        for setting in settings:
            command += ["--set", setting]
        self.process = processes.Process("grafana-double", command, folder)
        self.process.launch()
        self.process.eventually_said("http://")
        super().__init__(re.search(r"http://\S+", self.process.said()).group())

    def requests(self):
        """{"total": …, "by_kind": {"POST /api/orgs": …}, "log": […]} since forget_requests()."""
        return self.ask("GET", "/-/double/requests").json()

    def forget_requests(self):
        self.ask("DELETE", "/-/double/requests")

    def order_fault(self, **fault):
        """The keys are those of faults.py."""
        answer = self.ask("POST", "/-/double/faults", fault)
        assert answer.status == 200, answer.text

    def forget_faults(self):
        self.ask("DELETE", "/-/double/faults")

    def advance(self, seconds):
        """Its clock; the machine's stays."""
        self.ask("POST", "/-/double/clock", {"advance": seconds})

    def stop_clock(self):
        """From now on only advance() moves it."""
        self.ask("POST", "/-/double/clock", {"stand": True})

    def close(self):
        self.process.close()


class Installed(Grafana):
    """The program of this machine, with config/grafana.ini, its data in a temporary folder."""

    def __init__(self, folder, program):
        self.port = processes.free_port()
        home = os.environ.get("GRAFANA_HOME", "/usr/share/grafana")
        self.process = processes.Process(
            "grafana", [*_command(program), "--homepath", home, "--config", str(CONFIG),
                        *self._settings(pathlib.Path(folder))], folder)
        self.process.launch()
        super().__init__(f"http://127.0.0.1:{self.port}")
        eventually("Grafana is ready", lambda: self.process.must_run() and
                   self.ask("GET", "/api/health").status == 200, 120)

    def _settings(self, folder):
        """As arguments: an environment variable that is empty would not count."""
        settings = {**_FOR_TESTS, ("server", "http_addr"): "127.0.0.1",
                    ("server", "http_port"): str(self.port), ("log", "mode"): "console",
                    ("server", "root_url"): f"http://127.0.0.1:{self.port}/"}
        settings |= {("paths", name): str(folder / name) for name in ("data", "logs", "plugins")}
        return [f"cfg:{section}.{key}={value}" for (section, key), value in settings.items()]

    def close(self):
        self.process.close()


def _command(program):
    return [program] if program.endswith("-server") else [program, "server"]


def installed_program():
    """Its path, or None."""
    return shutil.which("grafana") or shutil.which("grafana-server")


def start(folder):
    """A Grafana with the settings of config/grafana.ini, or the one that GRAFANA_URL names."""
    if "GRAFANA_URL" in os.environ:
        return Grafana(os.environ["GRAFANA_URL"], os.environ.get("GRAFANA_ADMIN_USER", "admin"),
                       os.environ.get("GRAFANA_ADMIN_PASSWORD", "admin"))
    program = installed_program()
    if program:
        return Installed(folder, program)
    settings = [f"{section}.{key}={value}" for (section, key), value in _FOR_TESTS.items()]
    return Double(folder, *settings, config=CONFIG)
