#!/usr/bin/env python3
"""Rules that every dashboard keeps; `lint.py [FILE…]` prints what breaks them.

They are dashboard-linter's, but for its job and instance rules (a tenant's dashboard has neither),
and ours: docs/dashboards.md.
"""

import functools
import json
import re
import sys

import model
from palette import COLOURS, NAMED, UNITS

RULES = {}
UIDS = {
    "tenant/usage.json": "usage",
    "tenant/history.json": "usage-history",
    "tenant/subscribers.json": "usage-subscribers",
    "tenant/subscriber.json": "usage-subscriber",
    "tenant/alerts.json": "usage-alerts",
    "operator/fleet.json": "usage-fleet",
    "operator/routers.json": "usage-routers",
    "operator/trust.json": "usage-trust",
    "operator/system.json": "usage-system",
}
# (file, panel title): why its rate has a range of its own.
FIXED_RANGES = {}
# What comes first in a file is what tells a reader what he looks at.
ORDER = {
    "dashboard": ("uid", "title", "description", "tags", "schemaVersion", "editable", "timezone",
                  "refresh", "time", "links", "templating", "annotations", "panels"),
    "panel": ("id", "type", "title", "description", "gridPos", "datasource", "targets",
              "transformations", "fieldConfig", "options"),
    "target": ("refId", "datasource", "expr", "legendFormat"),
}


def rule(remedy):
    """Registers a function of a dashboard that yields (where, what is wrong)."""
    def register(function):
        name = function.__name__.replace("_", "-")

        @functools.wraps(function)
        def check(dashboard):
            return [f"{where}: {name}: {fault}; {remedy}" for where, fault in function(dashboard)]
        RULES[name] = check
        return check
    return register


def of_panels(function):
    """Makes a rule of panels one of dashboards; panels without data are left out."""
    @functools.wraps(function)
    def check(dashboard):
        for panel in dashboard.panels:
            if not panel.is_mute:
                for fault in function(panel):
                    yield panel.where, fault
    return check


def of_queries(function):
    @functools.wraps(function)
    def check(dashboard):
        for target in dashboard.targets:
            for fault in function(target):
                yield target.where, fault
    return check


@rule("a dashboard has uid, title, description and tags; see UIDS in lint.py")
def dashboard_identity(dashboard):
    for key in ("uid", "title", "description", "tags"):
        if not dashboard.raw.get(key):
            yield dashboard.name, f"{key} is missing"
    if dashboard.uid != UIDS.get(dashboard.name):
        yield dashboard.name, f"uid {dashboard.uid!r}, expected {UIDS.get(dashboard.name)!r}"
    if "usage" not in dashboard.raw.get("tags", []):
        yield dashboard.name, "tag 'usage' is missing"


@rule('set "schemaVersion": 42, which Grafana 12 does not migrate')
def schema_version(dashboard):
    if dashboard.raw.get("schemaVersion") != 42:
        yield dashboard.name, f"schemaVersion {dashboard.raw.get('schemaVersion')}"


@rule("delete it: Grafana sets it, and a difference would be seen for ever")
def no_state_of_a_server(dashboard):
    for key in ("id", "version", "iteration", "gnetId", "__inputs", "__requires"):
        if key in dashboard.raw:
            yield dashboard.name, f"has {key!r}"


@rule('set "editable": false; usagectl would overwrite what somebody edits')
def uneditable(dashboard):
    if dashboard.raw.get("editable") is not False:
        yield dashboard.name, "is editable"


@rule('set "timezone": "": the org\'s preferences have the tenant\'s zone')
def time_zone_of_the_org(dashboard):
    if dashboard.raw.get("timezone") != "":
        yield dashboard.name, f"timezone {dashboard.raw.get('timezone')!r}"
    if dashboard.raw.get("weekStart"):
        yield dashboard.name, f"weekStart {dashboard.raw['weekStart']!r}"


def _seconds(text):
    found = re.fullmatch(r"(\d+)([smhd])", text)
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]] if found else 0


@rule("Grafana's min_refresh_interval is 5s")
def refresh_not_below_5s(dashboard):
    intervals = dashboard.raw.get("timepicker", {}).get("refresh_intervals", [])
    for text in [dashboard.raw.get("refresh"), *intervals]:
        if text and _seconds(text) < 5:
            yield dashboard.name, f"refresh {text!r}"


@rule("write it as json.dumps(…, indent=2, ensure_ascii=False) does: lint.py --write FILE")
def formatted(dashboard):
    if dashboard.text is not None and dashboard.text != _formatted(dashboard.raw):
        yield dashboard.name, "is not formatted"


def _formatted(raw):
    return json.dumps(raw, indent=2, ensure_ascii=False) + "\n"


def _in_order(raw, kind):
    known = [key for key in raw if key in ORDER[kind]]
    return known == sorted(known, key=ORDER[kind].index)


@rule("what tells the reader most comes first: ORDER in lint.py")
def keys_in_order(dashboard):
    if not _in_order(dashboard.raw, "dashboard"):
        yield dashboard.name, "keys of the dashboard"
    for panel in dashboard.panels:
        if not _in_order(panel.raw, "panel"):
            yield panel.where, "keys of the panel"
        for target in panel.targets:
            if not _in_order(target.raw, "target"):
                yield target.where, "keys of the query"


@rule("each panel has an id of its own, links and screens name it")
def unique_panel_ids(dashboard):
    seen = set()
    for panel in dashboard.panels:
        number = panel.raw.get("id")
        if not isinstance(number, int) or number < 1 or number in seen:
            yield panel.where, f"id {number!r}"
        seen.add(number)


@rule("each panel has a title, other than the others'")
def titles(dashboard):
    seen = set()
    for panel in dashboard.panels:
        if not panel.title.strip() or panel.title in seen:
            yield panel.where, "the title is missing or taken"
        seen.add(panel.title)


@rule("say in one sentence, with a full stop, what one sees")
@of_panels
def one_sentence_description(panel):
    text = panel.raw.get("description", "")
    if not text:
        yield "the description is missing"
    elif not text.endswith(".") or re.search(r"[.!?]\s", text) or "\n" in text:
        yield f"not one sentence: {text!r}"


@rule("Grafana's text is 'No data': say what it means here (fieldConfig.defaults.noValue)")
@of_panels
def text_for_no_data(panel):
    if not panel.defaults.get("noValue"):
        yield "noValue is missing"


@rule("add a query")
@of_panels
def has_queries(panel):
    if not panel.targets:
        yield "no query"


@rule("choose one of palette.py, in fieldConfig.defaults.unit")
@of_panels
def known_unit(panel):
    if not panel.units:
        yield "no unit"
    for unit in sorted(panel.units - UNITS.keys()):
        yield f"unit {unit!r}"


VOLUME = re.compile(r"\busage_\w*(?:upload|download)_bytes\b|\busage_quota_bytes\b"
                    r"|\busage_month_(?:curve|forecast)_bytes\b|\b\w+:usage_\w+_bytes:sum\b")
# Of a counter, or of a gauge of today.
RATE = re.compile(r"\bi?rate\(\s*\w+_bytes_total\b|\bderiv\(\s*usage_\w+_bytes\b")


RECORDED_BITS = re.compile(r"\b\w+:usage_\w*bps:\w+")


def _wanted_unit(expression):
    """What divides yields a share or a ratio, whatever it is made of: ''."""
    if "/" in expression:
        return ""
    if RATE.search(expression) or RECORDED_BITS.search(expression):
        return "bps"
    return "decbytes" if VOLUME.search(expression) else ""


@rule("rates of octets × 8 are bps, volumes are decbytes")
@of_panels
def unit_of_what_is_shown(panel):
    for target in panel.targets:
        wanted = _wanted_unit(target.expression)
        is_rate = RATE.search(target.expression)
        if is_rate and wanted and not re.search(r"\*\s*8\b|\b8\s*\*", target.expression):
            yield f"{target.raw.get('refId')} has a rate of octets that is not multiplied by 8"
        elif wanted and wanted not in panel.units:
            yield f"{target.raw.get('refId')} wants {wanted}, units {sorted(panel.units)}"


def _is_good_source(target, source):
    wanted = {"datasource"} if target.is_live else {"prometheus"}
    uid = "grafana" if target.is_live else "${datasource}"
    return source.get("type") in wanted and source.get("uid") == uid


@rule('use {"type": "prometheus", "uid": "${datasource}"}; for Live {"type": "datasource", '
      '"uid": "grafana"}; a panel has one: with "-- Mixed --" it shows nothing while Live goes on')
@of_panels
def data_source_by_variable(panel):
    for target in panel.targets:
        if not _is_good_source(target, target.raw.get("datasource", {})):
            yield f"{target.raw.get('refId')} asks {target.raw.get('datasource')}"
    of_panel = panel.raw.get("datasource", {})
    if any(of_panel != target.raw.get("datasource") for target in panel.targets):
        yield f"the panel has {of_panel}"


@rule("see docs/dashboards.md, variables")
def variables(dashboard):
    source = dashboard.variable("datasource") or {}
    if source.get("type") != "datasource" or source.get("query") != "prometheus":
        yield dashboard.name, "no variable 'datasource' of type prometheus"
    elif source.get("current", {}).get("value") != "usage-prometheus" or source.get("hide") != 2:
        yield dashboard.name, "'datasource' is not hidden or not usage-prometheus at first"
    if dashboard.is_tenant and not dashboard.variable("tenant"):
        yield dashboard.name, "no variable 'tenant'"
    for variable in dashboard.variables:
        if variable.get("type") == "query" and variable.get("refresh") != 2:
            yield dashboard.name, f"${variable['name']} does not refresh with the time range (2)"


@rule("the query must not know any tenant: write $tenant")
@of_queries
def no_tenant_by_name(target):
    for value in re.findall(r'tenant_id\s*=~?\s*"([^"]*)"', target.expression):
        if not value.startswith("$") and value not in (".+", ""):
            yield f'tenant_id="{value}"'


@rule("a range of $__rate_interval holds two samples at every zoom; else add it to FIXED_RANGES")
@of_queries
def rate_interval(target):
    name, title = target.panel.dashboard.name, target.panel.title
    for function, span in re.findall(r"\b(i?rate|deriv)\([^\[\]]*\[([^\]]*)\]", target.expression):
        if span != "$__rate_interval" and (name, title) not in FIXED_RANGES:
            yield f"{function}()[{span}]"


@rule("closed days and months come from the ledger (/metrics/history), today and this month from "
      "their gauges: increase() guesses at both ends")
@of_queries
def no_increase_for_usage(target):
    for metric, span in re.findall(r"\bincrease\(\s*(\w*)[^\[\]]*\[([^\]]*)\]", target.expression):
        if re.search(r"(upload|download)_bytes_total", metric):
            yield f"increase({metric})"
        elif re.fullmatch(r"\d+[dwy]", span):
            yield f"increase({metric}[{span}])"


def _word(text):
    """The first of the coloured words in a name: 'last month, download' is grey."""
    lower = text.lower()
    return next((word for word in ("last month", "yesterday", "quota", "download", "upload",
                                   "hotspot", "pppoe") if word in lower), None)


@rule("use palette.py's colours")
def colours_of_the_table(dashboard):
    for panel in dashboard.panels:
        for raw in model.walk(panel.raw):
            for key in ("color", "fixedColor"):
                colour = raw.get(key)
                if isinstance(colour, str) and colour not in (*COLOURS.values(), *NAMED):
                    yield panel.where, f"colour {colour}"


@rule("a series has the same colour on every panel: palette.py")
@of_panels
def colours_mean_the_same(panel):
    for matcher, properties in panel.overrides:
        word = _word(str(matcher.get("options", "")))
        colour = (properties.get("color") or {}).get("fixedColor")
        if word and colour and colour != COLOURS[word]:
            yield f"{matcher['options']!r} is {colour}, not {COLOURS[word]}"


COLOURED_TYPES = ("timeseries", "barchart", "piechart", "bargauge", "trend")


def _words_of_series(target):
    """What its series are called in legends that say it."""
    legend = target.raw.get("legendFormat", "")
    words = {_word(legend)} - {None}
    return words or ({"hotspot", "pppoe"} if legend.strip() == "{{access}}" else set())


@rule("add an override by name with the colour of palette.py")
@of_panels
def coloured_series(panel):
    if panel.type not in COLOURED_TYPES:
        return
    coloured = {_word(str(matcher.get("options", "")))
                for matcher, properties in panel.overrides if "color" in properties}
    fixed = (panel.defaults.get("color") or {}).get("fixedColor")
    wanted = set().union(*(_words_of_series(target) for target in panel.targets))
    for word in sorted(wanted - coloured):
        if fixed != COLOURS[word]:
            yield f"{word} has no colour of its own"


@rule("these are Grafana's, made without thought: set steps that mean something, or one")
@of_panels
def thresholds_of_its_own(panel):
    steps = [(step.get("color"), step.get("value"))
             for step in panel.defaults.get("thresholds", {}).get("steps", [])]
    if steps in ([("green", None), ("red", 80)], [("green", 0), ("red", 80)]):
        yield "thresholds green, red from 80"


def _cells(panel):
    grid = panel.raw.get("gridPos", {})
    x, y, w, h = (grid.get(key, 0) for key in "xywh")
    return [(column, row) for column in range(x, x + w) for row in range(y, y + h)]


def _top_panels(dashboard):
    """Those of a collapsed row take no room."""
    raws = [id(raw) for raw in dashboard.raw.get("panels", [])]
    return [panel for panel in dashboard.panels if id(panel.raw) in raws]


@rule("move or shrink one of them")
def no_overlap(dashboard):
    taken = {}
    for panel in _top_panels(dashboard):
        others = {taken[cell].title for cell in _cells(panel) if cell in taken}
        for title in sorted(others):
            yield panel.where, f'lies on "{title}"'
        taken.update(dict.fromkeys(_cells(panel), panel))


@rule("the grid has 24 columns, and a hole in it looks like something missing")
def full_rows(dashboard):
    cells = {cell for panel in _top_panels(dashboard) for cell in _cells(panel)}
    for panel in _top_panels(dashboard):
        if not _cells(panel) or max(column for column, _ in _cells(panel)) > 23:
            yield panel.where, f"gridPos {panel.raw.get('gridPos')}"
    for row in range(max((row for _, row in cells), default=-1) + 1):
        if not all((column, row) in cells for column in range(24)):
            yield dashboard.name, f"row {row} of the grid is not full"
            return


@rule("link to the uid of a dashboard in dashboards/")
def links_reach_a_dashboard(dashboard):
    for raw in model.walk(dashboard.raw):
        for uid in re.findall(r"(?:^|[^\w])d/([\w-]+)", str(raw.get("url", ""))):
            if uid not in UIDS.values():
                yield dashboard.name, f"link to /d/{uid}"


def check(dashboard):
    """What is wrong, as lines that name file, panel, rule and remedy."""
    return [line for rule_of in RULES.values() for line in rule_of(dashboard)]


def write(path):
    """Formats a file."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(_formatted(raw), encoding="utf-8")


def main(arguments):
    paths = [model.pathlib.Path(argument) for argument in arguments if argument != "--write"]
    paths = paths or sorted(model.FOLDER.glob("*/*.json"))
    if "--write" in arguments:
        for path in paths:
            write(path)
    faults = [line for path in paths for line in check(model.load(path))]
    print("\n".join(faults) if faults else f"{len(paths)} dashboards, no faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
