#!/usr/bin/env python3
"""`usagectl alertmanager sync` with a real Alertmanager: what is loaded, kept, refused."""

import json
import pathlib
import signal
import stat
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/alerting")]

import case  # noqa: E402
from alertmanager import Alertmanager  # noqa: E402
from exporter import fetch  # noqa: E402
from house import House  # noqa: E402
from waiting import eventually  # noqa: E402

CONTACTS = [{"tenant": "acme", "webhook": "http://127.0.0.1:9/acme"},
            {"tenant": "beta", "webhook": "http://127.0.0.1:9/beta"}]
TABLE = ("CREATE TABLE tenants (id text, name text, time_zone text);"
         "CREATE TABLE contacts (tenant_id text, channel text, address text, severity text, "
         "quiet_hours text, quiet_days text[]);")


class Running(case.Case):
    """With an Alertmanager that runs on the house's file."""

    def setUp(self):
        super().setUp()
        self.alertmanager = self.use(Alertmanager(self.folder))
        self.house = House(self.folder, self.alertmanager.url)
        self.house.alerting["contacts"] = list(CONTACTS)
        self.house.render()
        self.alertmanager.start()

    def runs_on_the_file(self):
        """Alertmanager itself says so: usagectl finds nothing to do."""
        return self.house.sync()[0] == "nothing to do\n"

    def forget_beta(self):
        self.house.alerting["contacts"] = CONTACTS[:1]

    def receivers(self):
        """What a notification for each tenant would go to."""
        self.alertmanager.send({"alertname": "A", "audience": "tenant", "tenant_id": "acme"},
                               {"alertname": "A", "audience": "tenant", "tenant_id": "beta"})
        return sorted(receivers for _, _, receivers in self.alertmanager.alerts())


class Syncing(Running):
    def test_what_changed_is_loaded_and_the_next_sync_touches_nothing(self):
        self.forget_beta()
        said, _ = self.house.sync()
        self.assertEqual(said, "loaded: 0 tenant(s) to add, 0 to change, 1 to remove, 1 unchanged\n")
        self.assertEqual(self.receivers(), [["operator"], ["tenant/acme"]])
        before = self.house.file.stat()
        loaded = self.alertmanager.metric("alertmanager_config_last_reload_success_timestamp_seconds")
        self.house.alerting["amtool"] = "/nonexistent/amtool"  # it is not even needed
        self.assertEqual(self.house.sync()[0], "nothing to do\n")
        self.assertEqual(self.house.file.stat(), before)
        self.assertEqual(loaded, self.alertmanager.metric(
            "alertmanager_config_last_reload_success_timestamp_seconds"))

    def test_new_templates_are_loaded_too(self):
        self.assertTrue(self.runs_on_the_file())
        with open(self.folder / "usage.tmpl", "a", encoding="utf-8") as file:
            file.write('{{ define "more" }}{{ end }}')
        self.assertTrue(self.house.sync()[0].startswith("loaded: "))
        self.assertTrue(self.runs_on_the_file())

    def test_a_dry_run_shows_who_changes_and_changes_nothing(self):
        self.forget_beta()
        self.house.alerting["contacts"] += [{**CONTACTS[0], "severity": "critical"}]
        self.house.set_tenants("acme", "beta", "gamma")
        self.house.alerting["contacts"] += [{"tenant": "gamma", "webhook": "http://127.0.0.1:9/g"}]
        before = self.house.file.read_bytes()
        self.assertEqual(self.house.sync("--dry-run")[0],
                         "+ tenant/gamma\n~ tenant/acme\n- tenant/beta\n"
                         "1 tenant(s) to add, 1 to change, 1 to remove, 0 unchanged\n")
        found = json.loads(self.house.sync("--dry-run", "--json")[0])
        self.assertEqual((found["added"], found["changed"], found["removed"]),
                         (["tenant/gamma"], ["tenant/acme"], ["tenant/beta"]))
        self.assertEqual(self.house.file.read_bytes(), before)

    def test_a_file_that_somebody_touched_is_made_right_again(self):
        with open(self.house.file, "a", encoding="utf-8") as file:
            file.write("# touched\n")
        self.assertTrue(self.house.sync()[0].startswith("loaded: "))
        self.assertNotIn("touched", self.house.file.read_text())

    def test_a_file_that_was_written_and_not_loaded_is_loaded(self):
        self.forget_beta()
        self.house.render()  # as a sync that was killed after it had put the file in its place
        self.assertEqual(self.house.sync()[0],
                         "loaded: 0 tenant(s) to add, 0 to change, 0 to remove, 1 unchanged\n")
        self.assertEqual(self.receivers(), [["operator"], ["tenant/acme"]])

    def test_only_its_owner_and_group_may_read_the_file(self):
        self.forget_beta()
        self.house.sync()
        self.assertEqual(stat.S_IMODE(self.house.file.stat().st_mode), 0o640)

    def test_of_two_syncs_at_once_one_waits_and_both_end_well(self):
        self.forget_beta()
        self.house.usagectl("render")  # writes the configuration
        running = [self.house.begin_sync() for _ in range(3)]
        said = sorted(sync.communicate()[0] for sync in running)
        self.assertEqual([sync.returncode for sync in running], [0, 0, 0], said)
        self.assertEqual(said[1:], ["nothing to do\n"] * 2)


class GoingWrong(Running):
    def setUp(self):
        super().setUp()
        self.before = self.house.file.read_bytes()

    def expect_as_before(self):
        self.assertEqual(self.house.file.read_bytes(), self.before)
        self.assertEqual(self.receivers(), [["tenant/acme"], ["tenant/beta"]])
        self.assertEqual(self.alertmanager.metric("alertmanager_config_last_reload_successful"), 1)
        self.assertFalse((self.folder / "alertmanager.yml.new").exists())

    def break_templates(self):
        self.house.write("broken.tmpl", '{{ define "usage.subject" }}')
        self.house.alerting["templates"] = ["usage.tmpl", "broken.tmpl"]

    def test_what_amtool_refuses_never_takes_the_place(self):
        self.break_templates()
        _, said = self.house.sync(status=1)
        self.assertIn("amtool refuses the new file, the old one stays", said)
        self.expect_as_before()

    def test_what_alertmanager_refuses_gives_way_to_the_old_file(self):
        self.break_templates()
        self.house.alerting["amtool"] = "true"  # finds no fault in anything
        _, said = self.house.sync(status=1)
        self.assertIn("Alertmanager refuses the file", said)
        self.assertIn("the old one is back", said)
        self.expect_as_before()

    def test_without_amtool_nothing_is_written(self):
        self.forget_beta()
        self.house.alerting["amtool"] = "/nonexistent/amtool"
        _, said = self.house.sync(status=1)
        self.assertIn("install the package prometheus-alertmanager", said)
        self.expect_as_before()

    def test_an_alertmanager_that_is_away_finds_the_new_file_when_it_starts(self):
        self.alertmanager.process.stop()
        self.forget_beta()
        said, fault = self.house.sync(status=1)
        self.assertTrue(said.startswith("not loaded: "))
        self.assertIn("is new and checked: Alertmanager takes it when it starts", fault)
        self.house.sync(status=1)
        self.alertmanager.start()
        self.assertTrue(self.runs_on_the_file())
        self.assertEqual(self.receivers(), [["operator"], ["tenant/acme"]])

    def test_an_alertmanager_on_another_file_is_found_out(self):
        self.forget_beta()
        self.house.alerting["file"] = "other.yml"
        _, said = self.house.sync(status=1)
        self.assertIn("start it with that one as --config.file, or correct alerting.file", said)

    def test_a_file_of_somebody_else_is_never_overwritten(self):
        theirs = "route: {receiver: me}\nreceivers: [{name: me}]\n"
        self.house.file.write_text(theirs)
        _, said = self.house.sync(status=1)
        self.assertIn("was not made by usagectl", said)
        self.assertEqual(self.house.file.read_text(), theirs)

    def test_a_killed_sync_leaves_a_whole_file_and_the_next_one_clears_up(self):
        self.forget_beta()
        amtool = self.folder / "slow"
        amtool.write_text("#!/bin/sh\nsleep 600\n")
        amtool.chmod(0o755)
        self.house.alerting["amtool"] = str(amtool)
        self.house.usagectl("render")
        for _ in range(2):
            sync = self.house.begin_sync()
            eventually("the draft is there", (self.folder / "alertmanager.yml.new").exists)
            sync.send_signal(signal.SIGKILL)
            sync.communicate()
            self.assertEqual(self.house.file.read_bytes(), self.before)
        self.house.alerting["amtool"] = "amtool"
        self.assertTrue(self.house.sync()[0].startswith("loaded: "))
        self.assertEqual(sorted(path.name for path in self.folder.glob("alertmanager.yml*")),
                         ["alertmanager.yml", "alertmanager.yml.lock"])

    def test_many_routes_are_not_dropped_at_once_unless_that_is_meant(self):
        tenants = [f"t{i}" for i in range(20)]
        self.house.set_tenants(*tenants)
        contacts = [{"tenant": t, "webhook": f"http://127.0.0.1:9/{t}"} for t in tenants]
        self.house.alerting["contacts"] = contacts
        self.house.sync()
        self.house.alerting["contacts"] = contacts[:10]
        _, said = self.house.sync(status=1)
        self.assertIn("10 of 20 tenants would lose their routes at once", said)
        self.assertEqual(self.house.sync("--dry-run")[0].count("- tenant/"), 10)
        self.assertTrue(self.house.sync("--drop-many")[0].startswith("loaded: "))

    def test_no_tenants_at_all_is_a_fault_and_not_a_wish(self):
        self.house.set_tenants()
        _, said = self.house.sync(status=1)
        self.assertIn("the list of tenants is empty", said)
        self.expect_as_before()


class BehindAPassword(case.Case):
    HASH = "$2b$04$abcdefghijklmnopqrstuuinwY/tkBVrn3xrxQI/TgnMHhkvl85RW"  # sesame

    def test_sync_signs_in_and_says_so_when_it_can_not(self):
        web = self.folder / "web.yml"
        web.write_text(json.dumps({"basic_auth_users": {"usage": self.HASH}}))
        alertmanager = self.use(Alertmanager(self.folder, "--web.config.file", str(web)))
        house = House(self.folder, alertmanager.url)
        house.render()
        alertmanager.process.launch()
        eventually("Alertmanager asks for a password",
                   lambda: fetch(alertmanager.url + "/-/ready").status == 401)
        _, said = house.sync(status=1)
        self.assertIn("/-/reload: answers 401", said)
        house.alerting |= {"user": "usage", "password_file": "password"}
        _, said = house.sync(status=1)
        self.assertIn("has nothing in its first line; write what alerting.password_file", said)
        house.write("password", "sesame\n")
        self.assertEqual(house.sync()[0], "nothing to do\n")


class Secrets(case.Case):
    def test_they_are_in_the_file_alone(self):
        house = House(self.folder)
        house.write("bot", "12:hush-bot\n")
        house.write("hook", "http://127.0.0.1:9/hush-hook\n")
        house.alerting |= {"telegram_token_file": "bot", "watchdog": {"webhook_file": "hook"}}
        house.alerting["contacts"] = [{"tenant": "acme", "telegram": "-100"},
                                      {"tenant": "acme", "webhook_file": "hook"}]
        shown, _ = house.usagectl("render")
        self.assertNotIn("hush", shown)
        self.assertEqual(shown.count('"<secret>"'), 4, shown)  # operator's and watchdog's too
        house.alerting["amtool"] = str(self.folder / "loud")
        house.write("loud", '#!/bin/sh\ncat "$2"; exit 1\n')
        (self.folder / "loud").chmod(0o755)
        _, said = house.sync(status=1)
        self.assertIn("<secret>", said)
        self.assertNotIn("hush", said)
        house.alerting["amtool"] = "amtool"
        house.sync(status=1)  # nobody is there
        self.assertEqual(house.file.read_text().count("hush"), 3)


class ContactsOfTheDatabase(case.Case):
    def setUp(self):
        super().setUp()
        self.database = self.new_database()
        self.database.sql(TABLE + "INSERT INTO tenants VALUES ('acme', 'Acme', 'Africa/Nairobi'), "
                          "('beta', 'Beta', 'Mars/Olympus'), ('gamma', 'Gamma', NULL)")
        self.house = House(self.folder)
        self.house.sections["database"] = {"dsn": self.database.dsn()}
        self.house.sections["tenants"] = {}
        self.house.alerting["contacts_sql"] = "SELECT * FROM contacts"
        self.house.alerting["smtp"] = {"server": "127.0.0.1:9", "from": "noc@isp.example"}

    def add(self, *rows):
        self.database.sql("INSERT INTO contacts VALUES " + ", ".join(rows))

    def test_each_tenant_is_told_in_its_own_zone(self):
        self.add("('acme', 'email', 'a@acme.example', NULL, '22:00-06:00', '{saturday,Sunday}')",
                 "('beta', 'Webhook', 'http://127.0.0.1:9/b', 'critical', '12:00-13:00', NULL)")
        said = self.house.render()
        self.assertEqual(said, "warning: tenant 'beta': the time zone 'Mars/Olympus' is unknown, its "
                         "quiet times are by UTC; correct it where the tenants are kept\n")
        text = self.house.file.read_text()
        self.assertIn('"22:00-06:00+saturday+sunday Africa/Nairobi"', text)
        self.assertIn('"tenant/beta/critical/12:00-13:00"', text)
        self.assertIn('"12:00-13:00 UTC"', text)

    def test_a_bad_row_is_named_and_keeps_nobody_else_from_hearing(self):
        self.add("('acme', 'pigeon', 'roof', NULL, NULL, NULL)",
                 "('beta', 'webhook', 'http://127.0.0.1:9/b', NULL, NULL, NULL)",
                 "('beta', 'slack', 'hush hush', NULL, NULL, NULL)",
                 "('beta', 'email', 'x@y.example,z@y.example', NULL, NULL, NULL)",
                 "('gamma', 'email', 'g@y.example', 'loud', NULL, NULL)",
                 "('gamma', 'email', 'h@y.example', NULL, 'at night', NULL)",
                 "('gamma', 'email', 'i@y.example', NULL, NULL, '{someday}')",
                 "('gamma', 'telegram', '-100', NULL, NULL, NULL)",
                 "(NULL, 'email', 'j@y.example', NULL, NULL, NULL)")
        _, said = self.house.usagectl("render", "--output", str(self.house.file), status=1)
        self.assertEqual(len(said.splitlines()), 8, said)
        self.assertNotIn("hush", said)
        for part in ["row 1 (tenant 'acme', channel 'pigeon', by tenant, channel and address): the "
                     "channel is not email, webhook, slack or telegram; correct it where the query "
                     "reads it", "row 2 (tenant 'beta', channel 'email', by tenant, channel and "
                     "address): the address is not one e-mail address", "the severity is not info",
                     "quiet_hours is not a time", "quiet_days has a day that is not one of",
                     "tenant 'gamma': a Telegram chat, and there is no alerting.telegram_token_file",
                     "row 9 (tenant '', channel 'email', by tenant, channel and address): there is "
                     "no tenant_id"]:
            self.assertIn(part, said)
        text = self.house.file.read_text()
        self.assertIn('"tenant/beta"', text)
        self.assertNotIn("tenant/acme", text)

    def test_a_database_that_is_away_changes_nothing(self):
        self.add("('acme', 'webhook', 'http://127.0.0.1:9/b', NULL, NULL, NULL)")
        self.house.render()
        before = self.house.file.read_bytes()
        self.database.sql("DROP TABLE contacts")
        _, said = self.house.sync(status=1)
        self.assertIn("alerting.contacts_sql", said)
        self.assertEqual(self.house.file.read_bytes(), before)

    def test_links_lead_into_the_tenants_own_org(self):
        self.add("('acme', 'email', 'a@acme.example', NULL, NULL, NULL)",
                 "('beta', 'email', 'b@beta.example', NULL, NULL, NULL)")
        self.database.sql("UPDATE tenants SET time_zone = NULL")
        self.house.sections["grafana"] = {"url": "https://grafana.example.org", "orgs": {
            "user": "x", "password_file": "none", "gateway_url": "http://127.0.0.1:9",
            "tokens_file": "none"}}
        self.house.render()  # makes the ledger's schema
        self.database.sql("INSERT INTO usage.grafana_org (tenant_id, org_id, name, applied, "
                          "gateway_token, live_token) VALUES ('', 2, 'Operator', '{}', '', ''), "
                          "('acme', 7, 'Acme', '{}', '', '')")
        self.house.render()
        text = self.house.file.read_text()
        self.assertIn("https://grafana.example.org/d/usage?orgId=7{{ end }}", text)
        self.assertIn("https://grafana.example.org/d/usage{{ end }}", text)  # beta has no org
        self.house.sections["storage"] = {"database": {"dsn": "host=127.0.0.1 port=9 dbname=none"}}
        said = self.house.render()
        self.assertIn("warning: links are without orgId", said)
        self.assertNotIn("orgId", self.house.file.read_text())


if __name__ == "__main__":
    case.main()
