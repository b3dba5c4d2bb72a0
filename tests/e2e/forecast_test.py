#!/usr/bin/env python3
"""The forecast against one computed from the ledger's tables, and the tenants' thresholds."""

import datetime
import itertools
import signal
import statistics
import zoneinfo

import case
import postgres
import times
from exporter import Exporter, config_for
from panel import Panel, uid

DAY = datetime.timedelta(days=1)
FORECAST, EXHAUSTED = "usage_month_forecast_bytes", "usage_quota_exhausted_timestamp_seconds"


def days_from(first, end):
    return [first + DAY * n for n in range((end - first).days)]


class Model:
    """docs/accounting.md's, of one tenant at the moment of a page."""

    def __init__(self, page, tenant, zone, rows):
        self.zone = zoneinfo.ZoneInfo(zone)
        self.now = page.get("usage_exporter_snapshot_timestamp_seconds")
        self.used = sum(page.sum(f"usage_month_{way}_bytes", tenant_id=tenant)
                        for way in ("upload", "download"))
        self.today_used = sum(page.sum(f"usage_today_{way}_bytes", tenant_id=tenant)
                              for way in ("upload", "download"))
        self.today = self.day_at(self.now)
        self.month, self.end = (
            self.day_at(page.get(f"usage_month_{edge}_timestamp_seconds", tenant_id=tenant))
            for edge in ("start", "end"))
        self.bytes = {day: count for day, count in rows.items() if day < self.today}
        self.first = min(self.bytes)

    def day_at(self, seconds):
        return datetime.datetime.fromtimestamp(seconds, self.zone).date()

    def start(self, day):
        return datetime.datetime.combine(day, datetime.time(), self.zone).timestamp()

    def bytes_of(self, days):
        return [self.bytes.get(day, 0) for day in days]

    def weight(self, day):
        known = days_from(max(self.first, self.today - 28 * DAY), self.today)
        if len(known) < 14:
            return 1
        of_weekday = [statistics.mean(self.bytes_of(d for d in known if d.weekday() == weekday))
                      for weekday in range(7)]
        return of_weekday[day.weekday()] / statistics.mean(of_weekday)

    def rate(self):
        window = days_from(max(self.first, min(self.month, self.today - 7 * DAY)), self.today)
        return sum(self.bytes_of(window)) / sum(map(self.weight, window))

    def curve(self):
        """(seconds, bytes) from the month's start to its end."""
        closed = days_from(self.month, self.today)
        used = itertools.accumulate(self.bytes_of(closed), initial=0)
        stops = [(self.start(day), count) for day, count in zip([*closed, self.today], used)]
        stops.append((self.now, self.used))
        begin, end = self.start(self.today), self.start(self.today + DAY)
        shares = [(end - self.now) / (end - begin)]
        days = days_from(self.today, self.end)
        shares += [1] * (len(days) - 1)
        for day, share in zip(days, shares):
            more = self.rate() * self.weight(day) * share
            stops.append((self.start(day + DAY), stops[-1][1] + more))
        return stops

    def crossing(self, level):
        for (begin, low), (end, high) in itertools.pairwise(self.curve()):
            if low < level <= high:
                return begin + (end - begin) * (level - low) / (high - low)
        return None


class Forecast(case.SharedCase):
    TENANTS = {"north": "Asia/Kathmandu", "south": "Europe/Berlin"}

    @classmethod
    def setUpClass(cls):
        cls.database = cls.share(postgres.Database())
        cls.panel = Panel(cls.database)
        cls.database.sql("ALTER TABLE tenants ADD alerts jsonb")
        cls.panel.add_tenant("north", "Asia/Kathmandu", 20)
        cls.panel.add_tenant("south", "Europe/Berlin", 1)
        # Open for so many days: the ledger books each from its start on.
        for tenant, ages in (("north", (45, 24, 12, 3)), ("south", (5, 2))):
            for age in ages:
                cls.panel.open(f"{tenant} {age}", tenant, 10**9 * age, 10**12,
                               started=times.now() - age * DAY - times.hours(7))
        cls.config = config_for(cls.database.dsn(), "user_sessions")
        cls.exporter = cls.share(Exporter(cls.make_folder(), cls.config))
        cls.exporter.start()

    def model(self, page, tenant):
        rows = self.database.rows("SELECT day, sum(upload_bytes + download_bytes)::bigint FROM "
                                  f"usage.tenant_day WHERE tenant_id = '{uid(tenant)}' GROUP BY 1")
        by_day = {datetime.date.fromisoformat(day): int(count) for day, count in rows}
        return Model(page, uid(tenant), self.TENANTS[tenant], by_day)

    def is_as_computed(self, page, tenant):
        """And so is when the quota is used up, if there is one."""
        model = self.model(page, tenant)
        shown = page.get(FORECAST, tenant_id=uid(tenant), quantile="0.5")
        self.assertAlmostEqual(shown / model.curve()[-1][1], 1, places=9)
        quota = dict((labels["tenant_id"], n) for labels, n in page.series("usage_quota_bytes"))
        at = dict((labels["tenant_id"], n) for labels, n in page.series(EXHAUSTED))
        expected = model.crossing(quota[uid(tenant)]) if uid(tenant) in quota else None
        self.assertEqual(expected is None, uid(tenant) not in at)
        if expected:
            self.assertLess(abs(at[uid(tenant)] - expected), 0.01)
        return True

    def set_quotas(self, page, share_of):
        """A share of what `share_of` gives of the tenant's model."""
        for tenant in self.TENANTS:
            quota = int(share_of(self.model(page, tenant)))
            self.database.sql(f"UPDATE tenants SET quota_bytes = {quota} WHERE name = '{tenant}'")
            self.exporter.eventually("the quota is read", lambda page, t=tenant, q=quota: page.get(
                "usage_quota_bytes", tenant_id=uid(t)) == q)

    def thresholds(self, page, tenant):
        return {labels["alert"]: value for labels, value in
                page.series("usage_alert_threshold", tenant_id=uid(tenant))}

    def test_thresholds_come_from_the_column_and_from_the_configuration_as_it_is_reloaded(self):
        without_quota = {"traffic_spike": 3, "traffic_collapse": 0.2, "no_sessions": 1,
                         "subscriber_share": 0.5}
        self.exporter.read_all()
        self.assertEqual(self.thresholds(self.exporter.page(), "north"), without_quota)
        self.database.sql("""UPDATE tenants SET quota_bytes = 1000, alerts =
            '{"quota_warning": "75%", "no_sessions": "off"}' WHERE name = 'north'""")
        page = self.exporter.eventually("its own are read", lambda page: self.thresholds(
            page, "north").get("quota_warning") == 0.75)
        self.assertEqual(self.thresholds(page, "north"), {
            "quota_notice": 0.5, "quota_warning": 0.75, "quota_almost_used": 0.9,
            "quota_used_up": 1, "quota_forecast": 1, "traffic_spike": 3, "traffic_collapse": 0.2,
            "subscriber_share": 0.5})
        self.assertEqual(self.thresholds(page, "south"), without_quota)
        self.exporter.configure({**self.config, "alerts": {"traffic_spike": "500%",
                                                           "quota_warning": "85%"}})
        self.exporter.process.send(signal.SIGHUP)
        page = self.exporter.eventually("it is reloaded", lambda page: self.thresholds(
            page, "south") == {**without_quota, "traffic_spike": 5})
        self.assertEqual(self.thresholds(page, "north")["quota_warning"], 0.75)
        self.assertEqual(self.thresholds(page, "north")["traffic_spike"], 5)

    def test_one_tenants_fault_takes_nothing_from_the_others(self):
        self.database.sql("""UPDATE tenants SET alerts = '{"traffic_spike": 3, "no_sessions": 9}'
                             WHERE name = 'north'""")
        page = self.exporter.eventually("it is counted", lambda page: page.get(
            "usage_tenants_bad_alerts") == 1)
        self.assertEqual(page.get("usage_tenants_up"), 1)
        self.assertEqual(self.thresholds(page, "north")["traffic_spike"], 5)
        self.assertEqual(self.thresholds(page, "north")["no_sessions"], 9)
        self.exporter.process.eventually_said(f"tenant {uid('north')}: alerts:1:")
        self.database.sql("UPDATE tenants SET alerts = NULL, quota_bytes = NULL")
        self.exporter.eventually("it is good", lambda page: page.get(
            "usage_tenants_bad_alerts") == 0)

    def test_it_is_what_the_ledgers_tables_give(self):
        def all_are(page):
            return all(self.is_as_computed(page, tenant) for tenant in self.TENANTS)
        page = self.exporter.eventually("without a quota", all_are)
        self.assertFalse(page.has(EXHAUSTED))
        self.set_quotas(page, lambda model: model.used / 2)
        page = self.exporter.eventually("with a quota that is used up", all_are)
        self.assertTrue(all(at < times.now().timestamp() for _, at in page.series(EXHAUSTED)))
        self.set_quotas(page, lambda model: (model.used + model.curve()[-1][1]) / 2)
        page = self.exporter.eventually("with one that will be", all_are)
        self.assertEqual(len(list(page.series(EXHAUSTED))), 2)
        self.set_quotas(page, lambda model: model.curve()[-1][1] + 10**6)
        page = self.exporter.eventually("with one that lasts", all_are)
        self.assertFalse(page.has(EXHAUSTED))


if __name__ == "__main__":
    case.main()
