#!/usr/bin/env python3
"""usage_exporter as a program: its flags, its start, its end, its reloads, and who may look."""

import base64
import http.client
import json
import signal
import urllib.request

import case
import postgres
import processes
from exporter import config_for, fetch
from page import Page
from panel import Panel, uid
from waiting import eventually


def run_exporter(*flags):
    return processes.run([processes.binary("usage_exporter"), *flags])


class TheCommandLine(case.Case):
    def write(self, name, text):
        file = self.folder / name
        file.write_text(text)
        return str(file)

    def good_config(self):
        return self.write("good.yaml", json.dumps(config_for("dbname=nowhere", "user_sessions")))

    def test_version_names_program_version_and_revision(self):
        done = run_exporter("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout,
                         r"^usage_exporter, version \d+\.\d+\.\d+ \(revision: [0-9a-z-]+\)\n$")

    def test_help_names_every_flag(self):
        done = run_exporter("--help")
        self.assertEqual(done.returncode, 0)
        for flag in ("--config.file", "--web.listen-address", "--web.config.file", "--log.level",
                     "--log.format", "--check-config", "--version", "--help", "127.0.0.1:9812"):
            self.assertIn(flag, done.stdout)

    def test_a_good_config_passes_the_check_without_a_database(self):
        done = run_exporter("--check-config", "--config.file", self.good_config())
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("good.yaml: ok, 1 source(s)", done.stdout)

    def test_the_check_names_file_line_column_and_remedy_of_every_fault(self):
        bad = self.write("bad.yaml", "database:\n  dsn: dbname=billing\nsources:\n"
                         "  - type: user_sessions\n    intervall: 5s\n    timeout: soon\n")
        done = run_exporter("--check-config", "--config.file", bad)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("bad.yaml:5:5: sources[0]: unknown key 'intervall': did you mean 'interval'?",
                      done.stderr)
        self.assertIn("bad.yaml:6:14: sources[0].timeout: ", done.stderr)

    def test_the_check_reads_the_web_config_too(self):
        web = self.write("web.yml", "basic_auth_users:\n  ann: not-a-hash\n")
        done = run_exporter("--check-config", "--config.file", self.good_config(),
                            "--web.config.file", web)
        self.assertEqual(done.returncode, 1)
        self.assertIn("web.yml:2:", done.stderr)

    def test_a_missing_config_is_named(self):
        missing = str(self.folder / "missing.yaml")
        for flags in (["--check-config"], []):
            done = run_exporter("--config.file", missing, *flags)
            self.assertEqual(done.returncode, 1)
            self.assertIn(missing, done.stderr)

    def test_with_a_bad_config_it_does_not_start(self):
        bad = self.write("bad.yaml", "sources: []\n")
        done = run_exporter("--config.file", bad, "--web.listen-address", "127.0.0.1:0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("bad.yaml:1:", done.stderr)
        self.assertNotIn("listens", done.stderr)

    def test_flags_that_are_none_are_refused(self):
        for flags in (["--nonsense"], ["--log.level", "loud"], ["--log.format", "xml"]):
            done = run_exporter(*flags)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(flags[-1], done.stderr)


class StartAndEnd(case.Case):
    def setUp(self):
        super().setUp()
        self.database = self.new_database()

    def config(self, **sections):
        return config_for(self.database.dsn(), "user_sessions", **sections)

    def test_a_taken_port_is_named_and_ends_the_program(self):
        Panel(self.database)
        first = self.new_exporter(self.config())
        first.start()
        second = self.new_exporter(self.config(), name="second")
        done = processes.run(second.command("--web.listen-address", f"127.0.0.1:{first.port}"))
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"127.0.0.1:{first.port}", done.stderr)
        self.assertIn("in use", done.stderr)

    def test_an_address_that_is_none_is_named(self):
        exporter = self.new_exporter(self.config())
        for address in ("127.0.0.1:port", "127.0.0.1:99999", "nonsense"):
            done = processes.run(exporter.command("--web.listen-address", address))
            self.assertEqual(done.returncode, 1, address)
            self.assertIn(address, done.stderr)

    def test_it_is_ready_after_its_first_exact_reading_and_not_before(self):
        exporter = self.new_exporter(self.config())
        exporter.launch()
        exporter.process.eventually_said("user_sessions")  # there is no such table
        self.assertEqual(exporter.get("/-/ready").status, 503)
        self.assertEqual(exporter.get("/-/healthy").status, 200)
        self.assertEqual(exporter.value("usage_exporter_ready"), 0)
        self.assertEqual(exporter.value("usage_source_up", source="user_sessions"), 0)
        Panel(self.database)
        eventually("it is ready", lambda: exporter.get("/-/ready").status == 200)
        self.assertEqual(exporter.value("usage_exporter_ready"), 1)

    def test_sigterm_and_sigint_take_all_into_the_tables_and_end_with_0(self):
        panel = Panel(self.database)
        panel.add_tenant("north")
        exporter = self.new_exporter(self.config(storage={"fold_interval": "1h"}))
        for turn, number in enumerate((signal.SIGTERM, signal.SIGINT)):
            exporter.start()
            panel.open(f"s{turn}", "north", 100, 1000)
            exporter.read_all()
            self.assertNotEqual(self.database.sql("SELECT count(*) FROM usage.journal"), "0")
            self.assertEqual(exporter.process.stop(number), 0)
            self.assertEqual(self.database.sql("SELECT count(*) FROM usage.journal"), "0")
            self.assertEqual(
                self.database.sql("SELECT upload_bytes, download_bytes FROM usage.tenant_total"),
                f"{100 * (turn + 1)}|{1000 * (turn + 1)}")

    def test_sigterm_ends_it_although_its_databases_are_away(self):
        cluster = self.use(postgres.Cluster())
        database = postgres.Database(cluster)
        Panel(database)
        exporter = self.new_exporter(config_for(database.dsn(), "user_sessions"))
        exporter.start()
        cluster.kill()
        exporter.eventually("the source is down", lambda page: page.get(
            "usage_source_up", source="user_sessions") == 0)
        self.assertEqual(exporter.process.stop(), 0)

    def test_it_starts_without_a_database_and_finds_it_when_it_comes(self):
        cluster = self.use(postgres.Cluster())
        database = postgres.Database(cluster)
        Panel(database)
        cluster.process.stop(signal.SIGQUIT)
        exporter = self.new_exporter(config_for(database.dsn(), "user_sessions"))
        exporter.launch()
        page = exporter.eventually("it says what is missing", lambda page: page.get(
            "usage_source_errors_total", source="user_sessions") > 0)
        self.assertEqual(page.get("usage_exporter_ledger_up"), 0)
        self.assertEqual(list(page.series("usage_upload_bytes_total")), [])
        cluster.start()
        eventually("it is ready", lambda: exporter.get("/-/ready").status == 200)

    def test_logs_are_lines_of_logfmt_or_json(self):
        Panel(self.database)
        exporter = self.new_exporter(self.config(), "--log.format", "json")
        exporter.start()
        exporter.process.stop()
        for line in exporter.process.output().splitlines():
            self.assertEqual(sorted(json.loads(line)), ["level", "msg", "ts"])
        other = self.new_exporter(self.config(), name="logfmt")
        other.start()
        other.process.stop()
        for line in other.process.output().splitlines():
            self.assertRegex(line, r'^ts=\S+Z level=(info|warn|error) msg=".*"$')

    def test_it_leaves_no_warnings_in_the_servers_log(self):
        cluster = self.use(postgres.Cluster())
        database = postgres.Database(cluster)
        panel = Panel(database)
        database.load(postgres.FREERADIUS_SCHEMA)
        panel.add_tenant("north")
        begin = len(cluster.process.output())
        exporter = self.new_exporter(config_for(database.dsn(), "user_sessions", "radacct"))
        exporter.start()
        panel.open("s", "north", 1, 1)
        for _ in range(3):
            exporter.read_all()
        exporter.process.stop()
        self.assertNotRegex(cluster.process.output()[begin:], "WARNING|ERROR|FATAL")


class Reloading(case.Case):
    OK = "usage_exporter_config_last_reload_successful"

    def setUp(self):
        super().setUp()
        self.database = self.new_database(postgres.FREERADIUS_SCHEMA)
        self.panel = Panel(self.database)
        self.panel.add_tenant("north")
        self.panel.open("s", "north", 100, 1000)
        self.one = config_for(self.database.dsn(), "user_sessions")
        self.two = config_for(self.database.dsn(), "user_sessions", "radacct")
        self.exporter = self.new_exporter(self.one)
        self.exporter.start()

    def sources(self):
        return {labels["source"] for labels, _ in self.exporter.page().series("usage_source_info")}

    def assert_exact(self):
        page = self.exporter.read_all()
        self.assertEqual(page.sum("usage_upload_bytes_total"), 100)
        self.assertEqual(page.sum("usage_download_bytes_total"), 1000)

    def test_sighup_adds_a_source(self):
        self.exporter.configure(self.two)
        self.exporter.process.send(signal.SIGHUP)
        eventually("radacct is a source", lambda: self.sources() == {"user_sessions", "radacct"})
        self.exporter.eventually("it is read", lambda page: page.get(
            "usage_source_up", source="radacct") == 1)
        self.assert_exact()

    def test_post_adds_a_source_and_takes_it_away_again(self):
        self.exporter.configure(self.two)
        self.assertEqual(self.exporter.reload().status, 200)
        eventually("radacct is a source", lambda: self.sources() == {"user_sessions", "radacct"})
        self.exporter.configure(self.one)
        self.assertEqual(self.exporter.reload().status, 200)
        eventually("radacct is gone", lambda: self.sources() == {"user_sessions"})
        self.assert_exact()

    def test_a_bad_file_keeps_the_old_one_and_says_so_until_a_good_one_comes(self):
        self.assertEqual(self.exporter.value(self.OK), 1)
        self.exporter.configure("sources: nonsense\n")
        answer = self.exporter.reload()
        self.assertGreaterEqual(answer.status, 400)
        self.assertIn("usage_exporter.yaml:1:", answer.text)
        self.exporter.eventually("the metric says so", lambda page: page.get(self.OK) == 0)
        self.assertIn("the old configuration stays", self.exporter.process.said())
        self.assert_exact()
        self.exporter.configure(self.one)
        self.assertEqual(self.exporter.reload().status, 200)
        self.exporter.eventually("the metric says so", lambda page: page.get(self.OK) == 1)
        self.assert_exact()

    def test_a_get_reloads_nothing(self):
        self.assertEqual(self.exporter.get("/-/reload").status, 405)

    def test_many_reloads_under_traffic_lose_nothing(self):
        for turn in range(10):
            self.exporter.configure(self.two if turn % 2 else self.one)
            self.assertEqual(self.exporter.reload().status, 200)
            self.panel.report("s", 100 + turn, 1000 + turn)
        page = self.exporter.read_all()
        self.assertEqual(page.sum("usage_upload_bytes_total"), 109)
        self.assertEqual(page.sum("usage_download_bytes_total"), 1009)
        self.assertEqual(page.sum("usage_sessions_started_total"), 1)


class TwoExportersOnOneLedger(case.Case):
    def test_the_second_says_who_writes_and_takes_over_when_it_is_gone(self):
        database = self.new_database()
        panel = Panel(database)
        panel.add_tenant("north")
        config = config_for(database.dsn(), "user_sessions")
        first = self.new_exporter(config, name="first")
        second = self.new_exporter(config, name="second")
        first.start()
        self.assertEqual(first.value("usage_exporter_writer"), 1)
        second.launch()
        second.process.eventually_said("another exporter writes schema usage (connected from 127.0.0.1")
        second.eventually("it is not the writer",
                          lambda page: page.get("usage_exporter_writer") == 0)
        self.assertEqual(second.get("/-/ready").status, 503)
        panel.open("s", "north", 100, 1000)
        first.read_all()
        self.assertEqual(first.value("usage_upload_bytes_total", tenant_id=uid("north"),
                                     access="pppoe"), 100)
        eventually("who does not write shows history too", lambda: Page(
            second.get("/metrics/history").text).sum("usage_month_curve_bytes") == 1100)
        first.process.kill()
        panel.report("s", 200, 2000)
        eventually("the second is ready", lambda: second.get("/-/ready").status == 200)
        page = second.read_all()
        self.assertEqual(page.get("usage_exporter_writer"), 1)
        self.assertEqual(page.sum("usage_upload_bytes_total"), 200)
        self.assertEqual(page.sum("usage_download_bytes_total"), 2000)


class WhoMayLook(case.Case):
    # bcrypt of "open sesame", cost 4.
    HASH = "$2b$04$6tJr/du6Vpibm/1SN1wtpOv3OPeRdW6Rcm1SIBw2IKQp2g5hbBR2m"

    def setUp(self):
        super().setUp()
        self.database = self.new_database()
        Panel(self.database)
        self.make_certificate()
        web = self.folder / "web.yml"
        web.write_text(f"tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
                       f"basic_auth_users:\n  ann: {self.HASH}\n")
        self.exporter = self.new_exporter(config_for(self.database.dsn(), "user_sessions"),
                                          "--web.config.file", str(web), tls=True)
        self.exporter.launch()

    def make_certificate(self):
        done = processes.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1", "-addext",
             "subjectAltName=IP:127.0.0.1", "-keyout", str(self.folder / "server.key"), "-out",
             str(self.folder / "server.crt")])
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_passwords_and_tls_protect_every_page_alike(self):
        self.assertTrue(self.exporter.url.startswith("https://"), self.exporter.url)
        ann = {"Authorization": "Basic " + base64.b64encode(b"ann:open sesame").decode()}
        eve = {"Authorization": "Basic " + base64.b64encode(b"ann:open says me").decode()}
        for path in ("/", "/metrics", "/metrics/history", "/-/healthy"):
            self.assertEqual(self.exporter.get(path).status, 401, path)
            self.assertEqual(self.exporter.get(path, eve).status, 401, path)
            self.assertEqual(self.exporter.get(path, ann).status, 200, path)
        for headers in ({}, eve):
            self.assertEqual(self.exporter.get("/events", headers).status, 401)
            self.assertEqual(self.exporter.get("/-/reload", headers, "POST").status, 401)
        self.assertEqual(self.first_line_of_events(ann)[0], 200)
        self.assertEqual(self.exporter.get("/-/reload", ann, "POST").status, 200)

    def test_plain_http_gets_no_page(self):
        with self.assertRaises((OSError, http.client.HTTPException)):
            answer = fetch(self.exporter.url.replace("https", "http") + "/metrics")
            self.assertNotIn("usage_", answer.text)
            raise OSError("refused")

    def first_line_of_events(self, headers):
        request = urllib.request.Request(self.exporter.url + "/events", headers=headers)
        with urllib.request.urlopen(request, timeout=60, context=self.exporter.tls) as stream:
            return stream.status, stream.readline()


class OfSecretsNothingShows(case.Case):
    """Every role has a password with this mark, and nothing that anybody can read has it."""

    MARK = "x9Secret7Mark"

    def setUp(self):
        super().setUp()
        self.cluster = self.use(postgres.Cluster())
        self.database = postgres.Database(self.cluster)
        self.panel = Panel(self.database)
        self.database.sql(f"CREATE ROLE keeper LOGIN PASSWORD '{self.MARK}1' SUPERUSER;"
                          f"CREATE ROLE reader LOGIN PASSWORD '{self.MARK}2' SUPERUSER")
        self.cluster.demand_passwords()
        (self.folder / "reader.password").write_text(self.MARK + "2\n")
        (self.folder / "reader.password").chmod(0o600)

    def config(self):
        reader = {"dsn": self.database.dsn("reader"),
                  "password_file": str(self.folder / "reader.password")}
        wrong = {"dsn": self.database.dsn("reader") + f" password={self.MARK}3"}
        uri = {"dsn": f"postgresql://reader:{self.MARK}4@127.0.0.1:{self.cluster.port}/nowhere"}
        lost = {"dsn": f"postgresql://reader:{self.MARK}5@127.0.0.1:1/{self.database.name}"}
        return config_for(
            "unused", {"type": "user_sessions", "database": reader},
            {"name": "wrong", "type": "radacct", "database": wrong},
            {"name": "uri", "type": "radacct", "database": uri},
            {"name": "lost", "type": "radacct", "database": lost},
            database={"dsn": self.database.dsn("keeper") + " password=${KEEPER}"})

    def assert_clean(self, where, text):
        self.assertNotIn(self.MARK, text, where)
        self.assertGreater(len(text), 50, where)

    def test_not_in_logs_pages_events_errors_or_what_the_server_sees(self):
        exporter = self.new_exporter(self.config(), "--log.level", "debug",
                                     env={"KEEPER": self.MARK + "1"})
        check = processes.run(exporter.command("--check-config"),
                              env={**exporter.process.env, "KEEPER": self.MARK + "1"})
        self.assertEqual(check.returncode, 0, check.stderr)
        self.assert_clean("--check-config", check.stdout + check.stderr + " " * 50)
        exporter.launch()
        exporter.eventually("the good source reads", lambda page: page.get(
            "usage_source_up", source="user_sessions") == 1)
        page = exporter.eventually("the bad ones fail", lambda page: all(
            page.get("usage_source_errors_total", source=s) > 1 for s in ("wrong", "uri", "lost")))
        self.assert_clean("/metrics", page.text)
        self.assert_clean("/", exporter.get("/").text)
        self.assert_clean("/events", self.events(exporter))
        exporter.configure(exporter.file.read_text().replace("KEEPER", "NO_SUCH_VARIABLE"))
        self.assertNotIn(self.MARK, exporter.reload().text)
        exporter.configure(exporter.file.read_text().replace("${NO_SUCH_VARIABLE}", self.MARK +
                                                             "6 sslmode=nonsense"))
        self.assertNotIn(self.MARK, exporter.reload().text)
        exporter.process.stop()
        self.assert_clean("log", exporter.process.output())
        self.assertIn("password authentication failed", exporter.process.output())
        self.assert_clean("ledger", self.cluster.psql(
            self.database.name, "SELECT string_agg(t::text, ' ') FROM usage.source t,"
            " generate_series(1, 20)"))

    def events(self, exporter):
        """The stream's first event."""
        with urllib.request.urlopen(exporter.url + "/events", timeout=60) as stream:
            lines = []
            while not lines or lines[-1] != b"\n" or len(lines) < 3:
                lines.append(stream.readline())
        return b"".join(lines).decode()


class DocumentedGrants(case.Case):
    """The statements of docs/grants.md, run as they are, give all that is needed and no more."""

    def setUp(self):
        super().setUp()
        self.cluster = self.use(postgres.Cluster())
        self.database = postgres.Database(self.cluster, "billing")
        self.panel = Panel(self.database)
        self.database.load(postgres.FREERADIUS_SCHEMA)
        self.database.sql("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        for heading in ("The reader", "user_sessions", "tenants", "radacct", "The ledger"):
            self.database.sql(self.statements(heading))

    def statements(self, heading):
        page = (processes.ROOT / "docs/grants.md").read_text()
        return page.split(f"# {heading}\n", 1)[1].split("```sql\n", 1)[1].split("```", 1)[0]

    def test_the_two_roles_are_enough(self):
        self.panel.add_tenant("north")
        self.panel.open("s", "north", 100, 1000)
        config = config_for(self.database.dsn("usage_reader"), "user_sessions", "radacct",
                            storage={"database": {"dsn": self.database.dsn("usage_exporter")}})
        exporter = self.new_exporter(config)
        exporter.start()
        page = exporter.read_all()
        self.assertEqual(page.sum("usage_upload_bytes_total"), 100)
        self.assertEqual(page.get("usage_tenants_up"), 1)
        self.assertEqual(exporter.process.stop(), 0)
        self.assertEqual(self.database.sql("SELECT upload_bytes FROM usage.tenant_total"), "100")

    def test_the_reader_cannot_write_and_the_writer_cannot_read_the_billing(self):
        for role, statement in (
                ("usage_reader", "DELETE FROM user_sessions"),
                ("usage_reader", "CREATE TABLE public.mine (x int)"),
                ("usage_reader", "SELECT * FROM nas"),
                ("usage_exporter", "SELECT * FROM public.user_sessions"),
                ("usage_exporter", "CREATE TABLE public.mine (x int)")):
            with self.assertRaisesRegex(RuntimeError, "permission denied", msg=statement):
                self.database.sql(statement, role)


if __name__ == "__main__":
    case.main()
