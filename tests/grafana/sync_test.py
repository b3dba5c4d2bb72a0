"""usagectl grafana plan, apply and check, with this machine's Grafana, else with the double.

Each test takes a fresh one, so one that GRAFANA_URL names is not for them. Those that order faults,
or count requests, always take the double.
"""

import json
import pathlib
import re
import signal
import stat
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import case  # noqa: E402
from house import GATEWAY, AnyPrometheus, House, double_of, fresh_grafana, passwords  # noqa: E402
from server import CONFIG, basic  # noqa: E402
from waiting import eventually  # noqa: E402

NOTHING = "Plan: 0 to create, 0 to change, 0 to lock, 0 to delete; "


class HouseCase(case.Case):
    def house(self, extra=""):
        return House(self.folder, self.new_database(), fresh_grafana(self), extra)

    def house_of_double(self):
        return House(self.folder, self.new_database(), double_of(self))


class Apply(HouseCase):
    def test_does_what_the_plan_said_and_then_there_is_nothing_to_do(self):
        house = self.house(extra="    operators: [{login: noc}]\n")
        house.add_tenant("acme", "Acme", people=["anna", "otto*"])
        planned = house.plan()
        self.assertEqual(planned, '''\
+ the operator: new org "Operator"
    + user noc
    + data source
    + folder usage, usage-tenants
    + dashboard usage-fleet, usage-history, usage
    + preferences

+ tenant acme: new org "Acme"
    + user anna, otto
    + live account
    + data source
    + folder usage
    + dashboard usage-history, usage
    + preferences

Plan: 2 to create, 0 to change, 0 to lock, 0 to delete; 0 unchanged, 0 stay locked.
''')
        out, err = house.apply()
        self.assertIn(planned, err)
        self.assertEqual(set(passwords(out)), {"noc", "anna", "otto"})
        self.assertEqual(house.plan(), NOTHING + "2 unchanged, 0 stay locked.\n")
        self.assertEqual(house.plan("--verify"), NOTHING + "2 unchanged, 0 stay locked.\n")

    def test_with_nothing_to_do_asks_for_one_listing(self):
        house = self.house_of_double()
        for number in range(5):
            house.add_tenant(f"t{number}", people=[f"p{number}"])
        house.apply(parallel=4)
        house.grafana.forget_requests()
        house.apply()
        self.assertEqual(house.grafana.requests()["by_kind"],
                         {"POST /login": 1, "GET /api/orgs": 1})

    def test_gives_an_org_all_that_a_tenant_needs(self):
        house = self.house()
        house.add_tenant("acme", "Acme", "Asia/Kathmandu", people=["anna", "otto*"])
        out, _ = house.apply()
        grafana, org = house.grafana, house.org("acme")
        users = {user["login"]: user["role"] for user in grafana.manage("GET", f"/api/orgs/{org}/users")}
        self.assertEqual(users, {house.grafana.login: "Admin", "anna": "Viewer", "otto": "Editor"})
        source = grafana.manage("GET", "/api/datasources/uid/usage-prometheus", org=org)
        self.assertEqual((source["url"], source["orgId"], source["isDefault"]), (GATEWAY, org, True))
        self.assertEqual(source["jsonData"]["timeInterval"], "5s")
        self.assertEqual(source["jsonData"]["httpHeaderName1"], "X-Usage-Token")
        self.assertEqual(source["secureJsonFields"], {"httpHeaderValue1": True})
        self.assertEqual(grafana.manage("GET", "/api/org/preferences", org=org),
                         {"homeDashboardUID": "usage", "timezone": "Asia/Kathmandu",
                          "weekStart": "monday", "theme": "system"})
        account = grafana.manage("GET", "/api/serviceaccounts/search?query=usage-live", org=org)
        self.assertEqual(account["serviceAccounts"][0]["role"], "None")
        anna = basic("anna", passwords(out)["anna"])
        seen = grafana.ask("GET", "/api/dashboards/uid/usage", headers=anna).json()
        self.assertFalse(seen["meta"]["canSave"])
        self.assertEqual(seen["meta"]["folderUid"], "usage")
        otto = basic("otto", passwords(out)["otto"])
        self.assertFalse(grafana.ask("GET", "/api/dashboards/uid/usage",
                                     headers=otto).json()["meta"]["canSave"])
        self.assertEqual(house.tokens(), ["", "acme"])

    def test_token_pushes_into_its_own_org_alone(self):
        house = self.house()
        house.add_tenant("acme")
        house.add_tenant("beta")
        house.apply()
        push = {"Authorization": "Bearer " + house.kept("live_token", "acme"),
                "Content-Type": "text/plain"}
        answer = house.grafana.ask("POST", "/api/live/push/usage", "traffic a=1", push)
        self.assertEqual(answer.status, 200)
        foreign = {**push, "X-Grafana-Org-Id": str(house.org("beta"))}
        self.assertEqual(house.grafana.ask("POST", "/api/live/push/usage", "traffic a=1",
                                           foreign).status, 401)

    def test_brings_each_change_and_nothing_else(self):
        house = self.house_of_double()
        house.add_tenant("acme", "Acme", people=["anna", "otto"])
        house.add_tenant("beta", "Beta")
        house.apply()
        house.database.sql("UPDATE tenants SET name = 'Acme Ltd' WHERE id = 'acme';"
                           "UPDATE tenants SET time_zone = 'UTC' WHERE id = 'beta';"
                           "UPDATE people SET role = 'editor' WHERE login = 'otto';"
                           "DELETE FROM people WHERE login = 'anna'")
        house.write_dashboard("tenant", "usage", "Usage", refresh="5s")
        house.write_dashboard("tenant", "usage-alerts", "Alerts")
        house.grafana.forget_requests()
        _, err = house.apply()
        self.assertIn('''\
~ tenant acme: org 3 "Acme"
    ~ name "Acme" -> "Acme Ltd"
    ~ user otto
    + dashboard usage-alerts
    ~ dashboard usage
    - user anna

~ tenant beta: org 4 "Beta"
    + dashboard usage-alerts
    ~ dashboard usage
    ~ preferences
''', err)
        asked = house.grafana.requests()["by_kind"]
        self.assertNotIn("POST /api/orgs", asked)
        self.assertFalse([kind for kind in asked if "datasources" in kind], asked)
        self.assertEqual(house.grafana.manage("GET", f"/api/orgs/{house.org('acme')}")["name"],
                         "Acme Ltd")
        self.assertEqual(house.grafana.ask("GET", "/api/users/lookup?loginOrEmail=anna",
                                           headers=house.grafana.admin).status, 404)
        self.assertEqual(house.plan("--verify"), NOTHING + "3 unchanged, 0 stay locked.\n")

    def test_of_one_tenant_leaves_the_others(self):
        house = self.house()
        house.add_tenant("acme")
        house.add_tenant("beta")
        house.apply("--tenant", "beta")
        self.assertEqual(house.database.sql("SELECT tenant_id FROM usage.grafana_org"), "beta")
        _, err = house.usagectl("apply", "--tenant", "nobody", status=1)
        self.assertIn("--tenant nobody: is not in the list of tenants, and has no org", err)

    def test_as_json_is_one_document_with_the_passwords(self):
        house = self.house()
        house.add_tenant("acme", people=["anna"])
        plan = json.loads(house.plan("--json"))
        self.assertEqual(plan["summary"]["create"], 2)
        done = json.loads(house.apply("--json")[0])
        self.assertEqual((done["done"], done["failures"]), (2, []))
        self.assertEqual([p["login"] for p in done["passwords"]], ["anna"])

    def test_asks_for_as_little_as_a_new_tenant_needs(self):
        house = self.house_of_double()
        house.add_tenant("first")
        house.apply()
        house.add_tenant("acme", people=["anna"])
        house.grafana.forget_requests()
        house.apply()
        asked = house.grafana.requests()
        # Sign-in and listing; org, user, account, token, data source, folder and its rights, two
        # dashboards, preferences.
        self.assertEqual(asked["total"], 2 + 10, asked["by_kind"])


class Passwords(HouseCase):
    def test_are_shown_once_and_sign_in(self):
        house = self.house()
        house.add_tenant("acme", people=["anna"])
        out, err = house.apply()
        password = passwords(out)["anna"]
        self.assertNotIn(password, err)
        self.assertEqual(house.grafana.ask("GET", "/api/user",
                                           headers=basic("anna", password)).status, 200)
        self.assertEqual(house.apply()[0], "")

    def test_go_into_the_invitations_file_that_only_its_owner_reads(self):
        house = self.house(extra="    invitations_file: invitations.jsonl\n")
        house.add_tenant("acme", people=["anna"])
        out, _ = house.apply()
        self.assertEqual(out, "")
        file = house.folder / "invitations.jsonl"
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        line = json.loads(file.read_text())
        self.assertEqual((line["tenant"], line["login"]), ("acme", "anna"))
        self.assertEqual(house.grafana.ask(
            "GET", "/api/user", headers=basic("anna", line["password"])).status, 200)

    def test_of_a_person_in_two_tenants_are_one(self):
        house = self.house()
        house.add_tenant("acme", people=["anna"])
        house.add_tenant("beta")
        house.apply()
        house.database.sql("INSERT INTO people VALUES ('beta', 'anna', 'anna@acme.example', 'anna')")
        out, _ = house.apply()
        self.assertEqual(out, "")
        anna = house.grafana.manage("GET", "/api/users/lookup?loginOrEmail=anna")["id"]
        orgs = house.grafana.manage("GET", f"/api/users/{anna}/orgs")
        self.assertEqual({org["orgId"] for org in orgs}, {house.org("acme"), house.org("beta")})

    def test_and_other_secrets_stand_in_no_output(self):
        house = self.house_of_double()
        house.add_tenant("acme", people=["anna"])
        house.grafana.order_fault(what="error", method="POST", path="/api/datasources", times=99)
        out, err = house.usagectl("apply", status=1)
        everything = out + err + house.plan("--json") + house.plan("--verify")
        for secret in ("usage_", house.kept("live_token", "acme"), "grafana_session"):
            self.assertNotIn(secret, everything.replace("usage_exporter", ""))


class CutOff(HouseCase):
    """Whatever happened at whichever request: the next apply makes it whole, once."""

    def requests_of_an_org(self, house):
        house.add_tenant("probe", people=["probe*"])
        house.grafana.forget_requests()
        house.apply()
        return house.grafana.requests()["total"]

    def assert_whole(self, house, tenant):
        self.assertIn(NOTHING, house.plan("--verify"))
        org = house.org(tenant)
        accounts = house.grafana.manage("GET", "/api/serviceaccounts/search?query=", org=org)
        self.assertEqual([account["tokens"] for account in accounts["serviceAccounts"]], [1])
        self.assertEqual(house.tokens().count(tenant), 1)
        names = [o["name"] for o in house.grafana.manage("GET", "/api/orgs?perpage=1000&page=0")]
        self.assertEqual(names.count(tenant), 1)

    def test_anywhere_by_a_kill_is_gone_on_from(self):
        house = self.house_of_double()
        house.add_tenant("first")
        house.apply()
        known = {}
        for number in range(1, self.requests_of_an_org(house) + 1):
            for when in ("before", "after"):
                tenant = f"t{number}{when}"
                house.add_tenant(tenant, people=[f"p{number}{when}*"])
                house.grafana.forget_requests()
                house.grafana.order_fault(what="stall", nth=number, when=when)
                cut = house.begin()
                eventually(f"request {number} stalls", lambda: self.has_stalled(house, number), 60)
                cut.send_signal(signal.SIGKILL)
                known |= passwords(cut.communicate()[0])
                house.grafana.forget_faults()
                known |= passwords(house.apply()[0])
                self.assert_whole(house, tenant)
                login = f"p{number}{when}"
                answer = house.grafana.ask("GET", "/api/user", headers=basic(login, known[login]))
                self.assertEqual(answer.status, 200, f"{tenant}: the last password shown is good")

    @staticmethod
    def has_stalled(house, number):
        return house.grafana.requests()["total"] >= number

    def test_by_errors_of_grafanas_is_no_matter(self):
        house = self.house_of_double()
        house.add_tenant("first")
        house.apply()
        for number in range(1, self.requests_of_an_org(house) + 1):
            for what, when in (("error", "before"), ("error", "after"), ("cut", "before")):
                tenant = f"t{number}{what}{when}"
                house.add_tenant(tenant, people=[f"p{number}{what}{when}"])
                house.grafana.order_fault(what=what, nth=number, when=when)
                done = house.begin()
                done.communicate()
                house.grafana.forget_faults()
                house.apply()
                self.assert_whole(house, tenant)

    def test_in_one_org_is_no_others_failure(self):
        house = self.house()
        for tenant in ("acme", "beta", "gamma"):
            house.add_tenant(tenant, people=["u-" + tenant])
        house.grafana.manage("POST", "/api/admin/users", {"login": "u-beta", "password": "theirs"})
        _, err = house.usagectl("apply", status=1)
        self.assertIn('tenant beta "beta": user u-beta: the login is taken in org 1, which usagectl '
                      'did not make; choose another login\n', err)
        self.assertIn("3 org(s) done, 1 failed", err)
        self.assertIn('~ tenant beta: org', house.plan())

    def test_is_not_possible_for_two_at_once(self):
        house = self.house_of_double()
        house.add_tenant("acme")
        house.grafana.order_fault(what="stall", path="/api/folders")
        first = house.begin()
        eventually("the first one stalls", lambda: "POST /api/folders" in
                   house.grafana.requests()["by_kind"], 60)
        _, err = house.usagectl("apply", status=1)
        self.assertIn("another usagectl applies right now; wait until it has ended", err)
        house.plan()
        first.kill()
        first.communicate()


class Leaving(HouseCase):
    def leave(self):
        house = self.house()
        for tenant in ("acme", "beta", "gamma"):
            house.add_tenant(tenant, people=["u-" + tenant])
        out, _ = house.apply()
        self.passwords = passwords(out)
        self.token = house.kept("live_token", "beta")
        house.database.sql("DELETE FROM tenants WHERE id = 'beta'")
        return house

    def may_sign_in(self, house, login):
        headers = basic(login, self.passwords[login])
        return house.grafana.ask("GET", "/api/user", headers=headers).status == 200

    def test_tenant_is_locked_before_anything_is_deleted(self):
        house = self.leave()
        self.assertTrue(self.may_sign_in(house, "u-beta"))
        self.assertEqual(house.plan(), '''\
! tenant beta left: lock org 4 "beta" (users disabled, tokens revoked)

Plan: 0 to create, 0 to change, 1 to lock, 0 to delete; 3 unchanged, 0 stay locked.
''')
        house.apply("--prune")
        self.assertFalse(self.may_sign_in(house, "u-beta"))
        self.assertTrue(self.may_sign_in(house, "u-acme"))
        self.assertEqual(house.tokens(), ["", "acme", "gamma"])
        push = {"Authorization": "Bearer " + self.token, "Content-Type": "text/plain"}
        self.assertEqual(house.grafana.ask("POST", "/api/live/push/usage", "traffic a=1",
                                           push).status, 401)
        self.assertEqual(house.plan(), NOTHING + "3 unchanged, 1 stay locked.\n")

    def test_tenant_is_deleted_with_prune_and_its_name_alone(self):
        house = self.leave()
        house.apply()
        _, err = house.usagectl("apply", "--prune", status=1)
        self.assertIn('the org "beta" would be deleted with everything in it; add --confirm beta if '
                      'that is meant', err)
        self.assertIn('"beta"', house.plan("--prune"))
        house.apply("--prune", "--confirm", "beta")
        names = {org["name"] for org in house.grafana.manage("GET", "/api/orgs?perpage=1000&page=0")}
        self.assertEqual(names, {"Main Org.", "Operator", "acme", "gamma"})
        self.assertEqual(house.grafana.ask("GET", "/api/users/lookup?loginOrEmail=u-beta",
                                           headers=house.grafana.admin).status, 404)
        self.assertEqual(house.plan(), NOTHING + "3 unchanged, 0 stay locked.\n")

    def test_tenant_that_is_back_is_unlocked_with_new_tokens(self):
        house = self.leave()
        house.apply()
        house.add_tenant("beta", people=[])
        self.assertIn("    ~ unlocked: the tenant is back\n    ~ live account\n    ~ data source\n",
                      house.plan())
        house.apply()
        self.assertTrue(self.may_sign_in(house, "u-beta"))
        self.assertNotEqual(house.kept("live_token", "beta"), self.token)
        self.assertEqual(house.tokens(), ["", "acme", "beta", "gamma"])
        self.assertIn(NOTHING, house.plan("--verify"))

    def test_of_many_at_once_is_taken_for_a_wrong_list(self):
        house = self.house()
        for number in range(8):
            house.add_tenant(f"t{number}")
        house.apply()
        house.database.sql("DELETE FROM tenants WHERE id <> 't0'")
        _, err = house.usagectl("apply", status=1)
        self.assertIn("7 of 9 tenants left at once: is the list of tenants right?", err)
        house.apply("--lock-many")
        house.database.sql("DELETE FROM tenants")
        _, err = house.usagectl("plan", status=1)
        self.assertIn("the list of tenants is empty: every org would be locked", err)


class Strangers(HouseCase):
    def test_org_of_a_tenants_name_is_left_alone(self):
        house = self.house()
        house.grafana.manage("POST", "/api/orgs", {"name": "acme"})
        house.add_tenant("acme")
        _, err = house.usagectl("apply", status=1)
        self.assertIn('org "acme": Grafana has one, org 2, that usagectl did not make; rename that '
                      'one, or the tenant', err)

    def test_server_admin_is_no_tenants_user(self):
        house = self.house()
        house.add_tenant("acme", people=["admin"])
        _, err = house.usagectl("apply", status=1)
        self.assertIn("user admin: is a server admin, who could see every org", err)

    def test_grafana_that_was_set_up_anew_is_not_written_into(self):
        house = self.house()
        house.add_tenant("acme", people=["anna"])
        house.apply()
        other = House.__new__(House)
        other.__dict__.update(house.__dict__)
        other.grafana = double_of(self)
        for name in ("theirs", "theirs too"):
            other.grafana.manage("POST", "/api/orgs", {"name": name})
        other.write_config()
        _, err = other.usagectl("apply", status=1)
        self.assertIn('is "theirs', err)
        self.assertIn("is grafana.url another Grafana?", err)

    def test_hand_that_changed_things_is_seen_with_verify(self):
        house = self.house()
        house.add_tenant("acme", people=["anna"])
        house.apply()
        grafana, org = house.grafana, house.org("acme")
        source = grafana.manage("GET", "/api/datasources/uid/usage-prometheus", org=org)
        grafana.manage("PUT", "/api/datasources/uid/usage-prometheus",
                       {**source, "url": "http://127.0.0.1:9090"}, org=org)
        grafana.manage("DELETE", "/api/dashboards/uid/usage-history", org=org)
        grafana.manage("PATCH", "/api/org/preferences", {"timezone": "utc"}, org=org)
        anna = grafana.manage("GET", "/api/users/lookup?loginOrEmail=anna")["id"]
        grafana.manage("PATCH", f"/api/orgs/{org}/users/{anna}", {"role": "Admin"})
        grafana.manage("POST", "/api/datasources", {"name": "Back door", "type": "prometheus",
                                                    "access": "proxy", "url": "http://127.0.0.1:9090"},
                       org=org)
        grafana.manage("POST", "/api/folders/usage/permissions",
                       {"items": [{"role": "Editor", "permission": 2}]}, org=org)
        self.assertIn(NOTHING, house.plan())
        planned, warnings = house.usagectl("plan", "--verify")
        self.assertIn('''\
~ tenant acme: org 3 "acme"
    ~ user anna
    ~ data source
    ~ folder usage
    + dashboard usage-history
    ~ preferences
''', planned)
        self.assertIn('the data source "Back door" at "http://127.0.0.1:9090" is not usagectl\'s',
                      warnings)
        house.apply("--verify")
        self.assertIn(NOTHING, house.plan("--verify"))


class Check(HouseCase):
    def test_of_our_grafana_ini_finds_nothing_bad(self):
        gateway = self.use(AnyPrometheus())
        grafana = double_of(self, "security.admin_user=boss", "security.admin_password=odd-enough",
                            f"security.data_source_proxy_whitelist={gateway.address}", config=CONFIG)
        grafana.sign_in_as("boss", "odd-enough")
        house = House(self.folder, self.new_database(), grafana)
        house.add_tenant("acme", people=["anna"])
        house.write_config(gateway="http://" + gateway.address)
        house.apply()
        out, _ = house.usagectl("check")
        self.assertRegex(out, r"\n\d+ ok, 0 warning\(s\), 0 bad\n$")

    def test_names_what_is_open_and_how_to_close_it(self):
        house = self.house_of_double()
        out, _ = house.usagectl("check", status=1)
        self.assertIn("ok      [users] allow_sign_up: false\n", out)
        self.assertIn("bad     [metrics] enabled: true: its /metrics is open to everybody\n"
                      "        write enabled = false under [metrics] of grafana.ini\n", out)
        self.assertIn("bad     the default password: admin's is admin\n", out)

    def test_finds_ways_around_the_gateway(self):
        house = self.house()
        house.add_tenant("acme", people=["anna"])
        house.apply()
        grafana, org = house.grafana, house.org("acme")
        anna = grafana.manage("GET", "/api/users/lookup?loginOrEmail=anna")["id"]
        grafana.manage("PATCH", f"/api/orgs/{org}/users/{anna}", {"role": "Admin"})
        grafana.manage("POST", "/api/datasources", {"name": "Back door", "type": "prometheus",
                                                    "access": "proxy", "url": "http://127.0.0.1:9090"},
                       org=org)
        out, _ = house.usagectl("check", status=1)
        self.assertIn('bad     org 3 "acme": the data source Back door is at http://127.0.0.1:9090\n',
                      out)
        self.assertIn('bad     org 3 "acme": anna is an Admin, who can point a data source anywhere\n',
                      out)
        self.assertIn('bad     org 3 "acme": its data source does not answer: ', out)
        found = json.loads(house.usagectl("check", "--json", status=1)[0])
        self.assertIn("bad", {finding["verdict"] for finding in found})


class Faults(HouseCase):
    def test_name_the_remedy(self):
        house = self.house()
        house.add_tenant("acme")
        (house.folder / "admin.password").write_text("wrong\n")
        _, err = house.usagectl("plan", status=1)
        self.assertIn('signing in as admin: Grafana answers 401 "Invalid username or password": give '
                      'the name and password of a server admin', err)
        (house.folder / "admin.password").write_text("")
        _, err = house.usagectl("plan", status=1)
        self.assertIn("admin.password: has no password in its first line", err)
        (house.folder / "admin.password").write_text("admin\n")
        house.database.sql("INSERT INTO people VALUES ('acme', 'anna', '', '', 'boss')")
        _, err = house.usagectl("plan", status=1)
        self.assertIn("the role of 'anna' is 'boss'; write viewer or editor", err)
        house.database.sql("DELETE FROM people")
        (house.folder / "dashboards/tenant/usage.json").write_text("{}")
        _, err = house.usagectl("plan", status=1)
        self.assertRegex(err, r'dashboards/tenant/usage.json: needs a "uid"')
        house.write_dashboard("tenant", "usage", "Usage")
        house.config.write_text(re.sub(r"url: http://127.0.0.1:\d+\n", "url: http://127.0.0.1:9\n",
                                       house.config.read_text(), count=1))
        _, err = house.usagectl("plan", status=1)
        self.assertIn("Grafana at http://127.0.0.1:9: Connection", err)


class Session(HouseCase):
    def test_goes_on_when_its_cookie_has_grown_old(self):
        house = self.house_of_double()
        for number in range(4):
            house.add_tenant(f"t{number}")
        house.grafana.order_fault(what="delay", path="/api/folders", seconds=2, times=4)
        running = house.begin()
        eventually("it is under way", lambda: "POST /api/folders" in
                   house.grafana.requests()["by_kind"], 60)
        house.grafana.advance(660)
        out, err = running.communicate(timeout=120)
        self.assertEqual(running.returncode, 0, err)
        self.assertIn("POST /api/user/auth-tokens/rotate", house.grafana.requests()["by_kind"])
        self.assertIn(NOTHING, house.plan("--verify"))


if __name__ == "__main__":
    case.main()
