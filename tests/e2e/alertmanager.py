"""A real Alertmanager, and a webhook that keeps what it is sent."""

import http.server
import json
import pathlib
import re
import shutil
import threading
import urllib.error
import urllib.request

import processes
from exporter import fetch
from waiting import eventually

# Debian's package has taken away the name that everybody else has.
PROGRAM = shutil.which("prometheus-alertmanager") or "alertmanager"


def post(url, body=b"", content_type="application/json"):
    """The status of the answer, whatever it is."""
    request = urllib.request.Request(url, data=body, headers={"Content-Type": content_type})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code


class Alertmanager:
    """Runs on `folder`/alertmanager.yml, which must be there when it starts.

    It may be ended and started again: port and data stay. Alone: no cluster.
    """

    def __init__(self, folder, *flags, name="alertmanager"):
        self.folder = pathlib.Path(folder)
        self.file = self.folder / "alertmanager.yml"
        self.url = f"http://127.0.0.1:{processes.free_port()}"
        self.process = processes.Process(
            name,
            [PROGRAM, "--config.file", str(self.file), "--storage.path", str(self.folder / "data"),
             "--web.listen-address", self.url.removeprefix("http://"),
             "--cluster.listen-address=", *flags],
            folder)

    def start(self):
        """Returns itself, ready."""
        self.process.launch()
        eventually("Alertmanager is ready", lambda: self.process.must_run() and
                   fetch(self.url + "/-/ready").status == 200)
        return self

    def reload(self):
        """The status: 200, or 500 when it refuses the file."""
        return post(self.url + "/-/reload")

    def send(self, *alerts):
        """Each a dict of labels, or {"labels": …, "annotations": …, "endsAt": …}."""
        body = [alert if "labels" in alert else {"labels": alert} for alert in alerts]
        assert post(self.url + "/api/v2/alerts", json.dumps(body).encode()) == 200

    def alerts(self, **labels):
        """[(labels, state, names of receivers)], without those that ended."""
        return [(alert["labels"], alert["status"]["state"],
                 sorted(receiver["name"] for receiver in alert["receivers"]))
                for alert in json.loads(fetch(self.url + "/api/v2/alerts").text)
                if labels.items() <= alert["labels"].items()]

    def metric(self, name):
        """The number of a metric without labels."""
        found = re.search(f"^{name} (.+)$", fetch(self.url + "/metrics").text, re.MULTILINE)
        return float(found[1])

    def close(self):
        self.process.close()


class _Listening(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, json.loads(body)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        """Nobody reads it."""


class Webhook:
    """What Alertmanager sends to `url` + any path, in its order of arrival."""

    def __init__(self, port=0):
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), _Listening)
        self._server.daemon_threads = True
        self._server.received = []
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def received(self, path):
        """The notifications that came to that path: [dict]."""
        return [body for to, body in list(self._server.received) if to == path]

    def alert_names(self, path):
        """Of the alerts of those notifications: [sorted names of one]."""
        return [sorted(alert["labels"]["alertname"] for alert in body["alerts"])
                for body in self.received(path)]

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def amtool(*arguments):
    """subprocess.CompletedProcess with text."""
    return processes.run(["amtool", *map(str, arguments)])
