#!/usr/bin/env python3
"""What holds rules, their tests and their runbooks together; `lint.py` prints what breaks it."""

import functools
import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/dashboards"), str(ROOT / "tests/e2e")]

import promql  # noqa: E402

RULES = tuple(sorted((ROOT / "alerts").glob("*.yaml")))
TESTS = tuple(sorted((ROOT / "tests/alerts").glob("*.yaml")))
RUNBOOKS = ROOT / "docs/runbooks"
SEVERITIES = {"tenant": ("info", "warning", "critical"),
              "operator": ("info", "warning", "critical", "none")}
# What the programs around us have: lint_test.py asks real ones.
OF_PROGRAMS = {
    "up", "prometheus_config_last_reload_successful", "prometheus_notifications_dropped_total",
    "prometheus_notifications_errors_total", "prometheus_notifications_alertmanagers_discovered",
    "prometheus_rule_evaluation_failures_total", "alertmanager_config_last_reload_successful",
    "alertmanager_notifications_failed_total",
}
# A tenant does not know these.
TECHNICAL = ("bytes", "exporter", "session", "prometheus", "metric", "rule", "threshold", "radius")
# What always fires is never silent.
ALWAYS = {"UsageWatchdog"}
CHECKS = {}


class Repository:
    """Rules, tests and runbooks, as they were read.

    rules: the groups' rules. tests: promtool's tests. runbooks: {name: text}. index: README.md's
    text. known: the names of metrics that exist.
    """

    def __init__(self, rules, tests, runbooks, index, known):
        self.rules, self.tests = rules, tests
        self.runbooks, self.index, self.known = runbooks, index, known

    @property
    def alerts(self):
        return [rule for rule in self.rules if "alert" in rule]

    def cases(self, alert, kind):
        """[[case of one alert] of each test] of the tests whose name begins with `kind`."""
        found = [[one for one in test.get("alert_rule_test", []) if one["alertname"] == alert]
                 for test in self.tests if test["name"].startswith(kind + ": ")]
        return [cases for cases in found if cases]


def check(function):
    """Registers a function of a Repository that yields (where, fault)."""
    name = function.__name__.replace("_", "-")

    @functools.wraps(function)
    def all_faults(repository):
        return [f"{where}: {name}: {fault}" for where, fault in function(repository)]
    CHECKS[name] = all_faults
    return all_faults


@check
def every_field(repository):
    for rule in repository.alerts:
        labels, annotations = rule.get("labels", {}), rule.get("annotations", {})
        if labels.get("severity") not in SEVERITIES.get(labels.get("audience"), ()):
            yield rule["alert"], f"severity and audience are {labels}"
        for key in ("summary", "description"):
            if not annotations.get(key, "").strip():
                yield rule["alert"], f"no {key}"
        if annotations.get("runbook_url") != f"/runbooks/{rule['alert']}":
            yield rule["alert"], f"runbook_url {annotations.get('runbook_url')!r}"


@check
def stable_labels(repository):
    """A label that changes with a value would be another alert at each evaluation."""
    for rule in repository.alerts:
        for name, value in rule.get("labels", {}).items():
            if "{{" in str(value):
                yield rule["alert"], f"the label {name} is a template"


@check
def the_tenants_name(repository):
    for rule in repository.alerts:
        is_tenants = rule.get("labels", {}).get("audience") == "tenant"
        summary = rule.get("annotations", {}).get("summary", "")
        if is_tenants and "tenant:usage_tenant_info:max" not in summary:
            yield rule["alert"], "the summary lacks the tenant's name"


@check
def plain_words(repository):
    for rule in repository.alerts:
        if rule.get("labels", {}).get("audience") != "tenant":
            continue
        for key, text in rule.get("annotations", {}).items():
            words = re.sub(r"\{\{.*?\}\}", "", text, flags=re.DOTALL).lower()
            for word in TECHNICAL if key != "runbook_url" else ():
                if word in words:
                    yield rule["alert"], f"the {key} says {word!r} to a tenant"


@check
def unique_names(repository):
    names = [rule["alert"] for rule in repository.alerts]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield name, "is there twice"


@check
def names_of_records(repository):
    for rule in repository.rules:
        if "record" in rule and not re.fullmatch(
                r"[a-z_]+:usage_[a-z_]+:[a-z][a-z0-9_]*", rule["record"]):
            yield rule["record"], "is not level:metric:operations"


@check
def known_metrics(repository):
    known = repository.known | {rule["record"] for rule in repository.rules if "record" in rule}
    for rule in repository.rules:
        where = rule.get("alert") or rule["record"]
        for name in sorted(promql.names(rule["expr"]) - known):
            yield where, f"nobody has {name}"
        for name in sorted(_asked_by_texts(rule) - known):
            yield where, f"a text asks for {name}, which nobody has"


def _asked_by_texts(rule):
    """The metrics that annotations query."""
    texts = " ".join(rule.get("annotations", {}).values())
    queries = re.findall(r'query \(?(?:printf\s+)?"((?:[^"\\]|\\.)*)"', texts)
    return {name for query in queries
            for name in re.findall(r"\b(?:\w+:)?usage_\w+(?::\w+)?", query)}


@check
def fires_at_its_minute(repository):
    """With its labels and words, and in the same test not at the evaluation before."""
    for rule in repository.alerts:
        tests = repository.cases(rule["alert"], "fires")
        if not any(_begins_to_fire(cases, rule["alert"]) for cases in tests):
            yield rule["alert"], "no test 'fires: …' has it firing, and silent an evaluation before"


def _begins_to_fire(cases, name):
    silent = {_seconds(case["eval_time"]) for case in cases if not case["exp_alerts"]}
    firing = [case for case in cases if case["exp_alerts"] and _has_words(case)]
    return any(name in ALWAYS or _seconds(case["eval_time"]) - case["step"] in silent
               for case in firing)


def _has_words(case):
    return all(alert.get("exp_annotations") for alert in case["exp_alerts"])


def _seconds(text):
    """Of 1d2h30m."""
    parts = re.findall(r"(\d+)([smhd])", text)
    return sum(int(number) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
               for number, unit in parts)


@check
def stays_silent(repository):
    for rule in repository.alerts:
        cases = [case for test in repository.cases(rule["alert"], "silent") for case in test]
        if not cases and rule["alert"] not in ALWAYS:
            yield rule["alert"], "no test 'silent: …' has it"
        if any(case["exp_alerts"] for case in cases):
            yield rule["alert"], "fires in a test 'silent: …'"


@check
def tests_say_what_they_show(repository):
    for test in repository.tests:
        if not re.match(r"(fires|silent|holds): ", test["name"]):
            yield test["name"], "begins with none of 'fires: ', 'silent: ', 'holds: '"


@check
def a_runbook(repository):
    names = {rule["alert"] for rule in repository.alerts}
    for name in sorted(names - repository.runbooks.keys()):
        yield name, f"docs/runbooks/{name}.md is missing"
    for name in sorted(repository.runbooks.keys() - names):
        yield name, "is a runbook of no alert"
    for name in sorted(names):
        if f"({name}.md)" not in repository.index:
            yield name, "is not in docs/runbooks/README.md"


@check
def sections_of_runbooks(repository):
    for name, text in repository.runbooks.items():
        for section in ("## What it means", "## How to check", "## What to do"):
            if section not in text:
                yield name, f"the runbook lacks {section!r}"
        if not text.startswith(f"# {name}\n"):
            yield name, "the runbook's title is not its name"


def _read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _tests_of(file):
    """Each case with `step`, the seconds between evaluations."""
    for test in file["tests"]:
        for case in test.get("alert_rule_test", []):
            case["step"] = _seconds(file["evaluation_interval"])
        yield test


def load():
    rules = [rule for path in RULES for group in _read(path)["groups"] for rule in group["rules"]]
    tests = [test for path in TESTS for test in _tests_of(_read(path))]
    runbooks = {path.stem: path.read_text(encoding="utf-8")
                for path in RUNBOOKS.glob("*.md") if path.stem != "README"}
    index = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    return Repository(rules, tests, runbooks, index, promql.known_names() | OF_PROGRAMS)


def faults(repository):
    return [fault for function in CHECKS.values() for fault in function(repository)]


if __name__ == "__main__":
    found = faults(load())
    print("\n".join(found) or "nothing to say")
    sys.exit(1 if found else 0)
