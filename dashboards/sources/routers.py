"""Routers: whether they answer, what they count beside accounting, and what they carry."""

from operators import (FEW_ARE_GOOD, NONE_IS_GOOD, alarm, dashboard, every, figure, lines)
from parts import (BAR, colour, field, fields, now, query, rows, sorted_by, steps, table,
                   transformation)

ROUTER = "tenant_id, router"
NO_ROUTER = "no router configured"
NAMED = "{{router}}"
RATE = "rate({}[$__rate_interval])"
STACKED = {"stacking": {"mode": "normal"}, "fillOpacity": 60, "lineWidth": 0}
DRIFT = 'usage_accounting_drift_bytes{span="today"}'
ANSWERS = [{"type": "value", "options": {"1": {"text": "yes", "color": "green", "index": 0},
                                         "0": {"text": "no", "color": "red", "index": 1}}}]


def per_router(metric, labels):
    """The sum of what the router has under these labels more."""
    return f"sum by ({ROUTER}) ({every(metric, f'{ROUTER}, {labels}')})"


def down():
    return alarm("Not answering", "Routers whose last poll failed.", (0, 0, 4, 4),
                 now("A", f"count({every('usage_router_up', ROUTER)} == 0) or vector(0)", "Down"),
                 NONE_IS_GOOD, unit="short", none=NO_ROUTER)


def resting():
    return alarm("Resting", "Routers that failed so often that they are tried rarely.",
                 (4, 0, 4, 4),
                 now("A", f"sum({every('usage_router_resting', ROUTER)})", "Resting"),
                 NONE_IS_GOOD, unit="short", none=NO_ROUTER)


def known():
    return figure("Routers", "Routers in the list.", (8, 0, 4, 4),
                  now("A", f"count({every('usage_router_up', ROUTER)})", "Routers"), unit="short",
                  none=NO_ROUTER, defaults={"color": colour("text")})


def matched():
    share = " / ".join(f"sum({every(metric, f'{ROUTER}, access')})" for metric in
                       ("usage_router_matched_sessions", "usage_router_sessions"))
    return alarm("Matched", "Share of the routers' sessions that are a session of accounting for "
                 "certain.", (12, 0, 4, 4), now("A", share, "Matched"),
                 steps(("red", None), ("orange", 0.9), ("green", 0.98)), unit="percentunit",
                 none=NO_ROUTER)


def lies():
    told = every("increase(usage_router_lies_total[1h])", f"{ROUTER}, case")
    return alarm("Lies", "What routers said within the last hour that can not be true: none is "
                 "counted.", (16, 0, 4, 4), now("A", f"sum({told})", "Lies"), FEW_ARE_GOOD,
                 unit="short", none=NO_ROUTER, defaults={"decimals": 0})


def carried():
    return figure("Carried on", "Sessions that a router carries on beyond accounting's last word.",
                  (20, 0, 4, 4),
                  now("A", f"sum({every('usage_carry_sessions')})", "Sessions"), unit="short",
                  none=NO_ROUTER, defaults={"color": colour("text")})


def fleet():
    lost = "usage_accounting_unattributed_router_bytes_total"
    columns = [("A", every("usage_router_up", ROUTER), "Answers"),
               ("B", every("usage_router_poll_duration_seconds", ROUTER), "Poll"),
               ("C", per_router("usage_router_sessions", "access"), "Sessions"),
               ("D", per_router("usage_router_matched_sessions", "access"), "Matched"),
               ("E", per_router(f"increase({lost}[1h])", "reason"), "Of nobody, 1 h"),
               ("F", per_router("increase(usage_router_lies_total[1h])", "case"), "Lies, 1 h"),
               ("G", per_router(DRIFT, "access, direction, cause"), "Drift today"),
               ("H", every("usage_router_cpu_load_ratio", ROUTER), "CPU")]
    named = {f"Value #{ref}": name for ref, _, name in columns}
    order = ["router", "tenant_id", *named]
    return table("All routers", "Each router as it is now: sessions it has, those that are "
                 "matched, bytes of no session, and its difference to accounting.",
                 (0, 4, 24, 11), [rows(ref, expr) for ref, expr, _ in columns],
                 unit="short", none=NO_ROUTER,
                 transformations=[
                     transformation("merge"), sorted_by("Value #A"),
                     transformation("organize", excludeByName={"Time": True},
                                    renameByName={"router": "Router", "tenant_id": "Tenant",
                                                  **named},
                                    indexByName={name: n for n, name in enumerate(order)})],
                 overrides=[field("Router", unit="string", custom_minWidth=140),
                            field("Tenant", unit="string"),
                            field("Answers", mappings=ANSWERS, custom_width=90,
                                  custom_cellOptions={"type": "color-text"}),
                            field("Poll", unit="s"),
                            field("Of nobody, 1 h", unit="decbytes"),
                            field("Lies, 1 h", decimals=0),
                            field("Drift today", unit="decbytes"),
                            field("CPU", unit="percentunit", min=0, max=1,
                                  custom_cellOptions=BAR)])


def polls():
    return lines("Slowest polls", "How long the last poll of the ten slowest routers took.",
                 (0, 15, 12, 8),
                 [query("A", f"topk(10, {every('usage_router_poll_duration_seconds', ROUTER)})",
                        NAMED)], unit="s", none=NO_ROUTER)


def failed():
    errors = every(RATE.format("usage_router_poll_errors_total"), ROUTER)
    skipped = every(RATE.format("usage_router_skipped_polls_total"), ROUTER)
    return lines("Failed polls", "Polls a minute of all routers that failed, and that were left "
                 "out because one was under way or all threads were busy.", (12, 15, 12, 8),
                 [query("A", f"sum({errors}) * 60", "Failed", interval="1m"),
                  query("B", f"sum({skipped}) * 60", "Left out", interval="1m")],
                 unit="short", none=NO_ROUTER,
                 overrides=[field("Failed", color=colour("quota")),
                            field("Left out", color=colour("before"))])


def uplink(ref, way, name):
    counter = RATE.format(f"usage_router_interface_{way}_bytes_total")
    rate = every(counter, f"{ROUTER}, interface")
    return query(ref, f"topk(5, {rate} * 8)", f"{{{{router}}}} {{{{interface}}}} {name}",
                 interval="1m")


def uplinks():
    return lines("Uplinks", "Traffic of the five busiest interfaces each way, as the routers "
                 "count it.", (0, 23, 12, 9),
                 [uplink("A", "receive", "in"), uplink("B", "transmit", "out")], unit="bps",
                 none="no interface read yet")


def broken_links():
    def rate(kind):
        return " + ".join(
            f"sum({every(RATE.format(f'usage_router_interface_{way}_{kind}_total'), labels)})"
            for way in ("receive", "transmit"))
    labels = f"{ROUTER}, interface"
    return lines("Errors and drops", "Packets a second that the routers' interfaces got broken or "
                 "threw away, all together.", (12, 23, 12, 9),
                 [query("A", rate("errors"), "Errors", interval="1m"),
                  query("B", rate("drops"), "Drops", interval="1m")], unit="cps",
                 none="no interface read yet",
                 overrides=[field("Errors", color=colour("quota")),
                            field("Drops", color=colour("before"))])


def drift():
    by_cause = every(DRIFT, f"{ROUTER}, access, direction, cause")
    return lines("Drift today by cause", "Bytes that routers count more than accounting, or less, "
                 "since each tenant's midnight, of all tenants.", (0, 32, 12, 9),
                 [query("A", f"sum by (cause) ({by_cause})", "{{cause}}")], unit="decbytes",
                 none="no session compared yet", defaults={"min": None})


def worst():
    ratio = every('usage_accounting_drift_ratio{span="today"}', f"{ROUTER}, access")
    return table("Largest drift", "The ten routers and accesses that differ most from accounting "
                 "today, of what accounting counts.", (12, 32, 12, 9),
                 [rows("A", f"topk(10, abs({ratio}))")], unit="percentunit",
                 none="no session compared yet",
                 transformations=[
                     sorted_by("Value", descending=True),
                     transformation("organize", excludeByName={"Time": True},
                                    indexByName={"router": 0, "access": 1, "tenant_id": 2,
                                                 "Value": 3},
                                    renameByName={"router": "Router", "access": "Access",
                                                  "tenant_id": "Tenant", "Value": "Drift"})],
                 overrides=[fields("/^(Router|Access|Tenant)$/", unit="string")])


def carry():
    carry_all = " + ".join(f"sum({every(f'usage_carry_{way}_bytes')})"
                           for way in ("download", "upload"))
    return lines("Carry", "Bytes that routers have counted since accounting's last words, and "
                 "those by which live numbers are ahead until accounting has passed them.",
                 (0, 41, 8, 8),
                 [query("A", carry_all, "Carry"),
                  query("B", f"sum({every('usage_carry_held_bytes')})", "Held")],
                 unit="decbytes", none="no session carried on yet",
                 overrides=[field("Held", color=colour("before"))])


def of_nobody():
    lost = RATE.format("usage_accounting_unattributed_router_bytes_total")
    return lines("Bytes of nobody", "Traffic at the routers that is no session's, or not for "
                 "certain, by reason.", (8, 41, 8, 8),
                 [query("A", f"sum by (reason) ({every(lost, f'{ROUTER}, reason')}) * 8",
                        "{{reason}}", interval="1m")], unit="bps", none=NO_ROUTER,
                 custom=STACKED)


def lies_by_case():
    told = every(RATE.format("usage_router_lies_total"), f"{ROUTER}, case")
    return lines("Lies an hour", "What routers said that can not be true, by kind.",
                 (16, 41, 8, 8),
                 [query("A", f"sum by (case) ({told}) * 3600", "{{case}}", interval="5m")],
                 unit="short", none=NO_ROUTER, custom=STACKED)


NOT_FILLED = "the panel is not filled"


def filled():
    written = "max(rate(usage_exporter_write_back_rows_total[$__rate_interval]))"
    return lines("Write-back", "Rows of the panel's table that are filled a second, and looks and "
                 "batches that failed.", (0, 49, 12, 7),
                 [query("A", written, "Rows", interval="1m"),
                  query("B", written.replace("rows", "errors"), "Failed", interval="1m")],
                 unit="cps", none=NOT_FILLED, overrides=[field("Failed", color=colour("quota"))])


def not_filled():
    return lines("Rows without a router", "Open rows of the panel that no router's row is for "
                 "certain.", (12, 49, 12, 7),
                 [query("A", "max(usage_exporter_write_back_unmatched_rows)", "Rows")],
                 unit="short", none=NOT_FILLED)


def make():
    panels = [down(), resting(), known(), matched(), lies(), carried(), fleet(), polls(), failed(),
              uplinks(), broken_links(), drift(), worst(), carry(), of_nobody(), lies_by_case(),
              filled(), not_filled()]
    return dashboard("usage-routers", "Routers", "Whether routers answer, and what they count "
                     "beside accounting.", panels, since="now-6h", refresh="30s")
