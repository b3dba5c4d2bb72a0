"""A house for the doctor: every part runs, or is sick in a known way."""

import json
import os
import pathlib
import re
import socket
import sys
import threading

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "grafana")]

import processes  # noqa: E402
from exporter import config_for, fetch  # noqa: E402
from waiting import eventually  # noqa: E402

GOLDEN = pathlib.Path(__file__).parent / "golden"

GOOD_RULES = [{"name": "good", "rules": [
    {"record": "tenants:count", "expr": "count(usage_tenant_info)"}]}]
# No label can have that name: an error at every evaluation.
BAD_RULES = [{"name": "bad", "rules": [
    {"record": "bad:sum", "expr": "label_replace(up, 'a b', '', 'job', '')"}]}]


class Prometheus:
    """`jobs`: {name: (address, path)}."""

    def __init__(self, folder, jobs, rules, *flags):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        (self.folder / "rules.json").write_text(json.dumps({"groups": rules}))
        config = self.folder / "prometheus.yml"
        config.write_text(json.dumps({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.json"],
            "scrape_configs": [
                {"job_name": name, "metrics_path": path, "static_configs": [{"targets": [address]}]}
                for name, (address, path) in jobs.items()]}))
        self.url = f"http://127.0.0.1:{processes.free_port()}"
        self.process = processes.Process("prometheus", [
            "prometheus", "--config.file", str(config), "--log.level", "error",
            "--storage.tsdb.path", str(self.folder / "data"),
            "--web.listen-address", self.url.removeprefix("http://"), *flags], folder)
        self.process.launch()
        eventually("Prometheus is ready", lambda: self.process.must_run() and
                   fetch(self.url + "/-/ready").status == 200)

    def data(self, path):
        return json.loads(fetch(self.url + path).text)["data"]

    def wait_until_judged(self):
        """Every target has been scraped, every rule evaluated."""
        def judged(things):
            return things and all(thing["health"] != "unknown" for thing in things)
        eventually("scrapes", lambda: judged(
            self.data("/api/v1/targets?state=active")["activeTargets"]))
        eventually("rules", lambda: judged(
            [rule for group in self.data("/api/v1/rules")["groups"] for rule in group["rules"]]))

    def close(self):
        self.process.close()


class SilentServer:
    """Takes every connection and says nothing, for ever."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._taken = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self):
        try:
            while True:
                self._taken.append(self._listener.accept()[0])
        except OSError:
            return

    def close(self):
        for connection in [self._listener, *self._taken]:
            connection.close()


def make_certificate(folder, name, days):
    """A PEM file of a certificate that is good for so many days from now; they may be negative."""
    file = pathlib.Path(folder) / f"{name}.crt"
    # openssl req -days takes no negative ones.
    key = str(file) + ".key"
    request = str(file) + ".csr"
    made = processes.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                          "-nodes", "-keyout", key, "-subj", f"/CN={name}", "-out", request])
    assert made.returncode == 0, made.stderr
    made = processes.run(["openssl", "x509", "-req", "-in", request, "-signkey", key, "-days",
                          str(days), "-out", str(file)])
    assert made.returncode == 0, made.stderr
    return file


def make_backup(folder, age, size=1000):
    """A dump that is `age` seconds old."""
    file = pathlib.Path(folder) / "ledger.dump"
    file.write_bytes(b"x" * size)
    at = file.stat().st_mtime - age
    os.utime(file, (at, at))
    return file


def usagectl(*arguments, env=None):
    """subprocess.CompletedProcess with text; no colours are forced."""
    return processes.run([processes.binary("usagectl"), *map(str, arguments)],
                         env={**os.environ, **(env or {})})


def alerting(url, **more):
    """The section of a house with an Alertmanager there."""
    return {"url": url, "file": "alertmanager.yml",
            "operators": [{"webhook": "http://127.0.0.1:9"}], **more}


def write_config(folder, database, doctor, **sections):
    file = pathlib.Path(folder) / "usage_exporter.yaml"
    file.write_text(json.dumps(
        config_for(database, "user_sessions", doctor=doctor, **sections), indent=2))
    return file


def normalised(text, folder, database=None):
    """Without what is another one in each run: names, ports, times, sizes, versions."""
    if database:
        text = text.replace(database.name, "DATABASE").replace(
            f"{database.server.host}:{database.server.port}", "HOST:PORT")
    text = re.sub(r"\s*\n {12,14}(?![ >])", " ", text)  # lines as they were before they were broken
    text = text.replace(str(folder), "FOLDER")
    facts = re.search(r"measured: .* times less", text)
    text = re.sub(r"measured: .* times less", "FACTS", text)
    for pattern, stands_for in (
            (r"127\.0\.0\.1:\d+", "HERE:PORT"),
            (r"\d{4}-\d\d-\d\d", "DATE"),
            (r"\b\d+(\.\d+)? (ms|s|min|h|days)\b", "TIME"),
            (r"\b\d+(\.\d+)? [kMG]?B\b", "SIZE"),
            (r"\d+\.\d+\.\d+(-\w+)?( \([0-9a-z-]+\))?", "VERSION"),
            (r"token [0-9a-f]{12}", "token ID"),
            (r"revoke [0-9a-f]{12}", "revoke ID"),
            (r"[\d,]+ of [\d,]+ left out", "N of N left out"),
            (r"[\d,]+ records?", "N records"),
            (r"(size: SIZE) \(.*\)", r"\1 (TABLES)"),
            (r"connected from [^\n]*", "connected from PLACE"),
            (r"\d+ rule evaluations", "N rule evaluations"),
            (r"connection to server [^\n]*?(Connection refused|does not exist)[^\n]*", r"\1"),
    ):
        text = re.sub(pattern, stands_for, text)
    return text.replace("FACTS", facts[0]) if facts else text


def check_golden(case, name, text):
    """With USAGE_REGENERATE=1 the file is written instead."""
    file = GOLDEN / name
    if os.environ.get("USAGE_REGENERATE") == "1":
        file.write_text(text)
    case.assertEqual(text, file.read_text())

