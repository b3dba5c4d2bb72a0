"""Usage: what a tenant sees first."""

from parts import (access_fields, as_number, bars, both_ways, by, colour, dashboard,
                   direction_fields, field, labelled, link, live, live_bits, matrix, nothing, now, of, panel,
                   query, rows, series, sorted_by, stat, steps, to, transformation)

TODAY = f"sum({both_ways('usage_today')})"
MONTH = f"sum({both_ways('usage_month')})"
QUOTA = f"max({of('usage_quota_bytes')})"
LEFT = f"clamp_min(max({of('usage_month_end_timestamp_seconds')}) - time(), 0)"
MEDIAN = ', quantile="0.5"'
END = f"max({of('usage_month_forecast_bytes', MEDIAN)})"
NO_DATA = [{"type": "special", "options": {"match": "null+nan", "result": {"text": "no data"}}}]


def right_now():
    # A series that has ended would leave its last value standing: NaN ends it.
    asked = [query(ref, f"sum({live_bits(way.lower())}) or vector(NaN)", way, interval="1m")
             for ref, way in (("A", "Download"), ("B", "Upload"))]
    return stat("Now", "Traffic as the routers count it, or the mean of the last four "
                "minutes where they are not read, above the last hour's.",
                (0, 0, 7, 5), asked, unit="bps", none="no data", overrides=direction_fields(),
                defaults={"mappings": NO_DATA, "links": [link("History", to("usage-history"))]},
                options={"graphMode": "area"}, more={"timeFrom": "1h", "hideTimeOverride": True})


def today():
    before = f"sum({both_ways('usage_today').replace('}', '} offset 1d')})"
    return stat("Today", "Bytes in both directions since midnight, beside yesterday's by the same "
                "time.",
                (7, 0, 8, 5),
                [now("A", TODAY, "Today"), now("B", before, "Yesterday by now"),
                 now("C", f"({TODAY}) / ({before}) - 1", "Change")],
                unit="decbytes", none="no data",
                defaults={"color": colour("text"),
                          "links": [link("Today's subscribers", to("usage-subscribers"))]},
                overrides=[field("Yesterday by now", color=colour("before")),
                           field("Change", unit="percentunit", decimals=0)])


def sessions():
    return stat("Open sessions", "Sessions that are open now, by access.", (15, 0, 5, 5),
                [now("A", by("access", "usage_sessions"), "{{access}}")],
                unit="short", none="no sessions yet", overrides=access_fields(),
                defaults={"links": [link("Subscribers", to("usage-subscribers"))]})


def freshness():
    # Reports of RADIUS come up to ten minutes apart; after thirty a session counts as stale.
    age = f"time() - max({of('usage_data_timestamp_seconds')})"
    return stat("Age of data", "Seconds since the newest accounting data: green below 10 minutes, "
                "red from 30 on.", (20, 0, 4, 5), [now("A", age, "Age")], unit="s", none="no data",
                defaults={"decimals": 0,
                          "thresholds": steps(("green", None), ("orange", 600), ("red", 1800))},
                options={"colorMode": "background_solid", "textMode": "value",
                         "text": {"valueSize": 44}})


def month():
    return stat("This month", "Bytes since the billing day, and where the month ends if its days "
                "go on as they were, weekdays and weekends each by their own.", (0, 5, 10, 4),
                [now("A", MONTH, "So far"), now("B", QUOTA, "Quota"),
                 now("C", END, "Projected end")],
                unit="decbytes", none="no data",
                defaults={"color": colour("text"),
                          "links": [link("This month against the last", to("usage-history"))]},
                overrides=[field("Projected end", noValue="not yet known")])


LASTS = [{"type": "value", "options": {"0": {"text": "it lasts"}}}]


def used_up():
    """0 stands for a quota that lasts by the projection: without either there is no answer."""
    when = f"1000 * max({of('usage_quota_exhausted_timestamp_seconds')}) or 0 * {END} / {QUOTA}"
    return stat("Quota used up", "When the month's quota was used up, or will be by the "
                "projection; and the days that the month still has.", (10, 5, 7, 4),
                [now("A", when, "Used up"), now("B", f"{LEFT} / 86400", "Days left")],
                unit="short", none="no data", defaults={"decimals": 1, "color": colour("text")},
                overrides=[field("Used up", unit="dateTimeAsIso", mappings=LASTS,
                                 noValue="–")],
                options={"text": {"titleSize": 14, "valueSize": 20}})


def quota():
    return panel("bargauge", "Quota", "Shares of the month's quota that are used now, and will be "
                 "by its end.", (17, 5, 7, 4),
                 [now("A", f"({MONTH}) / {QUOTA}", "Used"),
                  now("B", f"{END} / {QUOTA}", "By the end")],
                 unit="percentunit", none="no quota",
                 defaults={"min": 0, "max": 1, "decimals": 0,
                           "thresholds": steps(("green", None), ("orange", 0.8), ("red", 1))},
                 options={"orientation": "horizontal", "displayMode": "basic",
                          "valueMode": "color", "namePlacement": "left",
                          "text": {"titleSize": 14, "valueSize": 20},
                          "reduceOptions": {"calcs": ["last"]}})


def traffic():
    return series("Last hour", "Traffic of the last hour, as Prometheus has it.", (0, 9, 17, 9),
                  [query(ref, f"sum({live_bits(way.lower())})", way, interval="15s")
                   for ref, way in (("A", "Download"), ("B", "Upload"))],
                  unit="bps", none="no traffic yet", overrides=direction_fields(),
                  defaults={"min": 0}, more={"timeFrom": "1h", "hideTimeOverride": True})


def present():
    """A panel of its own: Grafana's mixed data source waits for every query to end, and Live does
    not. The exporter pushes into tenants' orgs only; the operator's shows the text for no data."""
    both = [transformation("calculateField", mode="reduceRow", alias=way,
                           reduce={"reducer": "sum", "include": [
                               f"{way.lower()}_bps {access}" for access in ("hotspot", "pppoe")]})
            for way in ("Download", "Upload")]
    only = transformation("filterFieldsByName", include={"pattern": "/^(time|Download|Upload)$/i"})
    return stat("Live", "Traffic as the exporter pushes it, since the page was opened.",
                (17, 9, 7, 9),
                [live("A", "stream/usage/traffic", ["time", "download_bps", "upload_bps"]),
                 nothing("B")],
                unit="bps", none="no live feed", transformations=[*both, only],
                defaults={"color": colour("text")}, overrides=direction_fields(),
                options={"graphMode": "area", "orientation": "horizontal",
                         "text": {"titleSize": 14, "valueSize": 40},
                         "reduceOptions": {"calcs": ["lastNotNull"]}},
                more={"timeFrom": "5m", "hideTimeOverride": True})


def days():
    closed = f"sum by (access, day) ({both_ways('usage_day', 'access, day')})"
    still_open = labelled("day", "today", both_ways("usage_today"))
    return bars("Last 31 days", "Bytes of each day in both directions, as the ledger has them.",
                (0, 18, 15, 10), [rows("A", f"{closed} or {still_open}")], "day\\access",
                unit="decbytes", none="no day yet",
                transformations=[sorted_by("day"), matrix("day", "access")],
                defaults={"links": [link("Days", to("usage-history"))]},
                overrides=[field("day\\access", noValue=" "), *access_fields()])


WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def empty_week():
    """Zeros, which are not drawn, that make the grid whole: each weekday, and the first two hours
    and the last. Grafana 12 fails on a heat map of one cell, which is what the first hour gives."""
    cells = [(day, 0) for day in range(7)] + [(0, 1), (0, 23)]
    return " or ".join(labelled("weekday", day, labelled("hour", hour, "vector(0)"))
                       for day, hour in cells)


def hours():
    mean = f"max by (weekday, hour) (avg_over_time({of('tenant:usage_week_bps:rate5m')}[28d]))"
    names = {str(number): name[:2] for number, name in enumerate(WEEKDAYS)}
    order = {"hour\\weekday": 0, **{str(d): 7 - (d + 6) % 7 for d in range(7)}}
    return panel("heatmap", "Hours of the week", "Mean traffic in both directions by weekday and "
                 "local hour, of the last four weeks.", (15, 18, 9, 10),
                 [rows("A", f"{mean} or {empty_week()}")],
                 unit="bps", none="no hour measured yet",
                 transformations=[matrix("hour", "weekday"),
                                  as_number("hour\\weekday"),
                                  sorted_by("hour\\weekday"),
                                  transformation("organize", indexByName=order,
                                                 renameByName=names)],
                 options={"calculate": False, "cellGap": 1, "rowsFrame": {"layout": "auto"},
                          "filterValues": {"le": 0},
                          "color": {"mode": "opacity", "fill": "semi-dark-blue", "min": 0,
                                    "scale": "exponential", "exponent": 0.5, "steps": 32},
                          "cellValues": {"unit": "bps"}, "yAxis": {"axisPlacement": "left"},
                          "legend": {"show": True}, "tooltip": {"mode": "single"}})


def make():
    panels = [right_now(), today(), sessions(), freshness(), month(), used_up(), quota(), traffic(),
              present(), days(), hours()]
    return dashboard("usage", "Usage", "What is used now, today and this month, and when.", panels,
                     since="now-24h", refresh="30s")
