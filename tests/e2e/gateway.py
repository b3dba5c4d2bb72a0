"""usage_gateway in front of a real Prometheus whose blocks promtool made."""

import json
import pathlib
import re
import urllib.parse

import processes
from exporter import fetch
from waiting import eventually


def openmetrics(families):
    """Text of {metric: [(labels, [(time, value)])]}."""
    lines = []
    for metric, series in families.items():
        lines.append(f"# TYPE {metric} gauge")
        for labels, samples in series:
            text = ",".join(f'{name}="{value}"' for name, value in labels.items())
            lines += [f"{metric}{{{text}}} {value} {time}" for time, value in samples]
    return "\n".join(lines + ["# EOF", ""])


class PrometheusOfBlocks:
    def __init__(self, folder, families, rules=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        series = self.folder / "series.txt"
        series.write_text(openmetrics(families))
        made = processes.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", str(series),
                              str(self.folder / "data")])
        assert made.returncode == 0, made.stderr
        config = self.folder / "prometheus.yml"
        rule_file = self.folder / "rules.yml"
        rule_file.write_text(json.dumps({"groups": rules or []}))
        config.write_text(json.dumps({"global": {"evaluation_interval": "1s"},
                                      "rule_files": [str(rule_file)]}))
        self.port = processes.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = processes.Process(
            "prometheus",
            ["prometheus", "--config.file", str(config), "--log.level", "warn",
             "--storage.tsdb.path", str(self.folder / "data"),
             "--enable-feature=promql-negative-offset,promql-at-modifier",
             "--web.listen-address", f"127.0.0.1:{self.port}"], self.folder)
        self.process.launch()
        eventually("Prometheus is ready", lambda: self.process.must_run() and
                   fetch(self.url + "/-/ready").status == 200)
        # All of a test fire always. Until the first evaluation is stored, answers lack them.
        alerts = [rule for group in rules or [] for rule in group["rules"] if "alert" in rule]
        eventually("its alerts fire", lambda: len(self._firing()) == len(alerts))

    def _firing(self):
        answer = fetch(self.url + "/api/v1/query?query=ALERTS")
        return json.loads(answer.text)["data"]["result"]

    def close(self):
        self.process.close()


# What a tenant's data source in Grafana sends its token in (exporter/grafana/wanted.cc).
TOKEN_HEADER = "X-Usage-Token"


class Gateway:
    def __init__(self, folder, upstream, *flags, **config):
        self.folder = pathlib.Path(folder)
        self.tokens = self.folder / "tokens.json"
        self.file = self.folder / "usage_gateway.yaml"
        self.audit = self.folder / "audit.log"
        self.configure(upstream=upstream, **config)
        if not self.tokens.exists():
            self.tokens.write_text('{"tokens": []}')
        self.process = processes.Process("usage_gateway", [
            processes.binary("usage_gateway"), "--config.file", str(self.file),
            "--web.listen-address", "127.0.0.1:0", "--web.telemetry-address", "127.0.0.1:0",
            *flags], self.folder)
        self.url = self.telemetry = ""

    def configure(self, upstream, **config):
        """`upstream`: its URL, or the whole section."""
        section = {"url": upstream} if isinstance(upstream, str) else upstream
        self.file.write_text(json.dumps({
            "upstream": section, "audit": str(self.audit),
            "tokens": {"file": str(self.tokens), "header": TOKEN_HEADER},
            "limits": {"requests_per_second": 0}, **config}))

    def launch(self):
        self.process.launch()
        self.process.eventually_said("listens on")
        self.url, self.telemetry = re.findall(r"https?://[0-9.:]+", self.process.said())[:2]
        return self

    def ctl(self, *arguments):
        return processes.run([processes.binary("usagectl"), "token", *arguments, "--file",
                              str(self.tokens)])

    def create_token(self, *arguments):
        made = self.ctl("create", *arguments)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    def ask(self, path, token, **parameters):
        query = "?" + urllib.parse.urlencode(parameters, doseq=True) if parameters else ""
        return fetch(self.url + path + query, {"Authorization": "Bearer " + token})

    def metrics(self):
        return fetch(self.telemetry + "/metrics").text

    def close(self):
        self.process.close()
