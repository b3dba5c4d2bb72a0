"""The usage_exporter under test."""

import json
import pathlib
import re
import ssl
import time
import urllib.error
import urllib.request

import processes
from page import Page
from waiting import eventually


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode()


def fetch(url, headers=None, method="GET", context=None, seconds=60):
    """A Response, whatever the status."""
    request = urllib.request.Request(url, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=seconds, context=context) as answer:
            return Response(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return Response(refusal.code, refusal.headers, refusal.read())


def config_for(database, /, *sources, **sections):
    """A configuration that is quick for a test; `sections` are added or merged.

    `database` is a DSN. A source is a type, or a dict.
    """
    config = {
        "database": {"dsn": database},
        "sources": [{"interval": "1s", **({"type": s} if isinstance(s, str) else s)}
                    for s in sources],
        "tenants": {"refresh": "1s"},
        "storage": {"fold_interval": "1s"},
    }
    for name, section in sections.items():
        is_merged = isinstance(section, dict) and name in config
        config[name] = {**config[name], **section} if is_merged else section
    return config


class Exporter:
    """Its port is chosen at the first start and kept."""

    def __init__(self, folder, config, *flags, env=None, tls=False):
        self.folder = pathlib.Path(folder)
        self.file = self.folder / "usage_exporter.yaml"
        self.configure(config)
        self.port = 0
        self.flags = list(flags)
        self.tls = ssl._create_unverified_context() if tls else None
        self.process = processes.Process("usage_exporter", [], folder, env=env)

    def configure(self, config):
        """Text as it is, else JSON, which is YAML too."""
        text = config if isinstance(config, str) else json.dumps(config, indent=2)
        self.file.write_text(text)

    def command(self, *flags):
        return [processes.binary("usage_exporter"), "--config.file", str(self.file), *flags]

    def launch(self):
        """Starts it and returns when it listens."""
        self.process.command = self.command(
            "--web.listen-address", f"127.0.0.1:{self.port}", *self.flags)
        self.process.launch()
        self.process.eventually_said("listens on ")
        self.url, port = re.search(r"listens on (https?://127\.0\.0\.1:(\d+))",
                                   self.process.said()).groups()
        self.port = int(port)

    def start(self):
        """Returns when it is ready, which means exact."""
        self.launch()
        eventually("the exporter is ready",
                   lambda: self.process.must_run() and self.get("/-/ready").status == 200)

    def get(self, path, headers=None, method="GET"):
        return fetch(self.url + path, headers, method, self.tls)

    def page(self, headers=None):
        answer = self.get("/metrics", headers)
        assert answer.status == 200, answer.text
        return Page(answer.text)

    def value(self, name, **labels):
        return self.page().get(name, **labels)

    def reload(self):
        return self.get("/-/reload", method="POST")

    def eventually(self, what, claim, seconds=60):
        """`claim` of a page becomes true; returns that page."""
        def ask():
            self.process.must_run()
            page = self.page()
            return page if claim(page) else None
        return eventually(what, ask, seconds)

    def read_all(self, *sources):
        """Returns the page after all that is in the tables now has been read and booked."""
        now = time.time()
        def is_read(page):
            times = dict((labels["source"], at) for labels, at in
                         page.series("usage_source_last_success_timestamp_seconds"))
            names = sources or [s["source"] for s, _ in page.series("usage_source_info")]
            return all(times.get(name, 0) > now for name in names)
        return self.eventually("every source reads", is_read)

    def close(self):
        self.process.close()
