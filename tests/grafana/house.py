"""An operator's house: a billing database with tenants, a Grafana, and usagectl between them."""

import http.server
import json
import pathlib
import subprocess
import threading

import processes
from server import Double, Installed, installed_program

TABLES = """
CREATE TABLE tenants (id text PRIMARY KEY, name text, time_zone text);
CREATE TABLE people (tenant_id text, login text, email text, name text, role text);
"""
GATEWAY = "http://127.0.0.1:9813"
DASHBOARDS = {
    "tenant": {"usage": "Usage", "usage-history": "History"},
    "operator": {"usage-fleet": "Fleet"},
}


class House:
    """`grafana` is a server.Grafana; what usagectl is told stands in `folder`."""

    def __init__(self, folder, database, grafana, extra=""):
        self.folder, self.database, self.grafana = pathlib.Path(folder), database, grafana
        database.sql(TABLES)
        self.config = self.folder / "usage_exporter.yaml"
        (self.folder / "admin.password").write_text(grafana.password + "\n")
        self.write_config(extra)
        for kind, dashboards in DASHBOARDS.items():
            for uid, title in dashboards.items():
                self.write_dashboard(kind, uid, title)

    def write_config(self, extra="", gateway=GATEWAY):
        """`extra`: more lines of grafana.orgs."""
        self.config.write_text(f"""
database: {{dsn: "{self.database.dsn()}"}}
sources: [{{type: user_sessions}}]
grafana:
  url: {self.grafana.url}
  live: {{}}
  orgs:
    user: {self.grafana.login}
    password_file: admin.password
    gateway_url: {gateway}
    tokens_file: tokens.json
    users_sql: SELECT * FROM people
{extra}""")

    def write_dashboard(self, kind, uid, title, **more):
        file = self.folder / "dashboards" / kind / f"{uid}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"uid": uid, "title": title, "schemaVersion": 42,
                                    "editable": False, "tags": ["usage"], "panels": [], **more}))

    def add_tenant(self, tenant, name=None, zone="Africa/Nairobi", people=()):
        """`people`: logins; one that ends with * is an editor."""
        self.database.sql(f"INSERT INTO tenants VALUES ('{tenant}', '{name or tenant}', '{zone}')")
        for person in people:
            login, role = person.rstrip("*"), "editor" if person.endswith("*") else "viewer"
            self.database.sql(f"INSERT INTO people VALUES ('{tenant}', '{login}', "
                                  f"'{login}@{tenant}.example', '{login}', '{role}')")

    def command(self, *arguments):
        return [processes.binary("usagectl"), "grafana", *arguments, "--config.file", str(self.config)]

    def usagectl(self, *arguments, status=0):
        """`usagectl grafana …`; its output and what it said beside that, read to the end."""
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, check=False,
                              timeout=120)
        assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout, done.stderr

    def begin(self):
        """An apply that runs."""
        return subprocess.Popen(self.command("apply", "--parallel", "1"), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def plan(self, *arguments):
        return self.usagectl("plan", *arguments)[0]

    def apply(self, *arguments, parallel=1):
        """One org after the other, so that ids are known, unless told otherwise."""
        return self.usagectl("apply", "--parallel", str(parallel), *arguments)

    def org(self, tenant):
        """The id of a tenant's org ('': the operator's), as usagectl kept it."""
        return int(self.database.sql(
            f"SELECT org_id FROM usage.grafana_org WHERE tenant_id = '{tenant}'"))

    def kept(self, column, tenant):
        return self.database.sql(
            f"SELECT {column} FROM usage.grafana_org WHERE tenant_id = '{tenant}'")

    def tokens(self):
        """The gateway's: tenant ('' for an operator) of each."""
        text = (self.folder / "tokens.json").read_text()
        return sorted(token.get("tenant", "") for token in json.loads(text)["tokens"])


class _Answering(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = b'{"status": "success", "data": {"resultType": "scalar", "result": [4, "2"]}}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Nobody reads it."""


class AnyPrometheus:
    """A data source that is well, whatever token it is shown."""

    def __init__(self):
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
        self.address = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def passwords(output):
    """{login: password} of what apply printed."""
    return {login: password for login, password, _ in
            (line.split("\t") for line in output.splitlines())}


def double_of(case, *settings, config=None):
    """A fresh double that ends with the test."""
    folder = case.folder / "grafana"
    folder.mkdir(exist_ok=True)
    return case.use(Double(folder, *settings, config=config))


def fresh_grafana(case):
    """A Grafana without anything in it that ends with the test: the machine's, else a double."""
    folder = case.folder / "grafana"
    folder.mkdir(exist_ok=True)
    program = installed_program()
    return case.use(Installed(folder, program)) if program else double_of(case)
