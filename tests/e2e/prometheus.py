"""A real Prometheus that scrapes an exporter every second."""

import json
import pathlib
import urllib.parse

import processes
from exporter import fetch
from page import number
from waiting import eventually


class Prometheus:
    """With `rules`, files of them, it evaluates them every second and tells `alertmanager`.

    An alert is told again every 10 seconds, and ends by itself after four times that if nobody
    tells of it any more. It may be ended and started again.
    """

    def __init__(self, folder, target_port, rules=(), alertmanager=None):
        self.folder = pathlib.Path(folder, "prometheus")
        self.folder.mkdir()
        config = self.folder / "prometheus.yml"
        config.write_text(json.dumps(_config(target_port, rules, alertmanager)))
        self.url = f"http://127.0.0.1:{processes.free_port()}"
        self.process = processes.Process(
            "prometheus",
            ["prometheus", "--config.file", str(config), "--log.level", "warn", "--storage.tsdb.path",
             str(self.folder / "data"), "--web.listen-address", self.url.removeprefix("http://"),
             "--rules.alert.resend-delay", "10s"],
            folder)
        self.start()

    def start(self):
        self.process.launch()
        eventually("Prometheus is ready", lambda: self.process.must_run() and
                   fetch(self.url + "/-/ready").status == 200)

    def ask(self, query):
        """[(labels, value as it is stored)] of an instant query."""
        answer = fetch(f"{self.url}/api/v1/query?" + urllib.parse.urlencode({"query": query}))
        assert answer.status == 200, answer.text
        result = json.loads(answer.text)["data"]["result"]
        return [(sample["metric"], number(sample["value"][1])) for sample in result]

    def samples(self, query):
        """[(labels, [values])] of a range selector, such as 'm[5m]'."""
        answer = fetch(f"{self.url}/api/v1/query?" + urllib.parse.urlencode({"query": query}))
        assert answer.status == 200, answer.text
        return [(series["metric"], [number(value) for _, value in series["values"]])
                for series in json.loads(answer.text)["data"]["result"]]

    def firing(self, name, **labels):
        """How many alerts of that name and with these labels fire."""
        wanted = {"alertname": name, **labels}.items()
        alerts = json.loads(fetch(self.url + "/api/v1/alerts").text)["data"]["alerts"]
        return sum(alert["state"] == "firing" and wanted <= alert["labels"].items()
                   for alert in alerts)

    def close(self):
        self.process.close()


def _config(target_port, rules, alertmanager):
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(file) for file in rules],
        "scrape_configs": [{"job_name": "usage_exporter", "static_configs": [
            {"targets": [f"127.0.0.1:{target_port}"]}]}]}
    if alertmanager:
        config["alerting"] = {"alertmanagers": [{"static_configs": [
            {"targets": [alertmanager.url.removeprefix("http://")]}]}]}
    return config
