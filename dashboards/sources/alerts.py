"""Alerts: what fired for the tenant."""

from parts import (dashboard, field, labelled, now, of, panel, query, rows, stat, steps, table,
                   transformation)

FIRING = of("ALERTS", ', alertstate="firing"')
SEVERITY = [{"type": "value", "options": {"critical": {"color": "red", "index": 0},
                                          "warning": {"color": "orange", "index": 1},
                                          "info": {"color": "blue", "index": 2}}}]


def count():
    # No alert is a number here, and no answer is none.
    return stat("Firing now", "How many alerts fire for this tenant.", (0, 0, 6, 8),
                [now("A", f"count({FIRING}) or vector(0)", "Firing")], unit="short",
                none="no answer",
                defaults={"thresholds": steps(("green", None), ("red", 1))},
                options={"colorMode": "background_solid", "textMode": "value",
                         "text": {"valueSize": 44}})


def firing():
    return table("What fires", "The alerts that fire now, with the labels that tell what they are "
                 "about.", (6, 0, 18, 8), [rows("A", FIRING)], unit="string", none="nothing fires",
                 transformations=[
                     transformation("organize", excludeByName={
                         name: True for name in ("Time", "Value", "__name__", "alertstate", "job",
                                                 "instance", "tenant_id")},
                         renameByName={"alertname": "Alert", "severity": "Severity"},
                         indexByName={"alertname": 0, "severity": 1})],
                 overrides=[field("Severity", mappings=SEVERITY, custom_width=110,
                                  custom_cellOptions={"type": "color-background",
                                                      "mode": "basic"})])


def timeline():
    # Where nothing fires there is no series, and Grafana has no text for that: so there is a line.
    quiet = labelled("alertname", "none", "vector(0)")
    fired = f"max by (alertname, severity) ({FIRING}) or on () {quiet}"
    states = {"0": {"text": "nothing fires", "color": "green"},
              "1": {"text": "firing", "color": "red"}}
    return panel("state-timeline", "What fired", "When each alert fired over the time range.",
                 (0, 8, 24, 9), [query("A", fired, "{{alertname}} {{severity}}", interval="1m")],
                 unit="short", none="nothing fired",
                 defaults={"custom": {"fillOpacity": 85, "lineWidth": 0},
                           "mappings": [{"type": "value", "options": states}]},
                 options={"showValue": "auto", "mergeValues": True, "rowHeight": 0.7,
                          "legend": {"showLegend": False, "displayMode": "list",
                                     "placement": "bottom"},
                          "tooltip": {"mode": "single"}})


def make():
    return dashboard("usage-alerts", "Alerts", "What fires for this tenant, and what fired.",
                     [count(), firing(), timeline()], since="now-7d", refresh="1m")
