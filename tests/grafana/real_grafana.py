"""A real Grafana: the one that GRAFANA_URL names, or one that is installed here and started."""

import os
import pathlib
import shutil
import sys
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import processes
from waiting import eventually

HOME = "/usr/share/grafana"  # where Grafana's Debian package has its pages


class RealGrafana:
    """`url`, and `user` and `password` of a server admin."""

    @staticmethod
    def missing():
        """The sentence that says what is missing; "" if nothing is."""
        if os.environ.get("GRAFANA_URL") or shutil.which("grafana"):
            return ""
        return ("no Grafana here: set GRAFANA_URL (and GRAFANA_USER, GRAFANA_PASSWORD of a server "
                "admin, if not admin), or install Grafana so that `grafana` is found")

    def __init__(self, folder):
        self.user = os.environ.get("GRAFANA_USER", "admin")
        self.password = os.environ.get("GRAFANA_PASSWORD", "admin")
        self.url = os.environ.get("GRAFANA_URL", "").rstrip("/")
        self._process = None
        if not self.url:
            self._start(folder)

    def _start(self, folder):
        port = processes.free_port()
        self.url = f"http://127.0.0.1:{port}"
        settings = {"server.http_addr": "127.0.0.1", "server.http_port": port,
                    "paths.data": folder / "data", "paths.logs": folder / "log",
                    "security.admin_user": self.user, "security.admin_password": self.password,
                    "analytics.reporting_enabled": "false", "analytics.check_for_updates": "false",
                    "plugins.preinstall_disabled": "true", "unified_alerting.enabled": "false",
                    "rbac.permission_cache": "false"}
        home = os.environ.get("GRAFANA_HOME", HOME)
        self._process = processes.Process(
            "grafana", [shutil.which("grafana"), "server", "--homepath", home,
                        *(f"cfg:{key}={value}" for key, value in settings.items())], folder)
        self._process.launch()
        eventually("Grafana is ready", lambda: self._process.must_run() and self._is_ready())

    def _is_ready(self):
        try:
            with urllib.request.urlopen(self.url + "/api/health", timeout=10) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    def close(self):
        if self._process:
            self._process.close()
