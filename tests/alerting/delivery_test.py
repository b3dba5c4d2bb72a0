#!/usr/bin/env python3
"""Who hears what, from a real Alertmanager on a rendered file: webhooks that listen."""

import datetime
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/alerting")]

import case  # noqa: E402
from alertmanager import Alertmanager, Webhook  # noqa: E402
from house import House, quick  # noqa: E402
from waiting import eventually  # noqa: E402

ZONE = "Africa/Nairobi"  # three hours before UTC, all year


def quiet_now():
    """Hours around now on that zone's clock."""
    now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=3)))
    begin, end = now - datetime.timedelta(hours=6), now + datetime.timedelta(hours=6)
    return f"{begin:%H:%M}-{end:%H:%M}"


def loud_now():
    """The other hours."""
    begin, end = quiet_now().split("-")
    return f"{end}-{begin}"


def alert(name, tenant, severity="warning", audience="tenant"):
    return {"alertname": name, "tenant_id": tenant, "severity": severity, "audience": audience}


class Delivery(case.SharedCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.make_folder()
        cls.hook = cls.share(Webhook())
        house = House(cls.folder)
        house.alerting |= quick(cls.hook.url)
        house.alerting["operators"].append({"webhook": cls.hook.url + "/pager", "severity": "critical"})
        house.alerting["contacts"] = list(cls.contacts())
        house.alerting["dashboards_url"] = "https://grafana.example.org"
        house.write("chat", cls.hook.url + "/chat\n")
        house.set_tenants(*({"id": t, "time_zone": ZONE} for t in
                            ("acme", "beta", "night", "day", "choosy", "chatty", "mute")))
        house.render()
        cls.alertmanager = cls.share(Alertmanager(cls.folder, "--log.level=debug")).start()

    @classmethod
    def contacts(cls):
        yield {"tenant": "acme", "webhook": cls.hook.url + "/acme"}
        yield {"tenant": "beta", "webhook": cls.hook.url + "/beta"}
        yield {"tenant": "night", "webhook": cls.hook.url + "/night", "quiet_hours": quiet_now()}
        yield {"tenant": "day", "webhook": cls.hook.url + "/day", "quiet_hours": loud_now()}
        yield {"tenant": "choosy", "webhook": cls.hook.url + "/all"}
        yield {"tenant": "choosy", "webhook": cls.hook.url + "/some", "severity": "warning"}
        yield {"tenant": "choosy", "webhook": cls.hook.url + "/few", "severity": "critical"}
        yield {"tenant": "chatty", "slack_file": "chat"}

    def hears(self, path, *names):
        """Waits until `path` was told of just these in one notification, and of nothing else."""
        eventually(f"{path} hears", lambda: self.hook.received(path))
        self.assertEqual(self.hook.alert_names(path), [sorted(names)])

    def test_a_tenants_alerts_come_in_one_message_and_to_nobody_else(self):
        self.alertmanager.send(alert("UsageTrafficSpike", "acme", "info"),
                               alert("UsageQuotaForecast", "acme"),
                               alert("UsageQuotaUsedUp", "acme", "critical"),
                               alert("UsageQuotaWarning", "beta"))
        self.hears("/beta", "UsageQuotaWarning")
        # The forecast is muted by what has come true.
        self.hears("/acme", "UsageQuotaUsedUp", "UsageTrafficSpike")

    def test_a_muted_alert_is_its_own_tenants_alone(self):
        found = self.alertmanager.alerts(audience="tenant")
        states = {(labels["alertname"], labels["tenant_id"]): state for labels, state, _ in found}
        self.assertEqual(states["UsageQuotaForecast", "acme"], "suppressed")
        self.assertEqual(states["UsageQuotaWarning", "beta"], "active")

    def test_each_hears_from_its_severity_on(self):
        self.alertmanager.send(alert("A", "choosy", "info"), alert("B", "choosy", "warning"),
                               alert("C", "choosy", "critical"))
        self.hears("/all", "A", "B", "C")
        self.hears("/some", "B", "C")
        self.hears("/few", "C")

    def test_in_quiet_hours_nothing_comes_and_outside_of_them_it_does(self):
        self.alertmanager.send(alert("A", "night"), alert("A", "day"))
        self.hears("/day", "A")
        # It says so once it has kept silent: no need to wait for nothing.
        self.alertmanager.process.eventually_said("Notifications not sent, route is within mute time")
        self.assertEqual(self.hook.received("/night"), [])

    def test_alerts_of_a_tenant_without_contacts_come_to_the_operator_in_one_message(self):
        self.alertmanager.send(alert("UsageNoSessions", "mute"), alert("UsageNoSessions", "stranger"))
        self.hears("/operator", "UsageNoSessions", "UsageNoSessions")

    def test_the_operator_hears_of_its_own_and_the_pager_of_what_is_critical(self):
        before = len(self.hook.received("/operator"))
        self.alertmanager.send(alert("UsageDataStale", "acme", audience="operator"),
                               alert("UsageNoWriter", "", "critical", "operator"))
        self.hears("/pager", "UsageNoWriter")
        eventually("both came", lambda: len(self.hook.received("/operator")) == before + 2)
        self.assertEqual(sorted(self.hook.alert_names("/operator")[before:]),
                         [["UsageDataStale"], ["UsageNoWriter"]])
        self.assertEqual(len(self.hook.received("/acme")), 1)

    def test_the_watchdog_has_a_line_of_its_own(self):
        self.alertmanager.send(alert("UsageWatchdog", "", "none", "operator"))
        self.hears("/watchdog", "UsageWatchdog")

    def test_the_links_of_a_message_are_the_receivers_own(self):
        self.alertmanager.send(alert("A", "chatty"))
        message = eventually("it comes", lambda: self.hook.received("/chat"))[0]["attachments"][0]
        self.assertEqual(message["title_link"], "https://grafana.example.org/d/usage")
        self.assertEqual(message["text"].strip(), "https://grafana.example.org/d/usage")


if __name__ == "__main__":
    case.main()
