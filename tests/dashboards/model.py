"""Dashboards as they stand in dashboards/, read.

A dashboard's `folder` is "tenant" or "operator": a tenant's are shown in the operator's org too.
"""

import json
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "dashboards"
# Panels that show no data of a data source.
MUTE_TYPES = ("row", "text", "dashlist", "news")


class Target:
    """One query of a panel."""

    def __init__(self, panel, raw):
        self.panel, self.raw = panel, raw
        self.expression = raw.get("expr", "")
        self.is_instant = raw.get("instant", False)
        self.interval = raw.get("interval") or panel.raw.get("interval") or ""

    @property
    def is_live(self):
        """Of Grafana's own data source, which knows no PromQL."""
        return self.raw.get("datasource", {}).get("type") == "datasource"

    @property
    def where(self):
        return f"{self.panel.where} {self.raw.get('refId', '?')}"


class Panel:
    def __init__(self, dashboard, raw):
        self.dashboard, self.raw = dashboard, raw
        self.title = raw.get("title", "")
        self.type = raw.get("type", "")
        self.targets = [Target(self, target) for target in raw.get("targets", [])]

    @property
    def is_mute(self):
        return self.type in MUTE_TYPES

    @property
    def where(self):
        return f'{self.dashboard.name} "{self.title or self.raw.get("id", "?")}"'

    @property
    def defaults(self):
        return self.raw.get("fieldConfig", {}).get("defaults", {})

    @property
    def overrides(self):
        """[(matcher, {property id: value})]"""
        return [(override.get("matcher", {}),
                 {item["id"]: item.get("value") for item in override.get("properties", [])})
                for override in self.raw.get("fieldConfig", {}).get("overrides", [])]

    @property
    def units(self):
        """Of its fields, and of a heat map's cells."""
        cells = self.raw.get("options", {}).get("cellValues", {}).get("unit")
        found = [self.defaults.get("unit"), cells]
        found += [properties.get("unit") for _, properties in self.overrides]
        return {unit for unit in found if unit}


class Dashboard:
    def __init__(self, raw, folder, name, text=None):
        self.raw, self.folder, self.name, self.text = raw, folder, name, text
        self.uid = raw.get("uid", "")
        self.panels = [Panel(self, panel) for panel in _with_inner(raw.get("panels", []))]
        self.variables = raw.get("templating", {}).get("list", [])

    @property
    def is_tenant(self):
        return self.folder == "tenant"

    @property
    def targets(self):
        """Of Prometheus."""
        return [target for panel in self.panels for target in panel.targets if not target.is_live]

    def variable(self, name):
        return next((v for v in self.variables if v.get("name") == name), None)


def _with_inner(panels):
    """A collapsed row holds its panels itself."""
    for panel in panels:
        yield panel
        yield from _with_inner(panel.get("panels", []))


def load(path):
    path = pathlib.Path(path).resolve()
    text = path.read_text(encoding="utf-8")
    return Dashboard(json.loads(text), path.parent.name, f"{path.parent.name}/{path.name}", text)


def load_all():
    return [load(path) for path in sorted(FOLDER.glob("*/*.json"))]


def walk(value):
    """Every dict in a JSON value, itself included."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, (dict, list)):
            yield from walk(inner)
