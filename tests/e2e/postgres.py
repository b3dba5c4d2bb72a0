"""PostgreSQL for a test: a database in a shared server, or a server of one's own."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import uuid

import processes
from waiting import eventually

BINARIES = pathlib.Path("/usr/lib/postgresql/15/bin")
FREERADIUS_SCHEMA = pathlib.Path("/etc/freeradius/3.0/mods-config/sql/main/postgresql/schema.sql")
PANEL_SCHEMA = processes.ROOT / "tests/support/panel.sql"
PANEL_WITH_ZONES = processes.ROOT / "exporter/sim/panel.sql"


class Server:
    """Where a server listens; superuser `postgres`, without a password."""

    def __init__(self, host, port):
        self.host, self.port = host, port

    def dsn(self, database, user="postgres"):
        return f"host={self.host} port={self.port} dbname={database} user={user}"

    def psql(self, database, sql, user="postgres", env=None):
        """Runs SQL; returns its rows as text, a row a line, columns divided by |."""
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
                   "-d", self.dsn(database, user)]
        done = subprocess.run(command, input=sql, text=True, capture_output=True, check=False,
                              cwd="/", env={**os.environ, "PGCLIENTENCODING": "UTF8", **(env or {})})
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr.strip()}\nin: {sql[:500]}")
        return done.stdout.rstrip("\n")


class Cluster(Server):
    """A server of one test, which may kill it."""

    def __init__(self):
        super().__init__("127.0.0.1", processes.free_port())
        self.folder = processes.make_folder()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        made = processes.run(
            processes.as_user("postgres") +
            [str(BINARIES / "initdb"), "-D", str(self.folder / "data"), "-A", "trust", "-U",
             "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], cwd="/")
        if made.returncode != 0:
            raise RuntimeError(made.stderr)
        # Commits are synchronous: they must survive kill(), which the operating system does.
        settings = ["listen_addresses=127.0.0.1", "fsync=off", "full_page_writes=off",
                    "max_connections=100"]
        self.process = processes.Process(
            "postgres",
            [str(BINARIES / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port),
             "-k", str(self.folder)] + [word for s in settings for word in ("-c", s)],
            self.folder, user="postgres")
        self.start()

    def start(self):
        self.process.launch()
        eventually("PostgreSQL answers",
                   lambda: self.process.must_run() and self.psql("postgres", "SELECT 1") == "1")

    def kill(self):
        """As pg_ctl -m immediate: without a checkpoint, the next start recovers."""
        self.process.stop(signal.SIGQUIT)

    def _everybody(self):
        """Pids of the server and its children."""
        pids = [self.process.pid]
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue  # it has ended
            if parent == self.process.pid:
                pids.append(int(stat.parent.name))
        return pids

    def freeze(self):
        """The server stands still: connections stay open and nobody answers."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self):
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number):
        for pid in self._everybody():
            with contextlib.suppress(ProcessLookupError):  # a backend that has just ended
                os.kill(pid, number)

    def demand_passwords(self):
        """From all but the superuser `postgres`."""
        rules = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (self.folder / "data/pg_hba.conf").write_text("local all all trust\n" + rules)
        self.psql("postgres", "SELECT pg_reload_conf()")

    def close(self):
        if self.process.is_running():
            self.thaw()
            self.process.stop(signal.SIGQUIT)
        self.process.close()
        shutil.rmtree(self.folder, ignore_errors=True)


_own_server = None


def shared_server():
    """The one of tests/run, else one of this process."""
    global _own_server
    if "USAGE_TEST_PG_HOST" in os.environ:
        return Server(os.environ["USAGE_TEST_PG_HOST"], int(os.environ["USAGE_TEST_PG_PORT"]))
    if _own_server is None:
        _own_server = Cluster()
    return _own_server


def close_shared_server():
    if _own_server is not None:
        _own_server.close()


class Database:
    """A new one in a server, or the one with that name."""

    def __init__(self, server=None, name=None):
        self.server = server or shared_server()
        self.name = name or "usage_e2e_" + uuid.uuid4().hex[:12]
        self.roles = []
        self.server.psql("postgres", f"CREATE DATABASE {self.name} TEMPLATE template0")

    def dsn(self, user="postgres"):
        return self.server.dsn(self.name, user)

    def sql(self, text, user="postgres"):
        return self.server.psql(self.name, text, user)

    def rows(self, text):
        """The rows as lists of text."""
        return [line.split("|") for line in self.sql(text).splitlines()]

    def load(self, path):
        self.sql(path.read_text())

    def add_role(self, prefix, options="LOGIN"):
        """Roles belong to the whole server: hence a name of its own."""
        role = f"{prefix}_{uuid.uuid4().hex[:12]}"
        self.sql(f"CREATE ROLE {role} {options}")
        self.roles.append(role)
        return role

    def backends(self, application):
        """Pids of the server processes that work for it."""
        rows = self.rows("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND "
                         f"application_name = '{application}'")
        return [int(row[0]) for row in rows]

    def cut_connections(self, like="usage_exporter/%"):
        self.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                 f"current_database() AND application_name LIKE '{like}'")

    def close(self):
        """Not needed where the server ends with the test."""
        try:
            self.server.psql("postgres", f"DROP DATABASE {self.name} WITH (FORCE)")
            for role in self.roles:
                self.server.psql("postgres", f"DROP ROLE {role}")
        except RuntimeError:
            pass  # the test has ended its server
