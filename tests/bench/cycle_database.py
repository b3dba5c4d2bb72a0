"""A PostgreSQL cluster of one's own, with the panel's tables and many sessions."""

import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile

BIN = "/usr/lib/postgresql/15/bin"
PANEL = pathlib.Path(__file__).parent.parent / "support" / "panel.sql"
DATABASE = "billing"
ROLES = ["naive", "usage_reader", "usage_exporter", "writer", "bench"]

# Nothing is switched off that a careful owner has on: fsync, full pages, autovacuum.
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = 1GB
max_wal_size = 8GB
maintenance_work_mem = 512MB
shared_preload_libraries = 'pg_stat_statements'
"""

# Sizes of tenants are zipf's; the open sessions are one in six of the newest rows; 13 % of the
# bytes go up; seven in ten have a voucher (hotspot), the others only an address (PPPoE).
FILL = """
SELECT setseed(0.5);
INSERT INTO tenants SELECT md5('tenant ' || r)::uuid, 'Tenant ' || r FROM generate_series(1, {tenants}) r;
ALTER TABLE user_sessions DROP CONSTRAINT user_sessions_pkey;
INSERT INTO user_sessions
SELECT gen_random_uuid(), md5('tenant ' || least({tenants}, floor(exp(random() * ln({tenants} + 1)))::int))::uuid,
  CASE WHEN is_hotspot THEN gen_random_uuid() END,
  CASE WHEN is_hotspot THEN 'V' || upper(substr(md5(person::text), 1, 9)) END,
  substr(regexp_replace(md5('mac ' || person), '(..)', '\\1:', 'g'), 1, 17),
  born, CASE WHEN is_open THEN born + interval '30 days' ELSE born + (1 - ln(random())) * interval '20 minutes' END,
  CASE WHEN is_open THEN 'active' ELSE 'expired' END,
  up + down, up, down, born, born + interval '20 minutes'
FROM (
  SELECT i, ({rows} - i) % 6 = 0 AND {rows} - i < {open}::bigint * 6 AS is_open, random() < 0.7 AS is_hotspot,
    i % 300000 AS person, (-ln(random()) * 26e6)::bigint AS up, (-ln(random()) * 174e6)::bigint AS down,
    (now() AT TIME ZONE 'UTC') - ({rows} - i) * (interval '90 days' / {rows}) - interval '20 minutes' AS born
  FROM generate_series(1, {rows}) i OFFSET 0) r;
ALTER TABLE user_sessions ADD PRIMARY KEY (id);
"""

# The open sessions, for the writer.
PREPARE = """
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
DROP SCHEMA IF EXISTS usage CASCADE;
CREATE SCHEMA usage AUTHORIZATION usage_exporter;
DROP TABLE IF EXISTS open_session;
CREATE TABLE open_session AS SELECT (row_number() OVER () - 1)::int AS n, id, tenant_id, voucher, mac_address
  FROM user_sessions WHERE status = 'active';
ALTER TABLE open_session ADD PRIMARY KEY (n);
GRANT SELECT ON ALL TABLES IN SCHEMA public TO naive, usage_reader, writer;
GRANT INSERT, UPDATE ON user_sessions, open_session TO writer;
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def as_postgres(command, **options):
    """PostgreSQL refuses to run as root."""
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    return subprocess.run(command, check=True, **options)


class Psql:
    """One connection that stays: a question costs no new server process."""

    def __init__(self, port, role):
        self._process = subprocess.Popen(
            ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(port), "-U", role, DATABASE],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, sql):
        """The rows of a statement, each as text with | between the columns."""
        self._process.stdin.write(sql.strip().rstrip(";") + ";\n\\echo done\n")
        self._process.stdin.flush()
        rows = []
        for line in self._process.stdout:
            if line == "done\n":
                return rows
            rows.append(line.rstrip("\n"))
        raise RuntimeError("psql ended; its reason is above")

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class Cluster:
    """Use it in a with statement. In a folder that is kept it finds the sessions of the last run."""

    def __init__(self, folder, say):
        self._is_temporary = folder is None
        self._folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="usage_bench."))
        self._say = say
        self._is_running = False
        self.port = free_port()

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._is_running:
            self._pg_ctl("stop", "-m", "fast", "-w")
        if self._is_temporary:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _pg_ctl(self, *arguments):
        as_postgres([f"{BIN}/pg_ctl", "-D", self._data, *arguments], stdout=subprocess.DEVNULL)

    @property
    def _data(self):
        return str(self._folder / "postgres")

    def _start(self):
        self._folder.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        if not os.path.exists(self._data):
            as_postgres([f"{BIN}/initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                         "--locale=C.UTF-8"], stdout=subprocess.DEVNULL)
            with open(f"{self._data}/postgresql.conf", "a", encoding="utf-8") as file:
                file.write(SETTINGS)
        self._pg_ctl("start", "-w", "-l", f"{self._data}/log", "-o", f"-p {self.port}")
        self._is_running = True

    @property
    def postmaster(self):
        with open(f"{self._data}/postmaster.pid", encoding="ascii") as file:
            return int(file.readline())

    def _psql(self, sql, database=DATABASE):
        subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres",
                        database], input=sql, text=True, check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "PGOPTIONS": "-c client_min_messages=warning"})

    def fill(self, rows, tenants, open_rows):
        wanted = f"{rows} {tenants} {open_rows}"
        mark = self._folder / "filled"
        if not mark.exists() or mark.read_text(encoding="ascii") != wanted:
            mark.unlink(missing_ok=True)
            self._fill(rows, tenants, open_rows)
            mark.write_text(wanted, encoding="ascii")
        self._say("vacuum and analyze")
        self._psql(PREPARE)
        self._psql("VACUUM ANALYZE; CHECKPOINT;")

    def _fill(self, rows, tenants, open_rows):
        tables, first_index, indexes = PANEL.read_text(encoding="utf-8").partition("CREATE INDEX")
        self._say(f"{rows:,} rows")
        self._psql(f"DROP DATABASE IF EXISTS {DATABASE};", "postgres")
        for role in ROLES:
            self._psql(f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN;", "postgres")
        self._psql(f"GRANT pg_read_all_stats, pg_read_all_data TO bench; CREATE DATABASE {DATABASE};", "postgres")
        self._psql(tables)
        self._psql(FILL.format(rows=rows, tenants=tenants, open=open_rows))
        self._say("the panel's indexes, and the one on created_at that docs/grants.md advises")
        self._psql(first_index + indexes)
        self._psql("CREATE INDEX ON user_sessions (created_at);")

    def size(self):
        """Of the sessions with their indexes, as text."""
        bench = Psql(self.port, "bench")
        size = bench.run("SELECT pg_size_pretty(pg_total_relation_size('user_sessions'))")[0]
        bench.close()
        return size
