"""What the tenants' dashboards are made of: queries, panels, fields, and the dashboard around them.

Every function returns a dict as Grafana 12 reads it, keys in the order in which a person reads.
A query says max by (…) and not sum by (…) where one series per exporter would do: two exporters may
serve the same numbers (docs/operations.md), and added up they would be twice as much.
"""

COLOURS = {
    "download": "#3274D9",
    "upload": "#FF9830",
    "hotspot": "#B877D9",
    "pppoe": "#56A64B",
    "quota": "#E02F44",
    "before": "#8E8E8E",
}
ACCESS_NAMES = {"hotspot": "Hotspot", "pppoe": "PPPoE"}
# Mappings of a table's cells.
SEVERITY = [{"type": "value", "options": {"critical": {"color": "red", "index": 0},
                                          "warning": {"color": "orange", "index": 1},
                                          "info": {"color": "blue", "index": 2}}}]
PROMETHEUS = {"type": "prometheus", "uid": "${datasource}"}
LIVE = {"type": "datasource", "uid": "grafana"}
# A table's cell with a bar beside the number.
BAR = {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}


# Expressions


def of(metric, matchers=""):
    """`metric` of the tenant."""
    return f'{metric}{{tenant_id="$tenant"{matchers}}}'


def by(labels, metric, matchers=""):
    """One value for each combination of the labels."""
    return f"max by ({labels}) ({of(metric, matchers)})"


def both_ways(family, labels="access", matchers=""):
    """Upload and download together; `family` is what stands before the direction."""
    return " + ".join(by(labels, f"{family}_{way}_bytes", matchers)
                      for way in ("download", "upload"))


def bits(direction, labels="access", span="$__rate_interval"):
    """Bits a second."""
    counter = of(f"usage_{direction}_bytes_total")
    return f"max by ({labels}) (rate({counter}[{span}])) * 8"


def live_bits(direction, labels="access"):
    """Bits a second as routers count them now; where none tells, the rate of what is accounted."""
    counted = by(labels, f"usage_live_{direction}_bytes_per_second")
    return f"({counted} * 8 or {bits(direction, labels)})"


def labelled(label, value, expression):
    return f'label_replace({expression}, "{label}", "{value}", "", "")'


# Queries


def query(ref, expr, legend="", **more):
    """Over the time range; `more` as interval="1m", the shortest step."""
    return {"refId": ref, "datasource": PROMETHEUS, "expr": expr,
            "legendFormat": legend or "__auto", "range": True, **more}


def now(ref, expr, legend=""):
    """One value: of now, or of the end of the time range."""
    asked = query(ref, expr, legend)
    del asked["range"]
    return {**asked, "instant": True}


def rows(ref, expr):
    """One row for each series, labels as columns."""
    return {**now(ref, expr), "format": "table"}


def live(ref, channel, fields):
    """What usage_exporter pushes, as it comes; `buffer` in ms."""
    return {"refId": ref, "datasource": LIVE, "queryType": "measurements", "channel": channel,
            "filter": {"fields": fields}, "buffer": 900000}


def nothing(ref):
    """Ends at once without data. Beside live(), which says nothing until the first frame comes and
    would look like a query that goes on for ever where none does."""
    return {"refId": ref, "datasource": LIVE, "queryType": "snapshot", "snapshot": []}


# Fields


def colour(name):
    return {"mode": "fixed", "fixedColor": COLOURS.get(name, name)}


def field(name, **properties):
    """What is different for the field of that name; a property custom.width is custom_width."""
    return _override({"id": "byName", "options": name}, properties)


def fields(pattern, **properties):
    return _override({"id": "byRegexp", "options": pattern}, properties)


def _override(matcher, properties):
    values = [{"id": key.replace("custom_", "custom."), "value": value}
              for key, value in properties.items()]
    return {"matcher": matcher, "properties": values}


def access_fields():
    return [field(access, displayName=name, color=colour(access))
            for access, name in ACCESS_NAMES.items()]


def access_texts():
    """Mappings of a table's cells."""
    texts = {access: {"text": name, "color": COLOURS[access], "index": number}
             for number, (access, name) in enumerate(ACCESS_NAMES.items())}
    return [{"type": "value", "options": texts}]


def direction_fields():
    return [field("Download", color=colour("download")), field("Upload", color=colour("upload"))]


def steps(*pairs):
    """(colour, from) …; the first begins at minus infinity."""
    return {"mode": "absolute",
            "steps": [{"color": name, "value": value} for name, value in pairs]}


def link(title, url):
    return {"title": title, "url": url}


def to(dashboard, more=""):
    """The address of another dashboard, for the same tenant."""
    return f"/d/{dashboard}?${{tenant:queryparam}}{more}"


# Transformations


def transformation(name, ref="", **options):
    """`ref`: only what that query gave."""
    made = {"id": name, "options": options}
    return {**made, "filter": {"id": "byRefId", "options": ref}} if ref else made


def matrix(row, column):
    """Rows of a table query as a grid: a row for each `row`, a field for each `column`."""
    return transformation("groupingToMatrix", rowField=row, columnField=column, valueField="Value",
                          emptyValue="null")


def as_number(name):
    return transformation("convertFieldType",
                          conversions=[{"targetField": name, "destinationType": "number"}])


def sorted_by(name, descending=False):
    return transformation("sortBy", fields={}, sort=[{"field": name, "desc": descending}])


# Panels


def panel(kind, title, description, grid, queries, **parts):
    """`grid`: x, y, w, h of 24 columns. `parts`: unit, none (the text for no data), defaults,
    overrides, options, transformations, and what else the panel has."""
    x, y, w, h = grid
    made = {"type": kind, "title": title, "description": description,
            "gridPos": {"x": x, "y": y, "w": w, "h": h}, "datasource": queries[0]["datasource"]}
    made.update(parts.pop("more", {}))
    made["targets"] = queries
    if "transformations" in parts:
        made["transformations"] = parts.pop("transformations")
    defaults = {"unit": parts.pop("unit"), "noValue": parts.pop("none"),
                **parts.pop("defaults", {})}
    made["fieldConfig"] = {"defaults": defaults, "overrides": parts.pop("overrides", [])}
    made["options"] = parts.pop("options", {})
    assert not parts, f"{title}: {sorted(parts)}"
    return made


def stat(title, description, grid, queries, **parts):
    options = {"reduceOptions": {"calcs": ["last"]}, "textMode": "value_and_name",
               "colorMode": "value", "graphMode": "none",
               "text": {"titleSize": 14, "valueSize": 28}, **parts.pop("options", {})}
    return panel("stat", title, description, grid, queries, options=options, **parts)


def series(title, description, grid, queries, **parts):
    """Lines over time."""
    custom = {"lineWidth": 1, "fillOpacity": 15, "showPoints": "never", "spanNulls": False,
              **parts.pop("custom", {})}
    defaults = {"custom": custom, **parts.pop("defaults", {})}
    options = {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
               "tooltip": {"mode": "multi", "sort": "desc"}, **parts.pop("options", {})}
    return panel("timeseries", title, description, grid, queries, defaults=defaults,
                 options=options, **parts)


def bars(title, description, grid, queries, x, **parts):
    """Bars over names; `x` is the field that has these."""
    custom = {"lineWidth": 0, "fillOpacity": 85, **parts.pop("custom", {})}
    defaults = {"custom": custom, **parts.pop("defaults", {})}
    options = {"xField": x, "stacking": "normal", "groupWidth": 0.8, "barWidth": 0.95,
               "showValue": "never", "xTickLabelRotation": 0, "xTickLabelSpacing": 100,
               "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
               "tooltip": {"mode": "multi", "sort": "none"}, **parts.pop("options", {})}
    return panel("barchart", title, description, grid, queries, defaults=defaults, options=options,
                 **parts)


def table(title, description, grid, queries, **parts):
    options = {"cellHeight": "sm", "showHeader": True, **parts.pop("options", {})}
    return panel("table", title, description, grid, queries, options=options, **parts)


# Dashboards


def variables(*more):
    """`datasource` is the same everywhere; `tenant` has one choice in a tenant's org, and is the
    chooser in the operator's, where the same dashboards stand."""
    source = {"name": "datasource", "type": "datasource", "label": "Data source", "hide": 2,
              "query": "prometheus", "current": {"text": "Usage", "value": "usage-prometheus"}}
    tenant = {"name": "tenant", "type": "query", "label": "Tenant", "datasource": PROMETHEUS,
              "query": {"refId": "tenant", "qryType": 3,
                        "query": "query_result(usage_tenant_info)"},
              "regex": r'/[{,]tenant="(?<text>(?:[^"\\]|\\.)*)".*[{,]tenant_id="(?<value>[^"]*)"/',
              "refresh": 2, "sort": 5}
    return {"list": [source, tenant, *more]}


PAGES = {"usage": "Usage", "usage-history": "History", "usage-subscribers": "Subscribers",
         "usage-alerts": "Alerts"}


def dashboard(uid, title, description, panels, *, since, refresh, more_variables=()):
    """`since`: the beginning of its time range, as now-24h."""
    links = [{"title": name, "type": "link", "url": to(page)}
             for page, name in PAGES.items() if page != uid]
    numbered = [{"id": number, **made} for number, made in enumerate(panels, 1)]
    return {"uid": uid, "title": title, "description": description, "tags": ["usage", "tenant"],
            "schemaVersion": 42, "editable": False, "timezone": "", "refresh": refresh,
            "time": {"from": since, "to": "now"}, "links": links,
            "templating": variables(*more_variables), "panels": numbered}
