"""Fleet: all tenants, for the operator."""

from operators import (AGE, HIDDEN, NAMES, NONE_IS_GOOD, SINCE_DATA, WITH_SESSIONS, alarm,
                       dashboard, figure, lines, meters, of_source, tenant_link)
from parts import (access_fields, colour, direction_fields, field, now, query, rows, stat, steps,
                   table, transformation)

BAR = {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}


def tenants():
    return figure("Tenants", "Tenants that the exporter knows.", (0, 0, 3, 4),
                  now("A", f"count({NAMES})", "Tenants"), unit="short", none="no tenant known",
                  defaults={"color": colour("text")})


def right_now():
    asked = [query(ref, f"fleet:usage_{way.lower()}_bps:rate5m", way)
             for ref, way in (("A", "Download"), ("B", "Upload"))]
    return stat("Now", "Mean traffic of the last five minutes of all tenants, above the "
                "last hour's.", (3, 0, 7, 4), asked, unit="bps", none="no data",
                overrides=direction_fields(), options={"graphMode": "area"},
                more={"timeFrom": "1h", "hideTimeOverride": True})


def volume(title, metric, description, grid):
    return figure(title, description, grid, now("A", f"sum({metric})", title), unit="decbytes",
                  none="no data", defaults={"color": colour("text"), "decimals": 1})


def sessions():
    return stat("Open sessions", "Sessions of all tenants that are open now, by access.",
                (16, 0, 5, 4), [now("A", "access:usage_sessions:sum", "{{access}}")], unit="short",
                none="no sessions yet", overrides=access_fields())


def silent():
    # Without the vector an empty answer would be "no data", which is something else.
    count = f"count(({SINCE_DATA} > 1800) and on (tenant_id) ({WITH_SESSIONS})) or vector(0)"
    return alarm("Silent", "Tenants with an open session whose newest accounting data is "
                 "older than half an hour.", (21, 0, 3, 4), now("A", count, "Silent"), NONE_IS_GOOD,
                 unit="short", none="no answer")


# What a row has: the query's letter, its column, how the column looks.
COLUMNS = (
    ("B", "Today", "tenant:usage_today_bytes:sum",
     {"unit": "decbytes", "noValue": "–", "custom_width": 100}),
    ("C", "This month", "tenant:usage_month_bytes:sum",
     {"unit": "decbytes", "custom_cellOptions": BAR, "color": colour("semi-dark-blue"),
      "custom_minWidth": 150}),
    ("D", "Growth", "tenant:usage_month_bytes:growth",
     {"unit": "percentunit", "decimals": 0, "noValue": "–", "custom_width": 85,
      "custom_cellOptions": {"type": "color-text"},
      "thresholds": steps(("red", None), ("text", -0.2), ("green", 0.2))}),
    ("E", "Quota used",
     "tenant:usage_month_bytes:sum / on (tenant_id) max by (tenant_id) (usage_quota_bytes)",
     {"unit": "percentunit", "decimals": 0, "min": 0, "max": 1, "noValue": "no quota",
      "custom_cellOptions": BAR, "custom_minWidth": 120,
      "thresholds": steps(("green", None), ("orange", 0.8), ("red", 1))}),
    ("F", "Sessions", "tenant:usage_sessions:sum",
     {"unit": "short", "decimals": 0, "noValue": "–", "custom_width": 90}),
    ("G", "Age", SINCE_DATA, {"unit": "s", "decimals": 0, "noValue": "no data", "custom_width": 90,
                              "thresholds": AGE, "custom_cellOptions": {"type": "color-text"}}),
)
SPARKLINE = {"type": "sparkline", "lineWidth": 1, "fillOpacity": 20, "hideValue": False}


def all_tenants():
    """One row each: what was asked for is joined by tenant_id, and the trend is a field of it."""
    asked = [rows("A", "max by (tenant_id, tenant, plan) (usage_tenant_info)")]
    asked += [rows(ref, expression) for ref, _, expression, _ in COLUMNS]
    asked.append(query("H", "tenant:usage_bps:rate10m", "{{tenant_id}}"))
    named = {"tenant": "Tenant", "Trend #H": "Traffic",
             **{f"Value #{ref}": name for ref, name, _, _ in COLUMNS}, "plan": "Plan"}
    order = {name: number for number, name in enumerate([*named, "tenant_id"])}
    return table("All tenants", "Every tenant: traffic over the time range, usage, growth of this "
                 "month's closed days against the month before, quota, and the age of its numbers.",
                 (0, 4, 24, 16), asked, unit="short", none="no tenant known",
                 more={"maxDataPoints": 100},
                 transformations=[
                     transformation("timeSeriesTable", "H", H={"stat": "lastNotNull"}),
                     transformation("joinByField", byField="tenant_id", mode="outer"),
                     transformation("organize", includeByName=dict.fromkeys(order, True),
                                    indexByName=order, renameByName=named)],
                 overrides=[field("Tenant", unit="string", custom_minWidth=170,
                                  custom_filterable=True, links=tenant_link()),
                            field("Plan", unit="string", noValue="–", custom_width=90),
                            field("Traffic", unit="bps", noValue="–", custom_cellOptions=SPARKLINE,
                                  custom_minWidth=180, color=colour("download")),
                            *(field(name, **shown) for _, name, _, shown in COLUMNS),
                            field("tenant_id", **HIDDEN)],
                 options={"sortBy": [{"displayName": "This month", "desc": True}]})


def traffic():
    return lines("Traffic", "What the subscribers of all tenants receive and send.", (0, 20, 10, 9),
                 [query(ref, f"fleet:usage_{way.lower()}_bps:rate5m", way)
                  for ref, way in (("A", "Download"), ("B", "Upload"))],
                 unit="bps", none="no traffic yet", overrides=direction_fields())


def sessions_over_time():
    return lines("Sessions", "Open sessions of all tenants, one access upon the other.",
                 (10, 20, 7, 9), [query("A", "access:usage_sessions:sum", "{{access}}")],
                 unit="short", none="no sessions yet", overrides=access_fields(),
                 custom={"stacking": {"mode": "normal"}, "fillOpacity": 60, "lineWidth": 0})


def feeds():
    age = f"time() - {of_source('usage_source_last_success_timestamp_seconds')}"
    return meters("Age of each feed", "Time since each source was last read and booked.",
                  (17, 20, 7, 9), [now("A", age, "{{source}}")],
                  steps(("green", None), ("orange", 60), ("red", 300)), unit="s",
                  none="no source configured",
                  defaults={"decimals": 0, "max": 300, "displayName": "${__field.labels.source}"})


def make():
    panels = [tenants(), right_now(),
              volume("Today", "tenant:usage_today_bytes:sum", "Bytes in both directions since each "
                     "tenant's own midnight.", (10, 0, 3, 4)),
              volume("This month", "tenant:usage_month_bytes:sum", "Bytes in both directions since "
                     "each tenant's own billing day.", (13, 0, 3, 4)),
              sessions(), silent(), all_tenants(), traffic(), sessions_over_time(), feeds()]
    return dashboard("usage-fleet", "Fleet", "All tenants: who uses how much, who grows, and "
                     "whose numbers are old.", panels, since="now-24h", refresh="30s")
