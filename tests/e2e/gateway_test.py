"""The whole of usage_gateway as a process, before a real Prometheus that has three tenants."""

import http.server
import json
import random
import signal
import ssl
import subprocess
import threading
import time
import urllib.parse

import case
import processes
from exporter import fetch
from gateway import Gateway, PrometheusOfBlocks
from waiting import eventually

TENANTS = ("A", "B", "C")
NOW = int(time.time()) // 60 * 60
METRICS = ("common", "other", "rate_total")


def series_of(tenant):
    """Of each tenant other values, and a metric and a label that only it has."""
    rng = random.Random(tenant)
    families = {}
    for metric in (*METRICS, f"only_{tenant.lower()}"):
        families[metric] = [
            ({"tenant_id": tenant, "i": str(i), f"label_{tenant.lower()}": "x"},
             [(NOW - 3600 + 30 * k, (k * 10 if metric == "rate_total" else 0) + rng.randint(1, 999))
              for k in range(121)]) for i in range(4)]
    return families


def merged(tenants):
    families = {}
    for tenant in tenants:
        for metric, series in series_of(tenant).items():
            families.setdefault(metric, []).extend(series)
    return families


class Queries:
    """Random expressions, typed, from parts that answer the same however many tenants there are."""

    MATCHERS = ('', '{}', '{i="1"}', '{i!="1"}', '{i=~"1|2"}', '{tenant_id="B"}', '{tenant_id!="A"}',
                '{tenant_id=~".+"}', '{tenant_id=~"A|B"}', '{tenant_id=""}', '{label_b="x"}')

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def selector(self):
        metric = self.rng.choice((*METRICS, "only_a", "only_b"))
        matchers = self.rng.choice(self.MATCHERS)
        if self.rng.random() < 0.15:
            return '{__name__=~"%s"}' % self.rng.choice(("only_.*", "common|other", ".+"))
        return metric + matchers

    def vector(self, depth):
        kind = self.rng.randrange(9) if depth > 0 else 0
        if kind <= 1:
            return self.selector() + self.rng.choice(("", " offset 5m", f" @ {NOW - 900}", " @ end()"))
        if kind == 2:
            function = self.rng.choice(("rate", "max_over_time", "count_over_time", "delta"))
            return f"{function}({self.selector()}[{self.rng.choice(('5m', '90s', '1h'))}])"
        if kind == 3:
            operator = self.rng.choice(("sum", "count", "max", "avg", "stddev", "group"))
            by = self.rng.choice(("", " by (i)", " by (tenant_id)", " without (i)"))
            return f"{operator}{by} ({self.vector(depth - 1)})"
        if kind == 4:
            operator = self.rng.choice(("+", "*", ">", "== bool", "and", "or", "unless", "/"))
            return f"({self.vector(depth - 1)}) {operator} on (i, __name__, tenant_id) " \
                   f"({self.vector(depth - 1)})"
        if kind == 5:
            return f"max_over_time(({self.vector(depth - 1)})[10m:1m])"
        if kind == 6:
            return f"label_replace({self.vector(depth - 1)}, 'tenant', '$1', 'tenant_id', '(.*)')"
        if kind == 7:
            return f"abs({self.vector(depth - 1)}) # {{tenant_id=\"B\"}}\n"
        return f"-({self.vector(depth - 1)}) ^ 2"


def result_of(answer):
    """What has to be equal: the order of a vector's samples means nothing."""
    body = json.loads(answer.text)
    data = body.get("data")
    if isinstance(data, dict) and isinstance(data.get("result"), list):
        data["result"] = sorted(data["result"], key=str)
    elif isinstance(data, list):
        data = sorted(data, key=str)
    return answer.status, body.get("errorType"), data


class RealPrometheus(case.SharedCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.make_folder()
        rules = [{"name": "all", "rules": [
            {"alert": f"Alert{tenant}", "expr": "vector(1)", "labels": {"tenant_id": tenant}}
            for tenant in TENANTS]}]
        cls.everybody = cls.share(PrometheusOfBlocks(folder / "everybody", merged(TENANTS), rules))
        cls.alone = cls.share(PrometheusOfBlocks(folder / "alone", merged("A"), [
            {"name": "all", "rules": rules[0]["rules"][:1]}]))
        cls.gateway = cls.share(Gateway(folder, cls.everybody.url))
        cls.token = cls.gateway.create_token("--tenant", "A")
        cls.operator = cls.gateway.create_token("--scope", "operator")
        cls.gateway.launch()

    def expect_as_alone(self, path, **parameters):
        """Returns how many series or values both have answered."""
        ours = self.gateway.ask(path, self.token, **parameters)
        query = urllib.parse.urlencode(parameters, doseq=True)
        theirs = fetch(f"{self.alone.url}{path}?{query}")
        self.assertEqual(result_of(ours), result_of(theirs), f"{path} {parameters}")
        data = json.loads(ours.text).get("data") or {}
        return len(data.get("result", ()) if isinstance(data, dict) else data)

    def test_instant_queries_answer_as_where_nobody_else_is(self):
        queries = Queries(1)
        found = sum(self.expect_as_alone("/api/v1/query", query=queries.vector(3), time=NOW - 60) > 0
                    for _ in range(300))
        self.assertGreater(found, 50)

    def test_range_queries_answer_as_where_nobody_else_is(self):
        queries = Queries(2)
        found = sum(self.expect_as_alone("/api/v1/query_range", query=queries.vector(3),
                                         start=NOW - 1800, end=NOW, step=60) > 0
                    for _ in range(150))
        self.assertGreater(found, 25)

    def test_names_and_values_answer_as_where_nobody_else_is(self):
        for path, parameters in (
                ("/api/v1/labels", {}),
                ("/api/v1/labels", {"match[]": ["common", 'other{tenant_id="B"}']}),
                ("/api/v1/label/__name__/values", {}),
                ("/api/v1/label/tenant_id/values", {}),
                ("/api/v1/label/label_b/values", {}),
                ("/api/v1/label/i/values", {"match[]": ['{tenant_id="B"}', "only_b"]}),
                ("/api/v1/label/tenant_id/values", {"match[]": '{__name__=~".+"}'}),
                ("/api/v1/series", {"match[]": ['{__name__=~".+"}', '{tenant_id="B"}']}),
                ("/api/v1/series", {"match[]": 'common{tenant_id!="A"}'}),
                ("/api/v1/metadata", {})):
            self.expect_as_alone(path, **parameters)
        self.assertEqual(
            json.loads(self.gateway.ask("/api/v1/label/tenant_id/values", self.token).text)["data"],
            ["A"])

    def test_federation_gives_what_it_would_alone(self):
        match = urllib.parse.urlencode({"match[]": '{__name__=~"common|only_.+"}'})

        def lines(url, token=""):
            text = fetch(f"{url}/federate?{match}", {"Authorization": "Bearer " + token}).text
            return sorted(line for line in text.splitlines() if not line.startswith("#"))

        self.assertEqual(lines(self.gateway.url, self.token), lines(self.alone.url))
        self.assertGreater(len(lines(self.gateway.url, self.operator)),
                           len(lines(self.gateway.url, self.token)))

    def test_rules_and_alerts_are_the_tenants(self):
        def names(path, token):
            return sorted({part.split('"')[0] for part in
                           self.gateway.ask(path, token).text.split('"Alert')[1:]})

        for path in ("/api/v1/rules", "/api/v1/alerts"):
            eventually(path, lambda path=path: names(path, self.operator) == list(TENANTS))
            self.assertEqual(names(path, self.token), ["A"])

    def test_what_grafana_asks_for_its_health(self):
        one = self.gateway.ask("/api/v1/query", self.token, query="1+1", time=NOW)
        self.assertEqual((one.status, json.loads(one.text)["data"]["result"][1]), (200, "2"))
        info = json.loads(self.gateway.ask("/api/v1/status/buildinfo", self.token).text)["data"]
        self.assertNotIn("features", info)

    def test_an_operator_sees_all(self):
        answer = self.gateway.ask("/api/v1/label/tenant_id/values", self.operator)
        self.assertEqual(json.loads(answer.text)["data"], list(TENANTS))

    def test_its_metrics_are_read_by_promtool(self):
        page = self.gateway.metrics()
        checked = subprocess.run(["promtool", "check", "metrics"], input=page, text=True,
                                           capture_output=True, check=False)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))
        self.assertIn('usage_gateway_requests_total{tenant_id="A",endpoint="query",code="200"}', page)


class Program(case.Case):
    def new_gateway(self, *flags, **config):
        return self.use(Gateway(self.folder, "http://127.0.0.1:9", *flags, **config))

    def test_tokens_are_made_rotated_and_taken_away(self):
        gateway = self.new_gateway()
        gateway.launch()
        first = gateway.create_token("--tenant", "A", "--note", "grafana org 3", "--expires", "90d")
        second = gateway.create_token("--tenant", "A")
        third = gateway.ctl("create", "--tenant", "A")
        self.assertEqual((third.returncode, third.stdout), (1, ""))
        self.assertIn("two tokens already", third.stderr)
        self.assertEqual(gateway.tokens.stat().st_mode & 0o777, 0o600)
        self.assertNotIn(first, gateway.tokens.read_text())
        self.assertNotIn(first, gateway.ctl("list").stdout)

        def opens(token):
            return gateway.ask("/api/v1/status/buildinfo", token).status == 200

        eventually("both open", lambda: opens(first) and opens(second))
        listed = json.loads(gateway.ctl("list", "--json").stdout)
        self.assertEqual(gateway.ctl("revoke", listed[0]["id"]).returncode, 0)
        eventually("the first is gone", lambda: not opens(first))
        self.assertTrue(opens(second))
        self.assertEqual(gateway.ctl("revoke", "0123").returncode, 1)

    def test_a_token_for_nobody_is_refused(self):
        gateway = self.new_gateway()
        for arguments in (["--tenant", ""], [], ["--scope", "operator", "--tenant", "A"],
                          ["--tenant", "a\nb"], ["--tenant", "A", "--expires", "soon"],
                          ["--tenant", "A", "--expires", "2020-01-01T00:00:00Z"]):
            made = gateway.ctl("create", *arguments)
            self.assertEqual((made.returncode, made.stdout), (1, ""), arguments)
        self.assertEqual(json.loads(gateway.tokens.read_text()), {"tokens": []})

    def test_two_at_once_lose_no_token(self):
        gateway = self.new_gateway()
        command = [processes.binary("usagectl"), "token", "create", "--file", str(gateway.tokens)]
        running = [subprocess.Popen([*command, "--tenant", f"t{i}"],
                                              stdout=subprocess.DEVNULL,
                                              stderr=subprocess.DEVNULL)
                   for i in range(16)]
        self.assertEqual([child.wait() for child in running], [0] * 16)
        self.assertEqual(len(json.loads(gateway.ctl("list", "--json").stdout)), 16)

    def test_a_hangup_reads_the_configuration_again(self):
        gateway = self.new_gateway(limits={"max_points": 5})
        token = gateway.create_token("--tenant", "A")
        gateway.launch()

        def status():
            return gateway.ask("/api/v1/query_range", token, query="up", start=0, end=60,
                               step=1).status

        self.assertEqual(status(), 422)
        gateway.configure("http://127.0.0.1:9", limits={"max_points": 100})
        gateway.process.send(signal.SIGHUP)
        eventually("the new limit", lambda: status() == 502)
        gateway.file.write_text("upstream: 1")
        gateway.process.send(signal.SIGHUP)
        gateway.process.eventually_said("the old configuration stays")
        self.assertIn("usage_gateway_config_last_reload_successful 0", gateway.metrics())
        self.assertEqual(status(), 502)
        self.assertEqual(gateway.process.stop(), 0)

    def test_bad_files_are_named(self):
        gateway = self.new_gateway(limits={"max_pionts": 1})
        command = [processes.binary("usage_gateway"), "--check-config", "--config.file",
                   str(gateway.file)]
        checked = processes.run(command)
        self.assertEqual(checked.returncode, 1)
        self.assertIn("did you mean 'max_points'", checked.stderr)
        gateway.configure("http://127.0.0.1:9")
        self.assertEqual(processes.run(command).returncode, 0)
        gateway.tokens.unlink()
        checked = processes.run(command)
        self.assertEqual(checked.returncode, 1)
        self.assertIn("tokens.json", checked.stderr)

    def test_the_telemetry_listener_is_another_one(self):
        gateway = self.new_gateway().launch()
        for path in ("/metrics", "/-/healthy", "/-/ready"):
            self.assertEqual(fetch(gateway.telemetry + path).status, 200)
            self.assertEqual(fetch(gateway.url + path).status, 401)

    def test_enforce_prints_the_expression_or_points_at_the_fault(self):
        def enforce(label, expression):
            return processes.run([processes.binary("usage_gateway"), "enforce", "--label", label,
                                  expression])

        good = enforce("tenant_id=X", 'sum(rate(a{tenant_id="B"}[5m]))')
        self.assertEqual((good.returncode, good.stdout),
                         (0, 'sum(rate(a{tenant_id="B",tenant_id="X"}[5m]))\n'))
        bad = enforce("tenant_id=X", "sum(a")
        self.assertEqual((bad.returncode, bad.stdout), (1, ""))
        lines = bad.stderr.splitlines()
        self.assertEqual(lines[0], "sum(a")
        self.assertEqual(lines[1].strip(), "^")
        for label in ("tenant_id=", "tenant_id", "=X", ""):
            self.assertEqual(enforce(label, "up").returncode, 1, label)

    def make_certificate(self, name):
        made = processes.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-keyout", str(self.folder / (name + ".key")), "-out",
            str(self.folder / (name + ".crt")), "-subj", "/CN=" + name, "-addext",
            "subjectAltName=IP:127.0.0.1"])
        self.assertEqual(made.returncode, 0, made.stderr)
        return self.folder / (name + ".crt")

    def new_tls_upstream(self, certificate, body):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"https://127.0.0.1:{server.server_port}"

    def test_tls_on_both_sides(self):
        front, back = self.make_certificate("front"), self.make_certificate("back")
        body = b'{"status":"success"}' + b" " * 5_000_000
        upstream = self.new_tls_upstream(back, body)
        web = self.folder / "web.yaml"
        web.write_text(json.dumps({
            "tls_server_config": {"cert_file": front.name, "key_file": "front.key"},
            "http_server_config": {"headers": {"X-Frame-Options": "deny"}}}))
        gateway = self.new_gateway("--web.config.file", str(web))
        gateway.configure({"url": upstream, "tls": {"ca_file": str(back)}})
        token = gateway.create_token("--tenant", "A")
        gateway.launch()
        self.assertTrue(gateway.url.startswith("https://"))

        def ask():
            return fetch(gateway.url + "/api/v1/query?query=up",
                         {"Authorization": "Bearer " + token},
                         context=ssl.create_default_context(cafile=front))

        for _ in range(3):
            answer = ask()
            self.assertEqual((answer.status, answer.headers["X-Frame-Options"]), (200, "deny"))
            self.assertEqual(answer.body, body)
        # An upstream that is not who it should be is none.
        gateway.configure({"url": upstream, "tls": {"ca_file": str(front)}})
        gateway.process.send(signal.SIGHUP)
        eventually("the other CA is used", lambda: ask().status == 502)


if __name__ == "__main__":
    case.main()
