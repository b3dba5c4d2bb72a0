"""Accounting trust: whether the numbers are right, for the operator."""

from operators import (AGE, FEW_ARE_GOOD, NONE_IS_GOOD, SINCE_DATA, WITH_SESSIONS, alarm,
                       both_directions, dashboard, every, figure, largest, lines, meters, of_source,
                       per_tenant)
from parts import colour, fields, now, query, steps

# By source and case: what two exporters tell of the same rows is not added up.
CASES = "sum by (case) (max by (source, case) ({}))"
LATE = "usage_accounting_late_WAY_bytes_total"


def invariant():
    return alarm("Invariant", "Sessions or days that do not sum to what they are part of: more "
                 "than 0 is a defect.", (0, 0, 4, 4),
                 now("A", "max(usage_accounting_invariant_violations)", "Violations"), NONE_IS_GOOD,
                 unit="short", none="not checked yet")


def unattributed():
    return alarm("Unattributed", "Sessions whose tenant is not known, so that their "
                 "bytes are in nobody's numbers.", (4, 0, 4, 4),
                 now("A", f"sum({of_source('usage_accounting_unattributed_sessions')})", "Rows"),
                 FEW_ARE_GOOD, unit="short", none="no source read yet")


def refused():
    return alarm("Refused sessions", "Sessions that grew faster than a line can carry, not "
                 "counted until they are plausible again.", (8, 0, 4, 4),
                 now("A", f"sum({of_source('usage_accounting_refused_sessions')})", "Sessions"),
                 FEW_ARE_GOOD, unit="short", none="no source read yet")


def stale():
    return alarm("Stale sessions", "Open sessions without news for longer than ledger.stale_after.",
                 (12, 0, 4, 4),
                 now("A", f"sum({every('usage_accounting_stale_sessions')})", "Sessions"),
                 FEW_ARE_GOOD, unit="short", none="no session known")


def late():
    return figure("Late bytes", "Bytes that were booked on days closed already, over all time.",
                  (16, 0, 4, 4), now("A", f"sum({both_directions(LATE, every)})", "Late"),
                  unit="decbytes", none="no session known",
                  defaults={"color": colour("text")})


def restatements():
    return figure("Restatements", "Closed days that were changed, as the audit lists them, over "
                  "all time.",
                  (20, 0, 4, 4), now("A", "max(usage_accounting_restatements_total)", "Days"),
                  unit="short", none="no ledger yet", defaults={"color": colour("text")})


def cases():
    grown = CASES.format("increase(usage_accounting_cases_total[$__range])")
    return meters("Doubtful cases", "Resets, wraps and what else the ledger had to decide in the "
                  "time range, by kind.", (0, 4, 12, 9),
                  [now("A", f"sort_desc({grown})", "{{case}}")],
                  steps(("blue", None)), names="left", unit="short", none="no source read yet",
                  defaults={"decimals": 0})


def cases_over_time():
    rate = CASES.format("rate(usage_accounting_cases_total[$__rate_interval])")
    return lines("Doubtful cases an hour", "The same kinds over the time range.", (12, 4, 12, 9),
                 [query("A", f"{rate} * 3600 > 0", "{{case}}", interval="5m")], unit="short",
                 none="none in this time",
                 custom={"stacking": {"mode": "normal"}, "fillOpacity": 60})


def source_ages():
    age = f"time() - {of_source('usage_source_last_success_timestamp_seconds')}"
    return lines("Age of each source", "Time since each source was last read and booked.",
                 (0, 13, 12, 8), [query("A", age, "{{source}}")], unit="s",
                 none="no source configured")


def oldest():
    return largest("Oldest numbers", "The ten tenants with open sessions whose newest accounting "
                   "data is oldest.", (12, 13, 12, 8),
                   f"({SINCE_DATA})\n  and on (tenant_id) ({WITH_SESSIONS})", "Age", unit="s",
                   none="no open session",
                   shown={"thresholds": AGE, "decimals": 0,
                          "custom_cellOptions": {"type": "color-text"}})


def late_tenants():
    return largest("Late bytes by tenant", "The ten tenants with the most bytes booked on days "
                   "closed already.", (0, 21, 8, 8), f"({both_directions(LATE)}) > 0", "Late",
                   unit="decbytes", none="nothing came late")


def stale_tenants():
    return largest("Stale sessions by tenant", "The ten tenants with the most open sessions "
                   "without news.",
                   (8, 21, 8, 8), f"{per_tenant('usage_accounting_stale_sessions')} > 0",
                   "Sessions", unit="short", none="no session is stale")


def of_nobody():
    asked = [now(ref, of_source(f"usage_accounting_unattributed_{way}_bytes"),
                 f"{{{{source}}}} {way}") for ref, way in (("A", "download"), ("B", "upload"))]
    return meters("Bytes of nobody", "Bytes of sessions whose tenant is not known, by source and "
                  "direction.", (16, 21, 8, 8), asked, FEW_ARE_GOOD, unit="decbytes",
                  none="no source read yet",
                  overrides=[fields(f"/{way}$/", color=colour(way))
                             for way in ("download", "upload")])


def a_minute(metric):
    return f"{of_source(f'rate({metric}[$__rate_interval])')} * 60"


def failed():
    return lines("Failed readings", "Readings of each source that failed, a minute.", (0, 29, 8, 8),
                 [query("A", a_minute("usage_source_errors_total"), "{{source}}", interval="1m")],
                 unit="short", none="no source configured")


def missed():
    return lines("Missed readings", "Readings left out because the one before took too long, a "
                 "minute.",
                 (8, 29, 8, 8),
                 [query("A", a_minute("usage_source_missed_cycles_total"), "{{source}}",
                        interval="1m")], unit="short", none="no source configured")


def difference():
    grown = of_source("increase(usage_accounting_used_difference_bytes_total[$__range])")
    return meters("data_used against both directions", "Bytes by which a panel's data_used "
                  "differed from upload and download in the time range.", (16, 29, 8, 8),
                  [now("A", grown, "{{source}}")], FEW_ARE_GOOD, unit="decbytes",
                  none="no source read yet",
                  defaults={"displayName": "${__field.labels.source}"})


def make():
    panels = [invariant(), unattributed(), refused(), stale(), late(), restatements(), cases(),
              cases_over_time(), source_ages(), oldest(), late_tenants(), stale_tenants(),
              of_nobody(), failed(), missed(), difference()]
    return dashboard("usage-trust", "Accounting trust", "Whether the numbers are right, and what "
                     "the accounting data made doubtful.", panels, since="now-24h", refresh="1m")
