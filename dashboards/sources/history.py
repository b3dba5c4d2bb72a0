"""History: closed days and months as the ledger has them, and how traffic developed."""

from parts import (BAR, access_fields, as_number, bars, bits, both_ways, by, colour, dashboard,
                   direction_fields, field, labelled, link, matrix, now, of, panel, query, rows,
                   series, sorted_by, table, to, transformation)

NO_LEGEND = {"showLegend": False, "displayMode": "list", "placement": "bottom"}
STACKED = {"stacking": {"mode": "normal"}, "fillOpacity": 60, "lineWidth": 0}


def months():
    past = f"sum by (access, month) ({both_ways('usage_past_month', 'access, month')})"
    current = labelled("month", "this month", both_ways("usage_month"))
    return bars("Months", "Bytes of each billing month in both directions, named by its first day.",
                (0, 0, 12, 9), [rows("A", f"{past} or {current}")], "month\\access",
                unit="decbytes", none="no month yet",
                transformations=[sorted_by("month"), matrix("month", "access")],
                overrides=[field("month\\access", noValue=" "), *access_fields()])


def curve():
    """The quota's line goes over the days that either month has."""
    day = by("day, month", "usage_month_curve_bytes")
    limit = (f"0 * {by('day', 'usage_month_curve_bytes')}"
             f" + on () group_left () max({of('usage_quota_bytes')})")
    names = transformation("organize", renameByName={
        "this": "This month", "last": "Last month", "quota": "Quota", "day\\month": "Day"})
    return panel("trend", "This month against the last", "Bytes from the first day of the billing "
                 "month up to the end of each, both directions.", (12, 0, 12, 9),
                 [rows("A", f"{day} or {labelled('month', 'quota', limit)}")],
                 unit="decbytes", none="no day yet",
                 transformations=[sorted_by("day"), matrix("day", "month"), as_number("day\\month"),
                                  names],
                 defaults={"min": 0, "custom": {"lineWidth": 2, "fillOpacity": 0, "spanNulls": True,
                                                "showPoints": "never"}},
                 overrides=[field("Day", unit="none"),
                            field("This month", color=colour("download"), custom_fillOpacity=20),
                            field("Last month", color=colour("before")),
                            field("Quota", color=colour("quota"),
                                  custom_lineStyle={"fill": "dash", "dash": [10, 10]})],
                 options={"xField": "Day", "tooltip": {"mode": "multi", "sort": "none"},
                          "legend": {"displayMode": "list", "placement": "bottom",
                                     "showLegend": True}})


def trend():
    # Each sample of the rule is of one of 168 series, by weekday and hour: they are one line.
    week = of("tenant:usage_week_bps:rate5m")
    mean = f"sum(sum_over_time({week}[1d])) / sum(count_over_time({week}[1d]))"
    asked = [query(ref, f"sum({bits(way.lower())})", way, interval="5m")
             for ref, way in (("A", "Download"), ("B", "Upload"))]
    return series("Trend", "Mean traffic over each step of the time range, and both directions "
                  "over the 24 hours before.", (0, 9, 12, 8),
                  [*asked, query("C", mean, "24 hours", interval="5m")],
                  unit="bps", none="no traffic yet",
                  defaults={"min": 0, "links": [link("Subscribers then", to(
                      "usage-subscribers", "&time=${__value.time}&time.window=3600000"))]},
                  overrides=[*direction_fields(),
                             field("24 hours", color=colour("text"), custom_lineWidth=2,
                                   custom_fillOpacity=0)])


def by_access():
    way = " + ".join(bits(direction) for direction in ("download", "upload"))
    return series("Hotspot and PPPoE", "Mean traffic in both directions, one access upon the "
                  "other.", (12, 9, 12, 8), [query("A", way, "{{access}}", interval="5m")],
                  unit="bps", none="no traffic yet", overrides=access_fields(), custom=STACKED,
                  defaults={"min": 0})


def peak_hours():
    of_week = f"avg_over_time({of('tenant:usage_week_bps:rate5m')}[28d])"
    mean = f"avg by (hour) (max by (weekday, hour) ({of_week}))"
    shown = transformation("organize", excludeByName={"Time": True},
                           renameByName={"Value": "Both directions"})
    as_text = transformation("convertFieldType",
                             conversions=[{"targetField": "hour", "destinationType": "string"}])
    return bars("Peak hours", "Mean traffic in both directions by local hour, of the last four "
                "weeks.", (0, 17, 8, 8), [rows("A", mean)], "hour", unit="bps",
                none="no hour measured yet",
                transformations=[as_number("hour"), sorted_by("hour"), shown, as_text],
                defaults={"color": colour("semi-dark-blue")},
                overrides=[field("hour", unit="none", noValue=" ")],
                options={"xTickLabelSpacing": 40, "legend": NO_LEGEND})


def session_length():
    open_now = of("usage_sessions")
    ended = of("usage_sessions_ended_total")
    mean = (f"max by (access) (avg_over_time({open_now}[$__rate_interval]))"
            f" / (max by (access) (rate({ended}[$__rate_interval])) > 0)")
    return series("Average session", "Mean number of open sessions divided by how many end a "
                  "second, which is their mean length (Little's law).", (8, 17, 8, 8),
                  [query("A", mean, "{{access}}", interval="1h")], unit="s",
                  none="no session has ended yet", overrides=access_fields(),
                  custom={"fillOpacity": 0, "lineWidth": 2}, defaults={"min": 0})


def shares():
    return panel("piechart", "Shares of the month", "Bytes of this billing month in both "
                 "directions, by access.", (16, 17, 8, 8),
                 [now("A", both_ways("usage_month"), "{{access}}")],
                 unit="decbytes", none="no data", overrides=access_fields(),
                 options={"pieType": "donut", "displayLabels": ["percent"],
                          "reduceOptions": {"calcs": ["last"]},
                          "legend": {"displayMode": "table", "placement": "right",
                                     "showLegend": True, "values": ["value"]},
                          "tooltip": {"mode": "single"}})


def days():
    asked = [rows(ref, f"sum by (day) ({by('access, day', f'usage_day_{way.lower()}_bytes')})")
             for ref, way in (("A", "Download"), ("B", "Upload"))]
    one = transformation("organize",
                         excludeByName={"Time": True},
                         renameByName={"day": "Day", "Value #A": "Download", "Value #B": "Upload"},
                         indexByName={"day": 0, "Value #A": 1, "Value #B": 2})
    both = transformation("calculateField", mode="binary", alias="Both",
                          binary={"left": {"matcher": {"id": "byName", "options": "Download"}},
                                  "operator": "+",
                                  "right": {"matcher": {"id": "byName", "options": "Upload"}}})
    day = "&time=${__value.text}T12:00:00&time.window=86400000"
    return table("Days", "The closed days of the last 31, to the byte; a day leads to its "
                 "subscribers.", (0, 25, 24, 12), asked, unit="decbytes", none="no closed day yet",
                 transformations=[transformation("merge"), sorted_by("day", descending=True), one,
                                  both],
                 overrides=[field("Day", unit="string", custom_width=130,
                                  links=[link("Subscribers of the day",
                                              to("usage-subscribers", day))]),
                            field("Download", unit="locale", custom_minWidth=150),
                            field("Upload", unit="locale", custom_minWidth=150),
                            field("Both", custom_cellOptions=BAR, custom_minWidth=180, min=0,
                                  color=colour("semi-dark-blue"))])


def make():
    panels = [months(), curve(), trend(), by_access(), peak_hours(), session_length(), shares(),
              days()]
    return dashboard("usage-history", "History", "Closed days and months to the byte, and how "
                     "traffic developed.", panels, since="now-31d", refresh="5m")
