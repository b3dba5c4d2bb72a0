"""The dashboards keep every rule of lint.py, and every rule finds what it is there for."""

import copy
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import case  # noqa: E402
import lint  # noqa: E402
import model  # noqa: E402
import processes  # noqa: E402

GOOD = model.load(pathlib.Path(__file__).parent / "good.json")


def changed(change):
    """The good dashboard's JSON after `change` of it, its first panel, and that one's query."""
    raw = copy.deepcopy(GOOD.raw)
    panel = raw["panels"][0]
    change(raw, panel, panel["targets"][0])
    return raw


def swapped(raw):
    """The same with its first key last."""
    first = next(iter(raw))
    raw[first] = raw.pop(first)


def colour(hexadecimal):
    return [{"matcher": {"id": "byName", "options": "Download"}, "properties": [
        {"id": "color", "value": {"mode": "fixed", "fixedColor": hexadecimal}}]}]


def steps(*pairs):
    return {"steps": [{"color": name, "value": value} for name, value in pairs]}


# (rule, what breaks it)
BAD = [
    ("dashboard-identity", lambda raw, *_: raw.pop("description")),
    ("dashboard-identity", lambda raw, *_: raw.update(uid="my-usage")),
    ("dashboard-identity", lambda raw, *_: raw.update(tags=["mine"])),
    ("schema-version", lambda raw, *_: raw.update(schemaVersion=39)),
    ("no-state-of-a-server", lambda raw, *_: raw.update(version=3)),
    ("uneditable", lambda raw, *_: raw.update(editable=True)),
    ("time-zone-of-the-org", lambda raw, *_: raw.update(timezone="browser")),
    ("refresh-not-below-5s", lambda raw, *_: raw.update(refresh="1s")),
    ("refresh-not-below-5s",
     lambda raw, *_: raw.update(timepicker={"refresh_intervals": ["2s", "1m"]})),
    ("keys-in-order", lambda raw, *_: swapped(raw)),
    ("keys-in-order", lambda raw, panel, _: swapped(panel)),
    ("keys-in-order", lambda raw, panel, query: swapped(query)),
    ("unique-panel-ids", lambda raw, panel, _: panel.update(id=2)),
    ("titles", lambda raw, panel, _: panel.update(title="")),
    ("titles", lambda raw, panel, _: panel.update(title="Live")),
    ("one-sentence-description", lambda raw, panel, _: panel.pop("description")),
    ("one-sentence-description", lambda raw, panel, _: panel.update(description="Traffic")),
    ("one-sentence-description", lambda raw, panel, _: panel.update(description="One. Two.")),
    ("text-for-no-data", lambda raw, panel, _: panel["fieldConfig"]["defaults"].pop("noValue")),
    ("has-queries", lambda raw, panel, _: panel.update(targets=[])),
    ("known-unit", lambda raw, panel, _: panel["fieldConfig"]["defaults"].update(unit="Mbits")),
    ("unit-of-what-is-shown",
     lambda raw, panel, _: panel["fieldConfig"]["defaults"].update(unit="decbytes")),
    ("unit-of-what-is-shown",
     lambda raw, panel, query: query.update(expr=query["expr"].removesuffix(" * 8"))),
    ("unit-of-what-is-shown",
     lambda raw, panel, query: query.update(expr='usage_quota_bytes{tenant_id="$tenant"}')),
    ("data-source-by-variable",
     lambda raw, panel, query: query["datasource"].update(uid="usage-prometheus")),
    ("data-source-by-variable",
     lambda raw, panel, _: panel.update(datasource={"type": "prometheus", "uid": "P1"})),
    ("data-source-by-variable",
     lambda raw, panel, _: panel["targets"].append(raw["panels"][1]["targets"][0])),
    ("variables", lambda raw, *_: raw["templating"]["list"].pop()),
    ("variables", lambda raw, *_: raw["templating"]["list"][0].update(hide=0)),
    ("variables", lambda raw, *_: raw["templating"]["list"][1].update(refresh=1)),
    ("no-tenant-by-name",
     lambda raw, panel, query: query.update(expr='usage_sessions{tenant_id="acme"}')),
    ("rate-interval",
     lambda raw, panel, query: query.update(expr=query["expr"].replace("$__rate_interval", "5m"))),
    ("no-increase-for-usage",
     lambda raw, panel, query: query.update(expr="increase(usage_upload_bytes_total[$__range])")),
    ("no-increase-for-usage",
     lambda raw, panel, query: query.update(expr="increase(usage_sessions_ended_total[30d])")),
    ("colours-of-the-table",
     lambda raw, panel, _: panel["fieldConfig"].update(overrides=colour("#123456"))),
    ("colours-mean-the-same",
     lambda raw, panel, _: panel["fieldConfig"].update(overrides=colour("#FF9830"))),
    ("coloured-series", lambda raw, panel, _: panel["fieldConfig"].update(overrides=[])),
    ("coloured-series", lambda raw, panel, query: query.update(legendFormat="{{access}}")),
    ("thresholds-of-its-own", lambda raw, panel, _: panel["fieldConfig"]["defaults"].update(
        thresholds=steps(("green", None), ("red", 80)))),
    ("no-overlap", lambda raw, panel, _: panel["gridPos"].update(w=13)),
    ("full-rows", lambda raw, panel, _: panel["gridPos"].update(w=11)),
    ("full-rows", lambda raw, panel, _: raw["panels"][1]["gridPos"].update(x=13)),
    ("links-reach-a-dashboard", lambda raw, *_: raw["links"][0].update(url="/d/usage-histroy")),
]


def rules_of(faults):
    return {line.split(": ")[1] for line in faults}


class Rules(case.Case):
    shares_a_stack = True

    def check(self, raw, text=None):
        return lint.check(model.Dashboard(raw, "tenant", "tenant/usage.json", text))

    def test_a_good_dashboard_keeps_them(self):
        self.assertEqual(self.check(GOOD.raw, GOOD.text), [])

    def test_each_finds_what_it_is_there_for(self):
        for number, (name, change) in enumerate(BAD):
            with self.subTest(example=number, rule=name):
                self.assertIn(name, rules_of(self.check(changed(change))))

    def test_each_has_an_example(self):
        shown = {name for name, _ in BAD} | {"formatted"}
        self.assertEqual(set(lint.RULES), shown)

    def test_a_file_is_written_as_json_writes_it(self):
        self.assertEqual(rules_of(self.check(GOOD.raw, json.dumps(GOOD.raw))), {"formatted"})

    def test_a_fault_names_file_panel_rule_and_remedy(self):
        faults = self.check(changed(lambda raw, panel, _: panel.update(description="Traffic")))
        self.assertEqual(faults, [
            'tenant/usage.json "Download": one-sentence-description: not one sentence: '
            "'Traffic'; say in one sentence, with a full stop, what one sees"])


class Dashboards(case.Case):
    shares_a_stack = True

    def test_each_keeps_every_rule(self):
        faults = [fault for dashboard in model.load_all() for fault in lint.check(dashboard)]
        self.assertEqual(faults, [], "\n" + "\n".join(faults))

    def test_each_is_what_its_source_makes(self):
        checked = processes.run([str(model.FOLDER / "generate"), "--check"])
        self.assertEqual(checked.returncode, 0, checked.stderr)

    def test_none_is_missing(self):
        self.assertEqual({dashboard.name for dashboard in model.load_all()}, set(lint.UIDS))


if __name__ == "__main__":
    case.main()
