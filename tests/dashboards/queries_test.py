"""Every query of every dashboard and rule parses, and asks for what is there and allowed."""

import json
import re
import tempfile

import yaml

import model
import promql  # first: it knows where the others are

import case
import processes

# Totals that the ledger keeps: their value means something, not only its growth.
LASTING = {"usage_accounting_restatements_total", "usage_accounting_late_upload_bytes_total",
           "usage_accounting_late_download_bytes_total"}
NUMBERS = model.ROOT / "tests/dashboards/rules_test.yaml"


class Query:
    """`where` it stands, and the expression with example values for its variables."""

    def __init__(self, dashboard, where, expression):
        self.dashboard, self.where, self.text = dashboard, where, expression

    @property
    def expression(self):
        return promql.substituted(self.text, promql.example_values(self.dashboard))


def of_dashboard(dashboard):
    for target in dashboard.targets:
        yield Query(dashboard, target.where, target.expression)
    for variable in dashboard.variables:
        if variable.get("type") == "query" and promql.of_variable(variable):
            yield Query(dashboard, f"{dashboard.name} ${variable['name']}",
                        promql.of_variable(variable))


QUERIES = [query for dashboard in model.load_all() for query in of_dashboard(dashboard)]


class EveryQuery(case.Case):
    """Collects the faults of all, so that one run shows them."""

    shares_a_stack = True

    def collect(self, fault_of, queries=None):
        faults = []
        for query in QUERIES if queries is None else queries:
            try:
                fault = fault_of(query)
            except KeyError as error:
                fault = f"${error.args[0]} is no variable of Grafana's or of the dashboard"
            except ValueError as error:
                fault = str(error)
            if fault:
                faults.append(f"{query.where}: {query.text}\n  {fault}")
        self.assertEqual(faults, [], "\n" + "\n".join(faults))

    def test_there_are_some(self):
        self.assertGreater(len(QUERIES), 50)

    def test_is_parsed_by_the_gateway(self):
        def refused(query):
            promql.selectors(query.expression)  # its ValueError is the fault
        self.collect(refused)

    def test_is_parsed_by_prometheus(self):
        """promtool of Prometheus 2.42 parses no single expression, but files of rules."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            rules = [{"record": f"query:{number}", "expr": query.expression}
                     for number, query in enumerate(QUERIES)]
            json.dump({"groups": [{"name": "queries", "rules": rules}]}, file)
            file.flush()
            checked = processes.run(["promtool", "check", "rules", file.name])
        self.assertEqual(checked.returncode, 0, checked.stderr)

    def test_names_only_metrics_of_the_golden_pages(self):
        known = promql.known_names()

        def unknown(query):
            names = promql.names(query.expression) - known
            return names and f"no golden page, rule or list has {', '.join(sorted(names))}"
        self.collect(unknown)

    def test_of_a_tenants_dashboard_has_the_tenant_in_every_selector(self):
        wanted = ("tenant_id", "=", "the_tenant")

        def open_selectors(query):
            names = [name for selector in promql.selectors(query.expression)
                     for name in selector.names if wanted not in selector.matchers]
            return names and f'without tenant_id="$tenant": {", ".join(names)}'
        self.collect(open_selectors, [query for query in QUERIES if query.dashboard.is_tenant
                                      and not query.where.endswith(" $tenant")])

    def test_takes_the_rate_of_counters(self):
        def bare(query):
            names = [name for selector in promql.selectors(query.expression)
                     if selector.function not in ("rate", "irate", "increase")
                     for name in selector.names - LASTING if name.endswith("_total")]
            return names and f"a counter begins at 0 with its process: {', '.join(names)}"
        self.collect(bare)


class Rules(case.Case):
    def test_are_good(self):
        checked = processes.run(["promtool", "check", "rules", *map(str, promql.RULES)])
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_are_known_by_their_names(self):
        """The reader of rules here finds what promtool finds."""
        checked = processes.run(["promtool", "check", "rules", *map(str, promql.RULES)])
        found = sum(map(int, re.findall(r"(\d+) rules found", checked.stdout)))
        self.assertEqual(len(promql.rules()), found)

    def test_name_only_metrics_of_the_golden_pages(self):
        known = promql.known_names()
        for rule in promql.rules():
            self.assertEqual(promql.names(rule.expression) - known, set(), rule.name)

    def test_yield_these_numbers(self):
        tested = processes.run(["promtool", "test", "rules", str(NUMBERS)])
        self.assertEqual(tested.returncode, 0, tested.stdout + tested.stderr)

    def test_each_has_a_number(self):
        """Those of alerts/ that only alerts need: an alert that stands on them."""
        text = NUMBERS.read_text(encoding="utf-8")
        by_alerts = _behind_alerts()
        self.assertEqual([r.name for r in promql.rules()
                          if f"expr: {r.name}\n" not in text and r.name not in by_alerts], [])


def _behind_alerts():
    """Records that an alert names, or a record that is behind one: tests/alerts has these."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8"))
             for path in (model.ROOT / "alerts").glob("*.yaml")]
    rules = [rule for file in files for group in file["groups"] for rule in group["rules"]]
    wanted = [str(rule) for rule in rules if "alert" in rule]
    found = set()
    while wanted:
        text = wanted.pop()
        new = {rule["record"]: rule["expr"] for rule in rules
               if rule.get("record") and rule["record"] in text and rule["record"] not in found}
        found |= new.keys()
        wanted += new.values()
    return found


if __name__ == "__main__":
    case.main()
