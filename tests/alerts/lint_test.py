"""The alerts keep what lint.py says, and lint.py finds what it is there for."""

import copy
import re

import lint  # first: it knows where the others are

import case
import processes
from alertmanager import Alertmanager
from exporter import fetch
from waiting import eventually

ALERT = {
    "alert": "UsageGood", "expr": "usage_sessions > 1",
    "labels": {"severity": "info", "audience": "tenant"},
    "annotations": {
        "summary": '{{ query "tenant:usage_tenant_info:max" }} is well',
        "description": "It is.", "runbook_url": "/runbooks/UsageGood"}}
RECORD = {"record": "tenant:usage_tenant_info:max", "expr": "max(usage_tenant_info)"}
FIRES = {"name": "fires: UsageGood", "alert_rule_test": [
    {"alertname": "UsageGood", "eval_time": "1m", "step": 60, "exp_alerts": []},
    {"alertname": "UsageGood", "eval_time": "2m", "step": 60, "exp_alerts": [
        {"exp_labels": {"severity": "info"}, "exp_annotations": {"summary": "a is well"}}]}]}
SILENT = {"name": "silent: UsageGood", "alert_rule_test": [
    {"alertname": "UsageGood", "eval_time": "9m", "exp_alerts": []}]}
RUNBOOK = "# UsageGood\n\n## What it means\n\n## How to check\n\n## What to do\n"


def good():
    return lint.Repository(
        copy.deepcopy([ALERT, RECORD]), copy.deepcopy([FIRES, SILENT]), {"UsageGood": RUNBOOK},
        "[UsageGood](UsageGood.md)", {"usage_sessions", "usage_tenant_info"})


def without_runbook(repository):
    repository.runbooks.clear()


def without_index(repository):
    repository.index = ""


# (check, what breaks it)
BAD = [
    ("every-field", lambda r: r.rules[0]["labels"].pop("severity")),
    ("every-field", lambda r: r.rules[0]["labels"].update(audience="everybody")),
    ("every-field", lambda r: r.rules[0]["labels"].update(severity="none")),
    ("every-field", lambda r: r.rules[0]["annotations"].pop("description")),
    ("every-field", lambda r: r.rules[0]["annotations"].update(runbook_url="/runbooks/Other")),
    ("stable-labels", lambda r: r.rules[0]["labels"].update(used="{{ $value }}")),
    ("the-tenants-name", lambda r: r.rules[0]["annotations"].update(summary="All is well")),
    ("plain-words", lambda r: r.rules[0]["annotations"].update(description="5 sessions ended")),
    ("unique-names", lambda r: r.rules.append(r.rules[0])),
    ("names-of-records", lambda r: r.rules[1].update(record="usage:tenant_info")),
    ("known-metrics", lambda r: r.rules[0].update(expr="usage_sesions > 1")),
    ("known-metrics", lambda r: r.rules[0]["annotations"].update(
        description='{{ range query (printf "usage_quta_bytes{tenant_id=%q}" "a") }}{{ end }}')),
    ("fires-at-its-minute", lambda r: r.tests.pop(0)),
    ("fires-at-its-minute", lambda r: r.tests[0]["alert_rule_test"].pop(0)),
    ("fires-at-its-minute", lambda r: r.tests[0]["alert_rule_test"][0].update(eval_time="30s")),
    ("fires-at-its-minute",
     lambda r: r.tests[0]["alert_rule_test"][1]["exp_alerts"][0].pop("exp_annotations")),
    ("stays-silent", lambda r: r.tests.pop(1)),
    ("stays-silent", lambda r: r.tests[1]["alert_rule_test"][0].update(exp_alerts=[{}])),
    ("tests-say-what-they-show", lambda r: r.tests[0].update(name="UsageGood")),
    ("a-runbook", without_runbook),
    ("a-runbook", without_index),
    ("a-runbook", lambda r: r.runbooks.update(UsageGone=RUNBOOK)),
    ("sections-of-runbooks", lambda r: r.runbooks.update(UsageGood="# UsageGood\n")),
    ("sections-of-runbooks", lambda r: r.runbooks.update(UsageGood=RUNBOOK.replace("Good", "Bad"))),
]


class Lint(case.Case):
    shares_a_stack = True

    def test_has_nothing_to_say_of_what_is_good(self):
        self.assertEqual(lint.faults(good()), [])

    def test_each_check_finds_what_it_is_there_for(self):
        for number, (name, spoil) in enumerate(BAD):
            with self.subTest(example=number, check=name):
                repository = good()
                spoil(repository)
                found = {fault.split(": ")[1] for fault in lint.faults(repository)}
                self.assertIn(name, found)

    def test_each_check_has_an_example(self):
        self.assertEqual({name for name, _ in BAD}, set(lint.CHECKS))


class TheAlerts(case.Case):
    shares_a_stack = True

    def test_keep_every_rule(self):
        found = lint.faults(lint.load())
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_are_there(self):
        self.assertGreater(len(lint.load().alerts), 30)


PROMETHEUS = """
global: {{evaluation_interval: 1s}}
rule_files: [rules.yml]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["{target}"]}}]}}]}}
"""
RULE = "groups: [{name: g, rules: [{alert: A, expr: vector(1)}]}]"
NOBODY = "route: {receiver: nobody}\nreceivers: [{name: nobody}]"


class Programs(case.Case):
    """Prometheus and Alertmanager have the metrics that the rules take from them."""

    def test_have_what_the_rules_ask(self):
        (self.folder / "alertmanager.yml").write_text(NOBODY)
        alertmanager = self.use(Alertmanager(self.folder)).start()
        prometheus = self.start_prometheus(alertmanager.url.removeprefix("http://"))
        wanted = lint.OF_PROGRAMS - {"up"}

        def missing():
            pages = fetch(alertmanager.url + "/metrics").text + fetch(prometheus + "/metrics").text
            return wanted - set(re.findall(r"^(\w+)[{ ]", pages, re.MULTILINE))
        eventually("all are there", lambda: not missing() or self.fail(missing()))

    def start_prometheus(self, alertmanager):
        (self.folder / "rules.yml").write_text(RULE)
        config = self.folder / "prometheus.yml"
        config.write_text(PROMETHEUS.format(target=alertmanager))
        address = f"127.0.0.1:{processes.free_port()}"
        self.use(processes.Process("prometheus", [
            "prometheus", "--config.file", str(config), "--log.level", "warn",
            "--storage.tsdb.path", str(self.folder / "data"),
            "--web.listen-address", address], self.folder)).launch()
        return "http://" + address


if __name__ == "__main__":
    case.main()
