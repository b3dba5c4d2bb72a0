"""A provider's house: tenants, their contacts, and usagectl between them and an Alertmanager."""

import json
import pathlib
import re
import shutil
import subprocess

import processes

TEMPLATES = processes.ROOT / "tests/alerting/usage.tmpl"
# So short that a test need not wait, yet long enough that all alerts that are sent together are in,
# and those that mute them, also on a busy machine.
QUICK = {"group_wait": "2s", "group_interval": "1s", "repeat_interval": "1h"}
NOBODY_THERE = "http://127.0.0.1:9"


def quick(hook):
    """`alerting` with everything at once, and the operator at `hook`/operator."""
    return {"operators": [{"webhook": hook + "/operator"}], "watchdog": {"webhook": hook + "/watchdog"},
            "operator_times": QUICK, "tenant_times": QUICK}


def as_yaml(value):
    """JSON, but for the surrogate pairs, which YAML does not have."""
    return re.sub(r"\\ud[89ab]..\\ud[c-f]..", lambda pair: json.loads(f'"{pair[0]}"'),
                  json.dumps(value))


class House:
    """Its configuration stands in `folder`; `alerting` is the section, `sections` are others."""

    def __init__(self, folder, url=NOBODY_THERE):
        self.folder = pathlib.Path(folder)
        self.config = self.folder / "usage_exporter.yaml"
        self.file = self.folder / "alertmanager.yml"
        self.alerting = {"url": url, "file": "alertmanager.yml", "templates": ["usage.tmpl"],
                         "operators": [{"webhook": NOBODY_THERE + "/operator"}],
                         "watchdog": {"webhook": NOBODY_THERE + "/watchdog"}}
        self.sections = {"database": {"dsn": "host=127.0.0.1 port=9 dbname=none user=none"},
                         "sources": [{"type": "user_sessions"}], "tenants": {"file": "tenants.yaml"}}
        shutil.copy(TEMPLATES, self.folder / "usage.tmpl")
        self.set_tenants("acme", "beta")

    def set_tenants(self, *tenants):
        """Ids, or dicts with more."""
        rows = [{"id": t} if isinstance(t, str) else t for t in tenants]
        self.write("tenants.yaml", as_yaml({"tenants": rows}))

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def usagectl(self, *arguments, status=0):
        """`usagectl alertmanager …`; what it wrote, and what it said beside that."""
        self.write(self.config.name, as_yaml({**self.sections, "alerting": self.alerting}))
        done = processes.run(self.command(*arguments))
        assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout, done.stderr

    def command(self, *arguments):
        return [processes.binary("usagectl"), "alertmanager", *arguments,
                "--config.file", str(self.config)]

    def begin_sync(self):
        """A sync that runs."""
        return subprocess.Popen(self.command("sync"), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def sync(self, *arguments, status=0):
        return self.usagectl("sync", *arguments, status=status)

    def render(self):
        """Writes the file as it is; returns what was said."""
        return self.usagectl("render", "--output", str(self.file))[1]
