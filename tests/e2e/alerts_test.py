"""From bytes in the database to the message that somebody reads: a real PostgreSQL, usage_exporter,
Prometheus with the rules of alerts/, Alertmanager with the file of `usagectl alertmanager`, and a
sink for webhooks and mail. Every part is killed on the way.

What Alertmanager promises, and no more is asked of it: a notification is tried until it is taken
or over (at least once); one that was taken is not repeated before repeat_interval, as far as the
notification log is on the disk, which is written every --data.maintenance-interval and at SIGTERM.
What Prometheus promises: what fires is told again every resend delay, what is over for 15 minutes.
That a new month resolves is shown in tests/alerts, where a clock can be set.
"""

import datetime
import time

import processes
import times
from alertmanager import Alertmanager
from case import SharedCase, config_for, main
from exporter import Exporter, fetch
from page import Page
from panel import Panel, uid
from postgres import Database
from prometheus import Prometheus
from sink import Sink
from waiting import eventually, holds

GIGABYTE = 1_000_000_000
# A billing day far from today: no test meets the month's change.
BILLING_DAY = (times.now() + datetime.timedelta(days=14)).day % 28 + 1
TENANTS = ("Green Valley", "Hill Top", "Lake Side", "Quiet Inn", "<b>Marsh & Co</b>", "Far Away")
# Longer than group_wait, group_interval and an evaluation together.
A_WHILE = 5


def hook(tenant):
    return "/hook/" + uid(tenant)


def hours_from_now(begin, end):
    """As quiet_hours has them."""
    return "-".join(f"{times.now() + times.hours(hour):%H:00}" for hour in (begin, end))


class Alerts(SharedCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.make_folder()
        cls.database = cls.share(Database())
        cls.panel = Panel(cls.database)
        cls.sink = cls.share(Sink(cls.folder))
        home = cls.folder / "alertmanager"
        home.mkdir()
        cls.alertmanager = cls.share(Alertmanager(home, "--data.maintenance-interval", "1s"))
        cls.exporter = cls.share(Exporter(cls.folder, cls._config(hours_from_now(-2, 3))))
        for tenant in TENANTS:
            cls.panel.add_tenant(tenant, billing_day=BILLING_DAY, quota=GIGABYTE)
            cls.panel.open(f"of {tenant}", tenant)
        cls.exporter.start()
        cls._usagectl("render", "--output", str(cls.alertmanager.file))
        cls.alertmanager.start()
        cls.prometheus = cls.share(Prometheus(
            cls.folder, cls.exporter.port, sorted((processes.ROOT / "alerts").glob("*.yaml")),
            cls.alertmanager))

    @classmethod
    def _config(cls, quiet_hours):
        def contact(tenant, **more):
            return {"tenant": uid(tenant), "webhook": cls.sink.url + hook(tenant), **more}
        quick = {"group_wait": "1s", "group_interval": "2s", "repeat_interval": "4h"}
        return config_for(cls.database.dsn(), "user_sessions", alerting={
            "url": cls.alertmanager.url, "file": str(cls.alertmanager.file),
            "templates": [str(processes.ROOT / "alerts/templates/usage.tmpl")],
            "dashboards_url": "https://grafana.example.org",
            "smtp": {"server": cls.sink.smarthost, "from": "usage@example.org",
                     "require_tls": False},
            "watchdog": {"webhook": cls.sink.url + "/hook/watchdog"},
            "operators": [{"webhook": cls.sink.url + "/hook/operator"}],
            "operator_times": quick, "tenant_times": quick,
            "contacts": [
                contact("Green Valley", severity="warning"),
                {"tenant": uid("Green Valley"), "email": "green@example.org",
                 "severity": "warning"},
                contact("Hill Top"), contact("Lake Side"),
                contact("Quiet Inn", quiet_hours=quiet_hours),
                {"tenant": uid("<b>Marsh & Co</b>"), "email": "marsh@example.org"}]})

    @classmethod
    def _usagectl(cls, verb, *flags):
        done = processes.run([processes.binary("usagectl"), "alertmanager", verb, "--config.file",
                              str(cls.exporter.file), *flags])
        assert done.returncode == 0, done.stdout + done.stderr

    def _use(self, share, *tenants):
        """Each has used that share of its quota; in one statement, so at the same moment."""
        ids = ", ".join(f"'{uid(f'of {tenant}')}'" for tenant in tenants)
        self.database.sql(
            f"UPDATE user_sessions SET data_download = {int(share * GIGABYTE)}, data_used = "
            f"{int(share * GIGABYTE)}, updated_at = now() AT TIME ZONE 'UTC' WHERE id IN ({ids})")

    def _told(self):
        """{to: [alerts of a webhook, or a mail's subject]}, without what is the operator's own."""
        told = {}
        for message in self.sink.messages():
            alerts = (message["body"] or {}).get("alerts", [])
            if any(alert["labels"]["audience"] == "operator" for alert in alerts):
                continue
            what = sorted((alert["status"], alert["labels"]["alertname"]) for alert in alerts)
            told.setdefault(message["to"], []).append(what or message["title"])
        if "/hook/operator" in told:
            told["/hook/operator"].sort()
        return told

    def _stays(self, told):
        holds("nobody is told more", lambda: self.assertEqual(told, self._told()) or True, A_WHILE)

    told = {}  # what everybody should have been told so far
    # Of those who hear from warnings on; of the others, for whom the templates show the highest.
    WARNED = [("firing", "UsageQuotaWarning")]
    NOTICED = [("firing", "UsageQuotaNotice"), *WARNED]
    ALMOST = [("firing", "UsageQuotaAlmostUsed"), *NOTICED]

    def test_one_tenant_over_80_percent_gets_one_message_and_nobody_else_any(self):
        self.exporter.read_all()
        eventually("Prometheus knows the quotas", lambda: len(self.prometheus.ask(
            "tenant:usage_quota_used:ratio < 0.1")) == len(TENANTS))
        begin = time.monotonic()
        self._use(0.812, "Green Valley")
        mail, = self.sink.eventually(1, to="green@example.org")
        print(f"from the database to the mail: {time.monotonic() - begin:.1f} s, "
              "group_wait 1 s of it", flush=True)
        self.sink.eventually(1, to=hook("Green Valley"))
        self.assertEqual("Green Valley has used 81.2% of this month's data", mail["title"])
        end = times.now().replace(day=BILLING_DAY)
        if end <= times.now():
            end = (end.replace(day=1) + datetime.timedelta(days=32)).replace(day=BILLING_DAY)
        last_day = f"{end - datetime.timedelta(days=1):%-d %B %Y}"
        self.assertIn("Warning: Green Valley has used 81.2% of this month's data\n0.8 GB of 1.0 GB "
                      f"have been used. The month's last day is {last_day}.\n", mail["text"])
        self.assertIn('href="https://grafana.example.org/d/usage"', mail["html"])
        self.told.update({"green@example.org": [mail["title"]],
                          hook("Green Valley"): [self.WARNED]})
        self._stays(self.told)

    def test_a_killed_exporter_neither_ends_nor_repeats_it(self):
        self.exporter.process.kill()
        eventually("Prometheus misses it", lambda: not self.prometheus.ask("up == 1"))
        self._stays(self.told)
        self.assertEqual(1, self.prometheus.firing("UsageQuotaWarning"))
        self.exporter.start()
        eventually("it is scraped", lambda: self.prometheus.ask("up == 1"))
        self._stays(self.told)

    def test_a_killed_prometheus_neither_ends_nor_repeats_it(self):
        self.prometheus.process.kill()
        self.prometheus.start()
        eventually("it fires again", lambda: self.prometheus.firing("UsageQuotaWarning"))
        self._stays(self.told)

    def _kill_alertmanager(self):
        """Once its log of notifications is on the disk."""
        log = self.alertmanager.folder / "data/nflog"
        now = time.time()
        eventually("the log is written", lambda: log.stat().st_mtime > now)
        self.alertmanager.process.kill()

    def test_a_killed_alertmanager_does_not_repeat_it(self):
        self._kill_alertmanager()
        self.alertmanager.start()
        eventually("it is told again", lambda: self.alertmanager.alerts(
            alertname="UsageQuotaWarning"))
        self._stays(self.told)

    def test_what_happens_while_nobody_takes_messages_is_told_once_later(self):
        def failed():
            page = Page(fetch(self.alertmanager.url + "/metrics").text)
            return page.sum("alertmanager_notification_requests_failed_total")
        self.sink.kill()
        before = failed()
        self._use(0.85, "Hill Top")
        eventually("Alertmanager tries in vain", lambda: failed() > before)
        self.sink.start()
        self.sink.eventually(1, to=hook("Hill Top"))
        self.told[hook("Hill Top")] = [self.NOTICED]
        self._stays(self.told)

    def test_two_at_once_get_one_message_each_and_one_without_contacts_is_the_operators(self):
        self._use(0.9, "Lake Side", "<b>Marsh & Co</b>", "Far Away")
        self.sink.eventually(1, to=hook("Lake Side"))
        mail, = self.sink.eventually(1, to="marsh@example.org")
        levels = [[level] for level in self.ALMOST]
        eventually("the operator is told", lambda: self._told().get("/hook/operator") == levels)
        self.assertEqual("<b>Marsh & Co</b> has almost used up this month's data: 90%",
                         mail["title"])
        self.assertNotIn("has used 90%", mail["text"])
        self.assertIn("&lt;b&gt;Marsh &amp; Co&lt;/b&gt; has almost used up", mail["html"])
        self.assertNotIn("<b>Marsh", mail["html"])
        self.told.update({hook("Lake Side"): [self.ALMOST], "marsh@example.org": [mail["title"]],
                          "/hook/operator": levels})
        self._stays(self.told)

    def test_in_quiet_hours_nothing_is_told_and_after_them_what_still_is(self):
        self._use(0.85, "Quiet Inn")
        eventually("Alertmanager has it", lambda: self.alertmanager.alerts(
            alertname="UsageQuotaWarning", tenant_id=uid("Quiet Inn")))
        self._stays(self.told)
        self.exporter.configure(self._config(hours_from_now(4, 8)))
        self._usagectl("sync")
        self.sink.eventually(1, to=hook("Quiet Inn"))
        self.told[hook("Quiet Inn")] = [self.NOTICED]
        # Nor does the new file repeat anything to the others.
        self._stays(self.told)

    def test_a_larger_quota_is_one_all_clear_even_if_alertmanager_was_away(self):
        self._kill_alertmanager()
        self.panel.set_quota("Green Valley", 10 * GIGABYTE)
        eventually("it is over", lambda: not self.prometheus.firing(
            "UsageQuotaWarning", tenant_id=uid("Green Valley")))
        self.alertmanager.start()
        mail = self.sink.eventually(2, to="green@example.org")[1]
        self.sink.eventually(2, to=hook("Green Valley"))
        self.assertEqual("All clear: Green Valley has used 81.2% of this month's data",
                         mail["title"])
        self.told["green@example.org"].append(mail["title"])
        self.told[hook("Green Valley")].append([("resolved", "UsageQuotaWarning")])
        self._stays(self.told)

    def test_forty_alerts_of_one_tenant_are_one_message(self):
        labels = {"alertname": "UsageSubscriberShare", "severity": "info", "audience": "tenant",
                  "tenant_id": uid("Lake Side")}
        self.alertmanager.send(*(
            {"labels": {**labels, "subscriber": f"guest {number}"},
             "annotations": {"summary": f"guest {number} uses much"}} for number in range(40)))
        eventually("they are told", lambda: len(self.sink.messages(to=hook("Lake Side"))) > 1)
        message = self.sink.eventually(2, to=hook("Lake Side"))[1]
        # With the three of before: they still fire.
        self.assertEqual(43, len(message["body"]["alerts"]))

    def test_the_watchdog_came_to_its_own_receiver_alone(self):
        came = self.sink.messages(to="/hook/watchdog")
        self.assertTrue(came)
        for message in self.sink.messages():
            alerts = (message["body"] or {}).get("alerts", [])
            names = {alert["labels"]["alertname"] for alert in alerts}
            self.assertEqual("UsageWatchdog" in names, message["to"] == "/hook/watchdog")


if __name__ == "__main__":
    main()
