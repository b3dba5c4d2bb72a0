"""One subscriber's page."""

from parts import (PROMETHEUS, both_ways, colour, dashboard, direction_fields, field, link, now, of,
                   query, series, stat, to)
from subscribers import live_rate

SELF = ', subscriber="$subscriber"'


def mine(metric):
    """Of the subscriber, over the ways of access."""
    return f"sum(max by (access) ({of(metric, SELF)}))"


def both(family):
    return f"sum({both_ways(family, matchers=SELF)})"


def directions(family):
    return [now(ref, mine(f"{family}_{way.lower()}_bytes"), way)
            for ref, way in (("A", "Download"), ("B", "Upload"))]


def today():
    return stat("Today", "Bytes of the subscriber since midnight.", (0, 0, 6, 4),
                directions("usage_subscriber_today"), unit="decbytes",
                none="not among the largest", overrides=direction_fields(),
                defaults={"links": [link("All subscribers", to("usage-subscribers"))]})


def month():
    return stat("This month", "Bytes of the subscriber since the billing day.", (6, 0, 6, 4),
                directions("usage_subscriber_month"), unit="decbytes",
                none="not among the largest", overrides=direction_fields())


def share():
    part = f"{both('usage_subscriber_month')} / sum({both_ways('usage_month')})"
    return stat("Share of the month", "The subscriber's part of the tenant's bytes of this month.",
                (12, 0, 6, 4),
                [now("A", part, "Share")],
                unit="percentunit", none="not among the largest",
                defaults={"decimals": 1, "color": colour("text")}, options={"textMode": "value"})


def sessions():
    return stat("Open sessions", "Sessions of the subscriber that are open now.", (18, 0, 6, 4),
                [now("A", mine("usage_subscriber_sessions"), "Open")], unit="short",
                none="not among the largest", defaults={"color": colour("text")},
                options={"textMode": "value"})


def rate():
    asked = [query(ref, "sum(max by (access) ("
                   + live_rate(of(f"usage_subscriber_today_{way.lower()}_bytes", SELF)) + "))",
                   way, interval="1m") for ref, way in (("A", "Download"), ("B", "Upload"))]
    return series("Live rate", "Mean traffic of the subscriber over each step of the time range.",
                  (0, 4, 24, 9), asked, unit="bps", none="not among the largest",
                  overrides=direction_fields(), defaults={"min": 0})


def bytes_of_today():
    return series("Bytes since midnight", "How each day of the time range filled, both directions.",
                  (0, 13, 12, 8),
                  [query("A", both("usage_subscriber_today"), "Both", interval="1m")],
                  unit="decbytes", none="not among the largest", defaults={"min": 0},
                  overrides=[field("Both", color=colour("semi-dark-blue"))])


def sessions_over_time():
    return series("Sessions", "Open sessions of the subscriber over the time range.",
                  (12, 13, 12, 8),
                  [query("A", mine("usage_subscriber_sessions"), "Open", interval="1m")],
                  unit="short", none="not among the largest",
                  custom={"lineInterpolation": "stepAfter"}, defaults={"min": 0, "decimals": 0},
                  overrides=[field("Open", color=colour("semi-dark-blue"))])


def chooser():
    names = of("usage_subscriber_month_download_bytes")
    return {"name": "subscriber", "type": "query", "label": "Subscriber", "datasource": PROMETHEUS,
            "query": {"refId": "subscriber", "qryType": 1,
                      "query": f"label_values({names}, subscriber)"},
            "refresh": 2, "sort": 5}


def make():
    panels = [today(), month(), share(), sessions(), rate(), bytes_of_today(), sessions_over_time()]
    return dashboard("usage-subscriber", "Subscriber", "One of the largest subscribers: today, "
                     "this month, now.", panels, since="now-24h", refresh="30s",
                     more_variables=[chooser()])
