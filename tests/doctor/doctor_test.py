"""usagectl doctor and status, on houses that are well, very sick, away, or silent."""

import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "grafana"))

import case  # noqa: E402
import parts  # noqa: E402
import postgres  # noqa: E402
import processes  # noqa: E402
from alertmanager import Alertmanager  # noqa: E402
from exporter import Exporter  # noqa: E402
from gateway import Gateway  # noqa: E402
from parts import normalised, usagectl  # noqa: E402
from panel import Panel  # noqa: E402
from server import Double  # noqa: E402
from waiting import eventually  # noqa: E402

DAY = 86400
CHECKS = ["config", "sources", "routers", "exporter", "ledger", "gateway", "prometheus",
          "alertmanager", "grafana", "disks", "backup", "tables", "tokens", "certificates",
          "versions"]
VERDICTS = {"ok", "not checked", "warning", "broken"}

# What the doctor advises, done.
CURE = """
DROP INDEX IF EXISTS user_sessions_data_used_idx, user_sessions_tenant_id_data_used_idx;
ALTER TABLE user_sessions SET (fillfactor = 50);
CREATE INDEX ON user_sessions (created_at);
"""


def widest(text):
    return max(len(line) for line in text.splitlines())


class Well(case.SharedCase):
    """Every part of a small house runs."""

    @classmethod
    def setUpClass(cls):
        cls.folder = cls.make_folder()
        cls.database = cls.share(postgres.Database())
        cls.panel = Panel(cls.database)
        cls.database.sql(CURE)
        cls.panel.add_tenant("acme")
        for i in range(3):
            cls.panel.open(f"session {i}", "acme", 1000, 20000, voucher=f"V{i}")
        cls.start_parts()
        cls.configure()
        cls.exporter.start()
        eventually("a fold", lambda: cls.database.sql(
            "SELECT count(*) FROM usage.tenant_day") == "1")
        cls.start_prometheus()

    @classmethod
    def start_parts(cls):
        (cls.folder / "exporter").mkdir()
        cls.exporter = cls.share(Exporter(cls.folder / "exporter", ""))
        cls.exporter.port = processes.free_port()
        (cls.folder / "gateway").mkdir()
        cls.gateway = cls.share(Gateway(cls.folder / "gateway", "http://127.0.0.1:9"))
        cls.gateway.create_token("--tenant", "acme", "--expires", "300d")
        cls.gateway.launch()
        (cls.folder / "am").mkdir()
        (cls.folder / "am/alertmanager.yml").write_text(
            '{"route": {"receiver": "x"}, "receivers": [{"name": "x"}]}')
        cls.alertmanager = cls.share(Alertmanager(cls.folder / "am")).start()
        (cls.folder / "grafana").mkdir()
        cls.grafana = cls.share(Double(cls.folder / "grafana"))
        cls.certificate = parts.make_certificate(cls.folder, "usage.example", 300)
        parts.make_backup(cls.folder, 60)

    @classmethod
    def configure(cls, **doctor):
        cls.prometheus_port = getattr(cls, "prometheus_port", None) or processes.free_port()
        section = {
            "exporter_url": f"http://127.0.0.1:{cls.exporter.port}",
            "gateway_metrics_url": cls.gateway.telemetry,
            "tokens_file": str(cls.gateway.tokens),
            "certificates": [str(cls.certificate)],
            "backup": {"newest_of": f"{cls.folder}/*.dump"},
            "timeout": "1m", **doctor}
        cls.config = parts.write_config(cls.folder, cls.database.dsn(), section,
                                        grafana={"url": cls.grafana.url},
                                        alerting=parts.alerting(
                                            cls.alertmanager.url,
                                            watchdog={"webhook": "http://127.0.0.1:9"}))
        cls.exporter.configure(cls.config.read_text())

    @classmethod
    def start_prometheus(cls):
        ours = f"127.0.0.1:{cls.exporter.port}"
        jobs = {"usage_exporter": (ours, "/metrics"), "usage_history": (ours, "/metrics/history"),
                "usage_gateway": (cls.gateway.telemetry.removeprefix("http://"), "/metrics")}
        cls.prometheus = cls.share(parts.Prometheus(
            cls.folder / "prometheus", jobs, parts.GOOD_RULES, "--storage.tsdb.retention.time=40d"))
        cls.prometheus.wait_until_judged()
        cls.configure(prometheus_url=cls.prometheus.url)

    def doctor(self, *flags, **options):
        return usagectl("doctor", "--config.file", self.config, *flags, **options)

    def test_says_that_all_is_well_and_exits_with_0(self):
        self.exporter.read_all()
        done = self.doctor()
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        parts.check_golden(self, "well.txt", normalised(done.stdout, self.folder, self.database))

    def test_has_colours_only_where_they_are_wanted(self):
        self.assertNotIn("\x1b", self.doctor("--only", "config").stdout)
        self.assertIn("\x1b", self.doctor("--only", "config", "--color", "always").stdout)
        on_terminal = ["script", "-qec", f"{processes.binary('usagectl')} doctor --only config "
                       f"--config.file {self.config}", "/dev/null"]
        self.assertIn("\x1b", processes.run(on_terminal).stdout)
        self.assertNotIn("\x1b", processes.run(["env", "NO_COLOR=1", *on_terminal]).stdout)

    def test_the_checks_of_a_rhythm_are_those_of_the_shorter_ones_too(self):
        def checks(*flags):
            return {finding["check"] for finding in
                    json.loads(self.doctor("--json", *flags).stdout)["findings"]}
        self.assertEqual(checks(), set(CHECKS))
        self.assertEqual(checks("--often", "weekly"), set(CHECKS) - {"versions"})
        self.assertEqual(checks("--often", "daily"),
                         set(CHECKS) - {"versions", "tables", "tokens", "certificates"})
        self.assertEqual(checks("--only", "backup", "--only", "ledger"), {"backup", "ledger"})

    def test_a_mistyped_check_is_answered_with_the_nearest(self):
        done = self.doctor("--only", "ledgr")
        self.assertEqual(done.returncode, 1)
        self.assertIn("did you mean 'ledger'?", done.stderr)

    def test_changes_nothing_in_the_database(self):
        # The exporter writes by itself.
        self.exporter.process.stop()
        def everything():
            dump = processes.run(["pg_dump", "-d", self.database.dsn()])
            self.assertEqual(dump.returncode, 0, dump.stderr)
            return re.sub(r"^\\(un)?restrict .*$", "", dump.stdout, flags=re.MULTILINE)
        before = everything()
        done = self.doctor()
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("nobody writes the ledger", done.stdout)
        self.assertEqual(everything(), before)
        self.exporter.start()

    def test_status_is_one_screen(self):
        done = usagectl("status", "--config.file", self.config)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertLessEqual(len(done.stdout.splitlines()), 24)
        self.assertLessEqual(widest(done.stdout), 80)
        for line in ("exporter", "user_sessions", "gateway", "Prometheus", "Alertmanager",
                     "Grafana", "tenants        1", "open sessions  3 (hotspot 3, PPPoE 0)",
                     "today          3.00 kB up, 60.0 kB down", "alerts         none fires",
                     "ends next      token"):
            self.assertIn(line, done.stdout)
        as_json = usagectl("status", "--config.file", self.config, "--json")
        self.assertEqual(json.loads(as_json.stdout)["status"], 0)

    def test_status_tells_which_part_is_away(self):
        self.grafana.close()
        done = usagectl("status", "--config.file", self.config)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stdout,
                         r"(?m)^X Grafana +http://127.0.0.1:\d+/api/health does not answer")
        self.assertLessEqual(widest(done.stdout), 80)


class Sick(case.Case):
    """Everything that can be wrong at once."""

    def test_every_sickness_has_its_remedy(self):
        database = self.new_database(postgres.PANEL_SCHEMA)
        self.fill(database)
        prometheus = self.use(parts.Prometheus(
            self.folder / "prometheus", {"usage_exporter": ("127.0.0.1:9", "/metrics")},
            parts.BAD_RULES, "--storage.tsdb.retention.time=15d"))
        prometheus.wait_until_judged()
        tokens = self.write_tokens()
        parts.make_backup(self.folder, 3 * DAY)
        config = parts.write_config(self.folder, database.dsn(), {
            "exporter_url": "http://127.0.0.1:9", "gateway_metrics_url": "http://127.0.0.1:9",
            "prometheus_url": prometheus.url,
            "tokens_file": str(tokens), "disks": [str(self.folder / "nowhere")],
            "certificates": [str(parts.make_certificate(self.folder, "expired.example", -1)),
                             str(parts.make_certificate(self.folder, "soon.example", 20)),
                             str(tokens)],
            "backup": {"newest_of": f"{self.folder}/*.dump", "max_age": "26h"},
            "timeout": "1m"},
            grafana={"url": "http://127.0.0.1:9"}, alerting=parts.alerting("http://127.0.0.1:9"))
        done = usagectl("doctor", "--config.file", config)
        self.assertEqual((done.returncode, done.stderr), (2, ""), done.stdout)
        parts.check_golden(self, "sick.txt", normalised(done.stdout, self.folder, database))
        self.check_json(config)

    @staticmethod
    def fill(database):
        """Rows that were updated with every index of the panel's there."""
        database.sql("""
            INSERT INTO tenants VALUES ('00000000-0000-0000-0000-000000000001', 'Acme');
            INSERT INTO user_sessions (id, tenant_id, mac_address, status, data_used, data_upload,
                data_download, created_at, updated_at)
              SELECT gen_random_uuid(), '00000000-0000-0000-0000-000000000001', '02:00:00:00:00:01',
                'active', 0, 0, 0, now(), now() FROM generate_series(1, 2000);
            UPDATE user_sessions SET data_used = 1, data_download = 1;""")
        # Statistics are written when a session ends or is idle.
        eventually("the statistics know it", lambda: database.sql(
            "SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'user_sessions'") == "2000")
        database.sql("ANALYZE user_sessions")

    def write_tokens(self):
        file = self.folder / "tokens.json"
        made = usagectl("token", "create", "--tenant", "acme", "--expires", "3d", "--file", file)
        self.assertEqual(made.returncode, 0, made.stderr)
        records = json.loads(file.read_text())
        expired = {**records["tokens"][0], "sha256": "0" * 64, "expires": "2020-01-01T00:00:00Z",
                   "created": "2019-01-01T00:00:00Z"}
        file.write_text(json.dumps({"tokens": [*records["tokens"], expired]}))
        return file

    def check_json(self, config):
        done = usagectl("doctor", "--config.file", config, "--json")
        found = json.loads(done.stdout)
        self.assertEqual(list(found), ["status", "ok", "warnings", "broken", "not_checked",
                                       "findings"])
        self.assertEqual((done.returncode, found["status"]), (2, 2))
        for finding in found["findings"]:
            self.assertEqual(list(finding), ["check", "verdict", "subject", "seen", "remedy",
                                             "commands"])
            self.assertIn(finding["check"], CHECKS)
            self.assertIn(finding["verdict"], VERDICTS)
            if finding["verdict"] in ("warning", "broken"):
                self.assertTrue(finding["remedy"], finding)
        for word, key in (("warning", "warnings"), ("broken", "broken"), ("ok", "ok")):
            self.assertEqual(found[key], sum(f["verdict"] == word for f in found["findings"]))

    def test_a_warning_alone_is_exit_status_1(self):
        config = parts.write_config(self.folder, "host=127.0.0.1 port=9", {})
        done = usagectl("doctor", "--config.file", config, "--only", "backup")
        self.assertEqual(done.returncode, 1)

    def test_what_is_not_configured_is_said_and_is_no_fault(self):
        config = parts.write_config(self.folder, "host=127.0.0.1 port=9", {})
        done = usagectl("doctor", "--config.file", config, *(
            word for name in CHECKS if name not in ("sources", "ledger", "tables", "backup")
            for word in ("--only", name)))
        self.assertEqual(done.returncode, 0, done.stdout)
        for key in ("doctor.exporter_url", "doctor.gateway_metrics_url", "doctor.prometheus_url",
                    "alerting", "grafana.url", "doctor.tokens_file",
                    "doctor.certificates", "doctor.disks"):
            self.assertRegex(done.stdout, rf"not checked: add {key}\n")

    def test_a_grafana_that_hides_its_version_as_ours_does_is_healthy(self):
        grafana = self.use(Double(self.folder, "auth.anonymous.hide_version=true"))
        config = parts.write_config(self.folder, "host=127.0.0.1 port=9", {},
                                    grafana={"url": grafana.url})
        done = usagectl("doctor", "--config.file", config, "--only", "grafana")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("is healthy, and hides its version", done.stdout)

    def test_a_configuration_with_faults_is_broken(self):
        file = self.folder / "bad.yaml"
        file.write_text("database: {dsn: 'dbname=x password=hunter2'}\nsources: [{type: radac}]\n")
        done = usagectl("doctor", "--config.file", file)
        self.assertEqual(done.returncode, 2)
        self.assertIn("bad.yaml:2:", done.stdout.replace("\n            ", ""))
        self.assertNotIn("hunter2", done.stdout + done.stderr)


class Away(case.Case):
    def configured(self, port, database, **doctor):
        return parts.write_config(self.folder, database, {
            "exporter_url": f"http://127.0.0.1:{port}",
            "gateway_metrics_url": f"http://127.0.0.1:{port}",
            "prometheus_url": f"http://127.0.0.1:{port}",
            "backup": {"newest_of": f"{self.folder}/*.dump"},
            **doctor}, grafana={"url": f"http://127.0.0.1:{port}"},
            alerting=parts.alerting(f"https://127.0.0.1:{port}"))

    def broken_checks(self, config):
        done = usagectl("doctor", "--config.file", config, "--json")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertNotIn("hunter2", done.stdout)
        return {finding["check"] for finding in json.loads(done.stdout)["findings"]
                if finding["verdict"] == "broken"}

    EVERYBODY = {"sources", "exporter", "ledger", "gateway", "prometheus", "alertmanager",
                 "grafana", "backup", "tables", "certificates"}

    def test_who_refuses_every_connection_is_found(self):
        config = self.configured(9, "host=127.0.0.1 port=9 dbname=x password=hunter2",
                                 disks=["/"])
        self.assertEqual(self.broken_checks(config), self.EVERYBODY | {"disks"})

    def test_who_takes_connections_and_is_silent_costs_the_time_limit(self):
        silent = self.use(parts.SilentServer())
        config = self.configured(
            silent.port, f"host=127.0.0.1 port={silent.port} dbname=x password=hunter2",
            timeout="2s")
        # It ends, which is the claim: every part would wait for ever.
        self.assertEqual(self.broken_checks(config), self.EVERYBODY)
        status = usagectl("status", "--config.file", config)
        self.assertEqual(status.returncode, 2)
        self.assertRegex(status.stdout, "(?m)^X exporter +http://127.0.0.1")


if __name__ == "__main__":
    case.main()
