"""Subscribers: the largest of them, and all others as one."""

from parts import (BAR, access_texts, both_ways, by, colour, dashboard, field, fields, link, query,
                   rows, series, sorted_by, table, transformation)

PAGE = "/d/usage-subscriber?${tenant:queryparam}&var-subscriber="


def live_rate(metric):
    """Bits a second of a gauge of today. Not rate(): who enters the largest leaves `other`, and a
    sum that falls is no counter that began anew."""
    return f"clamp_min(deriv({metric}[$__rate_interval]), 0) * 8"


def largest():
    columns = [("A", both_ways("usage_subscriber_month", "access, subscriber"), "This month"),
               ("B", both_ways("usage_subscriber_today", "access, subscriber"), "Today"),
               ("C", by("access, subscriber", "usage_subscriber_today_download_bytes"),
                "Down today"),
               ("D", by("access, subscriber", "usage_subscriber_today_upload_bytes"), "Up today"),
               ("E", by("access, subscriber", "usage_subscriber_sessions"), "Sessions")]
    order = ["subscriber", "Value #A", "Value #B", "Value #C", "Value #D", "Value #E", "access"]
    named = {f"Value #{ref}": name for ref, _, name in columns}
    return table("Largest subscribers", "The largest of the month by access, and all others "
                 "together as other.", (0, 0, 24, 13),
                 [rows(ref, expr) for ref, expr, _ in columns],
                 unit="decbytes", none="no subscriber yet",
                 defaults={"min": 0, "fieldMinMax": True},
                 transformations=[
                     transformation("merge"), sorted_by("Value #A", descending=True),
                     transformation("organize", excludeByName={"Time": True},
                                    renameByName={"subscriber": "Subscriber", "access": "Access",
                                                  **named},
                                    indexByName={name: n for n, name in enumerate(order)})],
                 overrides=[field("Subscriber", custom_minWidth=150, links=[link(
                                "This subscriber", PAGE + "${__value.raw:percentencode}")]),
                            field("This month", custom_cellOptions=BAR, custom_minWidth=160,
                                  color=colour("semi-dark-blue")),
                            field("Today", custom_cellOptions=BAR, custom_minWidth=160,
                                  color=colour("semi-dark-blue")),
                            field("Sessions", unit="short", custom_width=90),
                            field("Access", custom_width=90, mappings=access_texts(),
                                  custom_cellOptions={"type": "color-text"})])


def trend():
    rates = " + ".join(
        f"max by (access, subscriber) ({live_rate(metric)})"
        for metric in (f'usage_subscriber_today_{way}_bytes{{tenant_id="$tenant"}}'
                       for way in ("download", "upload")))
    return series("Traffic by subscriber", "Mean traffic in both directions of each, one upon the "
                  "other.", (0, 13, 24, 11),
                  [query("A", rates, "{{subscriber}} ({{access}})", interval="1m")],
                  unit="bps", none="no traffic yet",
                  custom={"stacking": {"mode": "normal"}, "fillOpacity": 60, "lineWidth": 0},
                  defaults={"min": 0, "color": {"mode": "palette-classic-by-name"}},
                  overrides=[fields("/^other /", color=colour("before"))],
                  options={"legend": {"displayMode": "table", "placement": "right",
                                      "showLegend": True, "calcs": ["mean"], "sortBy": "Mean",
                                      "sortDesc": True}})


def right_now():
    both = " + ".join(by("access, subscriber", f"usage_subscriber_live_{way}_bytes_per_second")
                      for way in ("download", "upload"))
    return series("Now", "Traffic in both directions of each, as the routers count it.",
                  (0, 24, 24, 11),
                  [query("A", f"({both}) * 8", "{{subscriber}} ({{access}})", interval="5s")],
                  unit="bps", none="the routers are not read",
                  defaults={"min": 0, "color": {"mode": "palette-classic-by-name"}},
                  overrides=[fields("/^other /", color=colour("before"))],
                  options={"legend": {"displayMode": "table", "placement": "right",
                                      "showLegend": True, "calcs": ["lastNotNull"],
                                      "sortBy": "Last *", "sortDesc": True}},
                  more={"timeFrom": "15m", "hideTimeOverride": True})


def make():
    return dashboard("usage-subscribers", "Subscribers", "Who uses most, today and this month, and "
                     "when.", [largest(), trend(), right_now()], since="now-24h", refresh="1m")
