"""31 days of a fleet in Prometheus' blocks, as they would be after 31 days of scraping.

Of the tenant under test every sample that a panel reads; of the others every series, with samples
of the last minutes, and what the operator's pages ask over time.
"""

import datetime
import subprocess

DAY = 86400
BLOCK = 54 * 3600  # the longest that promtool makes of these
ACCESSES = ("hotspot", "pppoe")
TOP = 11  # subscribers by name, and `other`

OF_ACCESS = ("usage_upload_bytes_total", "usage_download_bytes_total", "usage_today_upload_bytes",
             "usage_today_download_bytes", "usage_month_upload_bytes", "usage_month_download_bytes",
             "usage_sessions", "usage_sessions_started_total", "usage_sessions_ended_total",
             "usage_data_timestamp_seconds", "usage_accounting_late_upload_bytes_total",
             "usage_accounting_late_download_bytes_total", "usage_accounting_stale_sessions")
OF_SUBSCRIBER = ("usage_subscriber_today_upload_bytes", "usage_subscriber_today_download_bytes",
                 "usage_subscriber_month_upload_bytes", "usage_subscriber_month_download_bytes",
                 "usage_subscriber_sessions")
OF_TENANT = ("usage_quota_bytes", "usage_today_start_timestamp_seconds",
             "usage_month_start_timestamp_seconds", "usage_month_end_timestamp_seconds",
             "usage_time_zone_offset_seconds")
# What panels read over time; of the rest they ask the newest value.
OVER_TIME = {"usage_upload_bytes_total", "usage_download_bytes_total", "usage_sessions",
             "usage_sessions_ended_total", "usage_subscriber_today_upload_bytes",
             "usage_subscriber_today_download_bytes", "usage_subscriber_sessions"}
COUNTERS = {"usage_upload_bytes_total", "usage_download_bytes_total"}
OF_FLEET = ("tenant:usage_bps:rate10m", "tenant:usage_today_bytes:sum",
            "tenant:usage_month_bytes:sum",
            "tenant:usage_sessions:sum", "tenant:usage_data_timestamp_seconds:max",
            "tenant:usage_month_bytes:growth")
DIRECTIONS = ("upload", "download")


def _text(labels):
    return ",".join(f'{name}="{value}"' for name, value in labels.items())


def scraped(tenant):
    """{metric: [labels]} of a tenant on /metrics."""
    accesses = [{"tenant_id": tenant, "access": access} for access in ACCESSES]
    subscribers = [{**labels, "subscriber": f"s{number}"} for labels in accesses
                   for number in range(TOP)]
    series = {metric: accesses for metric in OF_ACCESS}
    series.update({metric: subscribers for metric in OF_SUBSCRIBER})
    series.update({metric: [{"tenant_id": tenant}] for metric in OF_TENANT})
    info = {"tenant_id": tenant, "tenant": f"Tenant {tenant}", "plan": "gold", "time_zone": "UTC"}
    return {**series, "usage_tenant_info": [info]}


def history(tenant, now):
    """{metric: [labels]} of a tenant on /metrics/history."""
    today = datetime.datetime.fromtimestamp(now, datetime.timezone.utc).date()
    days = [str(today - datetime.timedelta(days=back)) for back in range(1, 32)]
    months = [f"{2026 - back // 12}-{12 - back % 12:02}-01" for back in range(13)]
    accesses = [{"tenant_id": tenant, "access": access} for access in ACCESSES]
    series = {}
    for way in DIRECTIONS:
        series[f"usage_day_{way}_bytes"] = [{**of, "day": day} for of in accesses for day in days]
        series[f"usage_past_month_{way}_bytes"] = [
            {**of, "month": month} for of in accesses for month in months]
    series["usage_month_curve_bytes"] = [
        {"tenant_id": tenant, "month": month, "day": f"{day:02}"}
        for month in ("this", "last") for day in range(1, 32)]
    return series


def only(families, metrics):
    return {metric: series for metric, series in families.items() if metric in metrics}


def but(families, metrics):
    return {metric: series for metric, series in families.items() if metric not in metrics}


class Writer:
    """Writes blocks into a folder, one stretch of time after the other."""

    def __init__(self, folder, begin, end):
        self.folder, self.begin, self.end = folder, begin, end
        self.samples = 0
        self._parts = []

    def add(self, families, step, begin=None):
        """Series with a sample each `step` seconds, from `begin` on."""
        self._parts.append((families, step, begin or self.begin))

    def write(self):
        start = self.begin - self.begin % BLOCK
        for at in range(start, self.end, BLOCK):
            self._write_stretch(max(at, self.begin), min(at + BLOCK, self.end))

    def _write_stretch(self, begin, end):
        file = self.folder / "stretch.txt"
        with open(file, "w", encoding="utf-8") as output:
            for families, step, since in self._parts:
                first = max(begin, since)
                times = range(first + -first % step, end, step)
                if times:
                    self._write_families(output, families, times)
            output.write("# EOF\n")
        subprocess.run(["promtool", "tsdb", "create-blocks-from", "--max-block-duration=54h",
                        "openmetrics", file, self.folder / "data"], check=True,
                       stdout=subprocess.DEVNULL)
        file.unlink()

    def _write_families(self, output, families, times):
        for metric, series in families.items():
            for number, labels in enumerate(series):
                head = f"{metric}{{{_text(labels)}}} "
                lines = _lines(metric, head, number, times, self.end)
                output.write("".join(lines))
                self.samples += len(times)


def _lines(metric, head, number, times, end):
    """Numbers that grow as traffic does: by the second for counters, by the day for today's."""
    pace = 1000 * (number + 1)
    if metric.startswith("usage_today_") or metric.startswith("usage_subscriber_"):
        return [f"{head}{pace * (at % DAY)} {at}\n" for at in times]
    if metric.endswith("_total") or "_bps:" in metric or "_month_bytes:" in metric:
        return [f"{head}{pace * (at % (400 * DAY))} {at}\n" for at in times]
    if "_timestamp_seconds" in metric:
        return [f"{head}{at - 3} {at}\n" for at in times]
    return [f"{head}{pace} {at}\n" for at in times]


def week(tenant):
    """tenant:usage_week_bps:rate5m has each of its 168 series in one hour of the week only."""
    return {"tenant:usage_week_bps:rate5m": [{"tenant_id": tenant, "weekday": weekday, "hour": hour}
                               for weekday in range(7) for hour in range(24)]}
