#!/usr/bin/env python3
"""The panel's table shows what fake routers count, by a role that may do nothing else."""

import pathlib
import sys
import uuid

import yaml

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "sim/routers")]

import case  # noqa: E402
import fakes  # noqa: E402
import postgres  # noqa: E402
import processes  # noqa: E402
from exporter import Exporter, config_for  # noqa: E402
from waiting import eventually  # noqa: E402

GRANTS = processes.ROOT / "docs/grants.md"


def grants(role, database):
    """The documented statements, for a role of another name."""
    section = GRANTS.read_text().split("# The write-back\n", 1)[1]
    statements = section.split("```sql\n", 1)[1].split("```", 1)[0]
    return (statements.replace("usage_panel_writer", role)
            .replace("DATABASE billing", f"DATABASE {database}"))


class WriteBack(case.Case):
    def setUp(self):
        super().setUp()
        folder = self.folder
        self.cluster = self.use(postgres.Cluster())
        self.panel = postgres.Database(self.cluster, "panel")
        self.panel.load(postgres.PANEL_SCHEMA)
        self.panel.sql(grants("panel_writer", "panel"))
        accounting = postgres.Database(self.cluster, "accounting")
        accounting.load(postgres.PANEL_SCHEMA)
        self.routers = self.use(fakes.FakeRouters(
            folder, "--routers", "1", "--subscribers", "6", "--router-protocols", "rest"))
        self.exporter = self.use(Exporter(folder, self.config(accounting.dsn())))
        self.open_sessions()

    def config(self, accounting, database="panel"):
        return config_for(accounting, "user_sessions", routers={
            "file": str(self.routers.list), "interval": "1s",
            "write_back": {"database": {"dsn": self.cluster.dsn(database, "panel_writer")},
                           "interval": "1s", "rows_per_batch": 2}})

    def open_sessions(self):
        """A row of the panel for each session of the router."""
        tenant = yaml.safe_load(self.routers.list.read_text())["routers"][0]["tenant"]
        _, guests = self.routers.get("router0", "/rest/ip/hotspot/active")
        _, lines = self.routers.get("router0", "/rest/ppp/active")
        for voucher, mac in ([(row["user"], row["mac-address"]) for row in guests] +
                             [("", row["caller-id"]) for row in lines]):
            self.panel.sql(
                "INSERT INTO user_sessions (id, tenant_id, voucher, mac_address, status) VALUES "
                f"('{uuid.uuid4()}', '{tenant}', nullif('{voucher}', ''), '{mac}', 'active')")
        self.sessions = len(guests) + len(lines)
        self.assertGreater(self.sessions, 0)

    def filled(self):
        return int(self.panel.sql("SELECT count(*) FROM user_sessions WHERE data_used > 0 AND "
                                  "data_used = data_upload + data_download"))

    def used(self):
        return int(self.panel.sql("SELECT sum(data_used) FROM user_sessions"))

    def test_rows_are_filled_and_grow_and_a_reload_ends_it(self):
        self.exporter.start()
        eventually("every row is filled", lambda: self.filled() == self.sessions)
        before = self.used()
        eventually("they grow", lambda: self.used() > before)
        page = self.exporter.page()
        self.assertEqual(page.get("usage_exporter_write_back_writer"), 1)
        self.assertEqual(page.get("usage_exporter_write_back_unmatched_rows"), 0)
        self.assertEqual(page.get("usage_exporter_write_back_errors_total"), 0)
        self.exporter.configure(config_for(self.cluster.dsn("accounting"), "user_sessions"))
        self.assertEqual(self.exporter.reload().status, 200)
        self.exporter.eventually("it is off", lambda page: not page.has(
            "usage_exporter_write_back_writer"))

    def test_a_table_that_is_read_is_refused(self):
        self.exporter.configure(self.config(self.cluster.dsn("panel")))
        refused = processes.run(self.exporter.command("--check-config"))
        self.assertEqual(refused.returncode, 1)
        self.assertIn("reads the table user_sessions that this writes", refused.stderr)


if __name__ == "__main__":
    case.main()
