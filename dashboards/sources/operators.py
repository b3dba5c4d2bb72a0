"""What the operator's dashboards have in common, beside parts.py.

Expressions are of all tenants. max by (…) stands below every sum: two exporters may serve the same
numbers.
"""

from parts import field, link, panel, rows, series, stat, steps, table, transformation, variables

PAGES = {"usage-fleet": "Fleet", "usage-trust": "Accounting trust", "usage-routers": "Routers",
         "usage-system": "System"}
# Reports of RADIUS come up to ten minutes apart; after thirty a session counts as stale.
AGE = steps(("green", None), ("orange", 600), ("red", 1800))
NONE_IS_GOOD = steps(("green", None), ("red", 1))
FEW_ARE_GOOD = steps(("green", None), ("orange", 1))
# A column for links only; the first is Grafana's name for it since 12.2, the other the one before.
HIDDEN = {"custom_hideFrom.viz": True, "custom_hidden": True}
SINCE_DATA = "time() - tenant:usage_data_timestamp_seconds:max"
WITH_SESSIONS = "tenant:usage_sessions:sum > 0"
NAMES = "max by (tenant_id, tenant) (usage_tenant_info)"


def every(metric, labels="tenant_id, access"):
    """One value for each combination of the labels, of all tenants."""
    return f"max by ({labels}) ({metric})"


def per_tenant(metric):
    return f"sum by (tenant_id) ({every(metric)})"


def both_directions(family, of=per_tenant):
    """Upload and download together; WAY in the name stands for either."""
    return " + ".join(of(family.replace("WAY", way)) for way in ("download", "upload"))


def of_source(metric):
    return every(metric, "source")


def figure(title, description, grid, query, **parts):
    """One number, as it is now."""
    options = {"textMode": "value", **parts.pop("options", {})}
    return stat(title, description, grid, [query], options=options, **parts)


def alarm(title, description, grid, query, thresholds, **parts):
    """One number whose colour says whether it is good."""
    defaults = {"thresholds": thresholds, **parts.pop("defaults", {})}
    return figure(title, description, grid, query, defaults=defaults,
                  options={"colorMode": "background_solid"}, **parts)


def meters(title, description, grid, queries, thresholds, names="top", **parts):
    """A bar for each series, as it is now; `names` stand on top of the bars or to their left."""
    heights = (36, 48) if names == "top" else (18, 28)
    defaults = {"min": 0, "thresholds": thresholds, **parts.pop("defaults", {})}
    return panel("bargauge", title, description, grid, queries, defaults=defaults,
                 options={"orientation": "horizontal", "displayMode": "basic", "valueMode": "text",
                          "namePlacement": names, "sizing": "manual", "minVizHeight": heights[0],
                          "maxVizHeight": heights[1], "text": {"titleSize": 14, "valueSize": 14},
                          "reduceOptions": {"calcs": ["last"]}}, **parts)


def lines(title, description, grid, queries, **parts):
    """Over time, with the newest and the largest value of each."""
    options = {"legend": {"displayMode": "table", "placement": "bottom", "showLegend": True,
                          "calcs": ["lastNotNull", "max"]}}
    defaults = {"min": 0, **parts.pop("defaults", {})}
    return series(title, description, grid, queries, options=options, defaults=defaults, **parts)


def tenant_link():
    """Of a field with the tenant's name, in rows that have tenant_id too."""
    return [link("Open ${__value.text}", "/d/usage?var-tenant=${__data.fields.tenant_id}")]


def largest(title, description, grid, expression, column, **parts):
    """The ten tenants with the largest value, by name."""
    asked = f"topk(10, {expression})\n  * on (tenant_id) group_left (tenant) {NAMES}"
    shown = parts.pop("shown", {})
    return table(title, description, grid, [rows("A", asked)],
                 transformations=[
                     transformation("sortBy", fields={}, sort=[{"field": "Value", "desc": True}]),
                     transformation("organize", excludeByName={"Time": True},
                                    indexByName={"tenant": 0, "Value": 1, "tenant_id": 2},
                                    renameByName={"tenant": "Tenant", "Value": column})],
                 overrides=[field("Tenant", unit="string", links=tenant_link()),
                            field("tenant_id", **HIDDEN), field(column, **shown)],
                 **parts)


def dashboard(uid, title, description, panels, *, since, refresh):
    """As the tenants', without a tenant to choose."""
    links = [{"title": name, "type": "link", "url": f"/d/{page}"}
             for page, name in PAGES.items() if page != uid]
    numbered = [{"id": number, **made} for number, made in enumerate(panels, 1)]
    source, _ = variables()["list"]
    return {"uid": uid, "title": title, "description": description, "tags": ["usage", "operator"],
            "schemaVersion": 42, "editable": False, "timezone": "", "refresh": refresh,
            "time": {"from": since, "to": "now"}, "links": links,
            "templating": {"list": [source]}, "panels": numbered}
