"""Alerts: what fired for the tenant."""

from parts import (SEVERITY, dashboard, field, labelled, now, of, panel, query, rows, stat, steps,
                   table, transformation)

FIRING = of("ALERTS", ', alertstate="firing", audience="tenant"')
# What alerts/tenant.yaml names, in the words of people who use data. ALERTS has no summaries.
WORDS = {
    "UsageQuotaNotice": "Part of the month's data is used",
    "UsageQuotaWarning": "Much of the month's data is used",
    "UsageQuotaAlmostUsed": "The month's data is almost used up",
    "UsageQuotaUsedUp": "The month's data is used up",
    "UsageQuotaForecast": "The month's data will not do",
    "UsageTrafficSpike": "Much more traffic than usual",
    "UsageTrafficCollapse": "Much less traffic than usual",
    "UsageNoSessions": "Nobody is online",
    "UsageSubscriberShare": "One subscriber uses much of today's data",
}
IN_WORDS = [{"type": "value", "options": {name: {"text": text, "index": number}
                                          for number, (name, text) in enumerate(WORDS.items())}}]


def count():
    # No alert is a number here, and no answer is none.
    return stat("Firing now", "How many alerts fire for this tenant.", (0, 0, 6, 8),
                [now("A", f"count({FIRING}) or vector(0)", "Firing")], unit="short",
                none="no answer",
                defaults={"thresholds": steps(("green", None), ("red", 1))},
                options={"colorMode": "background_solid", "textMode": "value",
                         "text": {"valueSize": 44}})


def firing():
    columns = {"alertname": "Alert", "severity": "Severity", "subscriber": "Subscriber"}
    return table("What fires", "The alerts that fire now, and the subscriber where one is meant.",
                 (6, 0, 18, 8), [rows("A", f"max by ({', '.join(columns)}) ({FIRING})")],
                 unit="string", none="nothing fires",
                 transformations=[
                     transformation("organize", excludeByName={"Time": True, "Value": True},
                                    renameByName=columns,
                                    indexByName={name: number
                                                 for number, name in enumerate(columns)})],
                 overrides=[field("Alert", mappings=IN_WORDS),
                            field("Severity", mappings=SEVERITY, custom_width=110,
                                  custom_cellOptions={"type": "color-background",
                                                      "mode": "basic"}),
                            field("Subscriber", noValue="–")])


def timeline():
    # Where nothing fires there is no series, and Grafana has no text for that: so there is a line.
    quiet = labelled("alertname", "none", "vector(0)")
    fired = f"max by (alertname) ({FIRING}) or on () {quiet}"
    states = {"0": {"text": "nothing fires", "color": "green"},
              "1": {"text": "firing", "color": "red"}}
    return panel("state-timeline", "What fired", "When each alert fired over the time range.",
                 (0, 8, 24, 9), [query("A", fired, "{{alertname}}", interval="1m")],
                 unit="short", none="nothing fired",
                 defaults={"custom": {"fillOpacity": 85, "lineWidth": 0},
                           "mappings": [{"type": "value", "options": states}]},
                 overrides=[field(name, displayName=text) for name, text in WORDS.items()],
                 options={"showValue": "auto", "mergeValues": True, "rowHeight": 0.7,
                          "legend": {"showLegend": False, "displayMode": "list",
                                     "placement": "bottom"},
                          "tooltip": {"mode": "single"}})


def make():
    return dashboard("usage-alerts", "Alerts", "What fires for this tenant, and what fired.",
                     [count(), firing(), timeline()], since="now-7d", refresh="1m")
