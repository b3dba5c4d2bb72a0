"""System: the programs and what they cost, for the operator."""

from operators import NONE_IS_GOOD, alarm, dashboard, figure, lines, of_source
from parts import (SEVERITY, colour, field, fields, now, query, rows, steps, table,
                   transformation)

ONE_IS_GOOD = steps(("red", None), ("green", 1))
# By what only they have, since the names of jobs are the operator's.
OURS = ('and on (job, instance) {__name__=~"usage_exporter_build_info|usage_gateway_build_info|'
        'prometheus_build_info"}')
LOADED = ('{__name__=~"usage_exporter_config_last_reload_successful|'
          'usage_gateway_config_last_reload_successful|'
          'usage_gateway_token_file_last_reload_successful"}')
STACKED = {"stacking": {"mode": "normal"}, "fillOpacity": 60, "lineWidth": 0}
DASHES = {"fill": "dash", "dash": [10, 10]}
NOT_SCRAPED = "the exporter is not scraped"


def words(good, bad):
    return [{"type": "value", "options": {"1": {"text": good}, "0": {"text": bad}}}]


def state(title, description, x, expression, good, bad, none=NOT_SCRAPED):
    return alarm(title, description, (x, 0, 4, 4), now("A", expression, title), ONE_IS_GOOD,
                 unit="short", none=none, defaults={"mappings": words(good, bad)})


def states():
    return [
        state("Exporter", "Whether every source has had its first exact reading.", 0,
              "min(usage_exporter_ready)", "ready", "not ready"),
        state("Ledger", "Whether the last write to the ledger's database succeeded.", 4,
              "max(usage_exporter_ledger_up)", "writes", "fails"),
        state("Sources", "Whether the last reading of every source was read and booked.", 8,
              f"min({of_source('usage_source_up')})", "all read", "one fails",
              "no source configured"),
        state("Configuration", "Whether exporter and gateway run with the files that they have.",
              12, f"min({LOADED})", "in force", "refused"),
    ]


def targets():
    return alarm("Targets down", "Targets that Prometheus can not scrape.", (16, 0, 4, 4),
                 now("A", "count(up == 0) or vector(0)", "Down"), NONE_IS_GOOD, unit="short",
                 none="no answer")


def version():
    return figure("Version", "The version of each exporter that is scraped.", (20, 0, 4, 4),
                  now("A", "max by (version) (usage_exporter_build_info)", "{{version}}"),
                  unit="short", none=NOT_SCRAPED, defaults={"color": colour("text")},
                  options={"textMode": "name"})


def per_second(metric):
    return f"max(rate({metric}[$__rate_interval]))"


def readings():
    return lines("Reading", "How long the last reading of each source took, booking included, and "
                 "the interval that it must stay below.", (0, 4, 12, 8),
                 [query("A", of_source("usage_source_cycle_duration_seconds"), "{{source}}"),
                  query("B", of_source("usage_source_interval_seconds"), "{{source}}, interval")],
                 unit="s", none="no source configured",
                 overrides=[fields("/interval$/", color=colour("quota"), custom_lineStyle=DASHES,
                                   custom_fillOpacity=0)])


def ledger_write():
    return lines("Ledger write", "How long the last commit to the ledger's database took.",
                 (12, 4, 6, 8), [query("A", "max(usage_exporter_ledger_write_duration_seconds)",
                                       "Last commit")], unit="s", none=NOT_SCRAPED)


def commits():
    return lines("Ledger commits", "Commits to the ledger's database a second, and those that "
                 "failed.", (18, 4, 6, 8),
                 [query("A", per_second("usage_exporter_ledger_commits_total"), "Commits"),
                  query("B", per_second("usage_exporter_ledger_errors_total"), "Failed")],
                 unit="cps", none=NOT_SCRAPED, overrides=[field("Failed", color=colour("quota"))])


def open_rows():
    return lines("Open rows", "Rows of open sessions in the last reading of each source.",
                 (0, 12, 8, 8),
                 [query("A", of_source("usage_source_open_rows"), "{{source}}")], unit="short",
                 none="no source configured")


def changed_rows():
    rate = of_source("rate(usage_source_changed_rows_total[$__rate_interval])")
    return lines("Changed rows", "Rows of each source that had changed and were booked, a second.",
                 (8, 12, 8, 8), [query("A", rate, "{{source}}")], unit="cps",
                 none="no source configured")


def page():
    return lines("Making the page", "How long it took to put together the numbers of /metrics.",
                 (16, 12, 8, 8),
                 [query("A", "max by (instance) (usage_exporter_snapshot_build_duration_seconds)",
                        "{{instance}}")], unit="s", none=NOT_SCRAPED)


def requests():
    return lines("Gateway requests", "Requests of all tenants and operators, by the status of the "
                 "answer.",
                 (0, 20, 8, 8), [query("A", "code:usage_gateway_requests:rate5m", "{{code}}")],
                 unit="reqps", none="nobody asked", custom=STACKED)


def refusals():
    return lines("Gateway refusals", "Requests that Prometheus never saw, by the reason.",
                 (8, 20, 8, 8),
                 [query("A", "reason:usage_gateway_refusals:rate5m", "{{reason}}")], unit="reqps",
                 none="nothing was refused", custom=STACKED)


def answers():
    buckets = "le:usage_gateway_duration_seconds_bucket:rate5m"
    asked = [query(ref, f"histogram_quantile({share}, {buckets})", name)
             for ref, share, name in (("A", 0.5, "half"), ("B", 0.99, "99 of 100"))]
    return lines("Prometheus behind the gateway", "Time in which half and 99 of 100 queries were "
                 "answered.", (16, 20, 8, 8), asked, unit="s", none="nobody asked")


def of_jobs(title, description, grid, metric, unit):
    return lines(title, description, grid, [query("A", f"max by (job) ({metric})", "{{job}}")],
                 unit=unit, none="no target")


def scrapes():
    return [of_jobs("Scrape duration", "How long Prometheus takes to scrape each job.",
                    (0, 28, 8, 8), "scrape_duration_seconds", "s"),
            of_jobs("Scrape size", "Samples that a scrape of each job brings.", (8, 28, 8, 8),
                    "scrape_samples_scraped", "short")]


def rule_groups():
    # The label is the file, a semicolon and the group's name.
    named = ('label_replace(prometheus_rule_group_last_duration_seconds,\n'
             '  "group", "$1", "rule_group", ".*;(.*)")')
    return lines("Rules", "How long the last evaluation of each group of rules took.",
                 (16, 28, 8, 8), [query("A", f"max by (group) ({named})", "{{group}}")], unit="s",
                 none="Prometheus does not scrape itself")


def costs():
    memory = of_jobs("Memory", "Resident memory of exporter, gateway and Prometheus.",
                     (0, 36, 8, 8), f"process_resident_memory_bytes {OURS}", "decbytes")
    cpu = of_jobs("CPU", "Cores that exporter, gateway and Prometheus use.", (8, 36, 8, 8),
                  f"rate(process_cpu_seconds_total[$__rate_interval]) {OURS}", "short")
    return [memory, cpu]


def head_series():
    return lines("Series", "Series that Prometheus keeps in memory.", (16, 36, 8, 8),
                 [query("A", "max by (instance) (prometheus_tsdb_head_series)", "{{instance}}")],
                 unit="short", none="Prometheus does not scrape itself")


def firing():
    columns = ("alertname", "severity", "source", "job", "tenant_id")
    alerts = 'ALERTS{alertstate="firing",audience="operator",severity!="none"}'
    names = {"alertname": "Alert", "severity": "Severity", "source": "Source", "job": "Job",
             "tenant_id": "Tenant"}
    return table("Alerts of the operator", "The operator's alerts that fire now; docs/runbooks has "
                 "a page for each.",
                 (0, 44, 24, 8), [rows("A", f"max by ({', '.join(columns)}) ({alerts})")],
                 unit="string", none="nothing fires",
                 transformations=[
                     transformation("organize", excludeByName={"Time": True, "Value": True},
                                    renameByName=names,
                                    indexByName={name: number
                                                 for number, name in enumerate(columns)})],
                 overrides=[field("Severity", mappings=SEVERITY, custom_width=110,
                                  custom_cellOptions={"type": "color-background",
                                                      "mode": "basic"})])


def make():
    panels = [*states(), targets(), version(), readings(), ledger_write(), commits(), open_rows(),
              changed_rows(), page(), requests(), refusals(), answers(), *scrapes(), rule_groups(),
              *costs(), head_series(), firing()]
    return dashboard("usage-system", "System", "Whether exporter, ledger, gateway and Prometheus "
                     "work, and what they cost.", panels, since="now-6h", refresh="30s")
