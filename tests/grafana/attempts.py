"""What a Viewer and an Editor of org A try from a browser, to see or change what is B's.

Rows, in the words of a request. `{a}`, `{b}`: the orgs' ids; `{b_source}`, `{b_dashboard}`,
`{me}`: ids that an attacker may have guessed. `may` is the statuses that may come back; whatever the
status, nothing of B may be in the answer. `b_sees`: the same request by B's own Viewer shows B's
data, so the row is a probe that can find something.
"""

import dataclasses
import typing
import urllib.parse

from two_tenants import FOLDER, LIVE_STREAM, SOURCE

OK, DENIED, GONE, FORM = (200,), (401, 403), (404,), "application/x-www-form-urlencoded"
# 500 is what Grafana 12.4 says to some of these: no answer, but no data either.
REFUSED = (400, 401, 403, 404, 405, 412, 422, 500)
ANY = OK + REFUSED


@dataclasses.dataclass(frozen=True)
class Attempt:
    name: str
    method: str
    path: str
    may: tuple
    body: typing.Any = None
    headers: dict = dataclasses.field(default_factory=dict)
    b_sees: bool = False
    only: str = ""  # "Viewer", where an Editor may


def _query(expression, **more):
    return {"from": "now-10m", "to": "now", "queries": [
        {"refId": "A", "datasource": {"type": "prometheus", "uid": SOURCE}, "expr": expression,
         "intervalMs": 15000, "maxDataPoints": 500, "instant": True, **more}]}


def _expressions():
    """By the query API, as panels and Explore do. B sees its own where it is not named out."""
    rows = (
        ("a plain query", "usage_sessions", True),
        ("a query for B by name", 'usage_sessions{tenant_id="B"}', True),
        ("a query for all but A", 'usage_sessions{tenant_id!="A"}', True),
        ("a query for everything", '{__name__=~".+"}', True),
        ("a metric that only B has", "only_b", True),
        ("a union of two tenants", 'usage_sessions or usage_sessions{tenant_id=~"A|B"}', True),
        ("a renamed label", 'label_replace(usage_sessions, "x", "$1", "tenant_id", "(.*)")', True),
        ("a subquery", 'max_over_time(usage_sessions{tenant_id="B"}[10m:1m])', True),
        ("an aggregation over tenants", "sum by (tenant_id, subscriber) (usage_sessions)", True),
        ("an alert of B", 'ALERTS{alertname="SessionsB"}', False),
        ("a matcher in a comment", 'usage_sessions # {tenant_id="A"}\n or only_b', True),
        ("a broken string", 'usage_sessions{tenant_id="A"} or {__name__="only_b', False))
    for name, expression, b_sees in rows:
        yield Attempt(name, "POST", "/api/ds/query", OK + (400,), _query(expression), b_sees=b_sees)
    yield Attempt("Explore's range and instant", "POST", "/api/ds/query?ds_type=prometheus", OK,
                  _query("usage_sessions", range=True), {"X-Query-Group-Id": "explore"}, True)
    yield Attempt("exemplars", "POST", "/api/ds/query", ANY,
                  _query("only_b", exemplar=True, instant=False))


def _overrides():
    """A good query, with the wish to be somebody else."""
    rows = (
        ("the org in a header", "", {"X-Grafana-Org-Id": "{b}"}, DENIED),
        ("the org in targetOrgId", "?targetOrgId={b}", {}, DENIED),
        ("the org in orgId", "?orgId={b}", {}, (302, 400, 403, 404)),
        ("two orgs in a header", "", {"X-Grafana-Org-Id": "{a},{b}"}, OK),
        ("org -1 in a header", "", {"X-Grafana-Org-Id": "-1"}, OK),
        ("another token", "", {"X-Usage-Token": "guessed"}, OK),
        ("another token, spelt otherwise", "", {"X_Usage_Token": "guessed"}, OK),
        ("another proxy's tenant", "", {"X-Scope-OrgID": "B"}, OK),
        ("a token for the data source", "", {"X-DS-Authorization": "Bearer guessed"}, OK),
        ("another user", "", {"X-Grafana-User": "admin", "X-WEBAUTH-USER": "admin"}, OK),
        ("a forwarded address", "", {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"}, OK))
    for name, suffix, headers, may in rows:
        yield Attempt(f"a query with {name}", "POST", "/api/ds/query" + suffix, may,
                      _query("usage_sessions"), headers, b_sees="guessed" not in str(headers))
        if suffix == "":
            for kind in ("uid/{}/resources", "proxy/uid/{}"):
                path = f"/api/datasources/{kind.format(SOURCE)}/api/v1/query?query=usage_sessions"
                yield Attempt(f"{kind} with {name}", "GET", path, may + (400,), headers=headers)
    yield Attempt("B's data source by its number", "POST", "/api/ds/query", REFUSED, {
        "from": "now-10m", "to": "now", "queries": [
            {"refId": "A", "datasourceId": "{b_source}", "expr": "usage_sessions",
             "instant": True}]})


def _paths():
    """Of Prometheus's API, by resource call and by proxy: variables, label values, and what is no
    business of a panel."""
    match = urllib.parse.quote('{tenant_id="B"}')
    rows = (
        ("labels", "api/v1/labels", True, False),
        ("values of a label", "api/v1/label/subscriber/values", True, True),
        ("values of a label, by B's matcher",
         f"api/v1/label/subscriber/values?match[]={match}", True, True),
        ("values of the tenants' label", "api/v1/label/tenant_id/values", True, False),
        ("series", f"api/v1/series?match[]={match}", True, True),
        ("a query", f"api/v1/query?query=usage_sessions{match}", True, True),
        ("the query as a tenant", "api/v1/query?query=usage_sessions&tenant_id=B", False, False),
        ("two queries in one", "api/v1/query?query=only_a&query=only_b", False, False),
        ("rules", "api/v1/rules", True, True),
        ("alerts", "api/v1/alerts", True, True),
        ("metadata", "api/v1/metadata", True, False),
        ("exemplars", "api/v1/query_exemplars?query=only_b&start=1&end=2", True, False),
        ("federation", f"federate?match[]={match}", True, True),
        ("targets", "api/v1/targets", False, False),
        ("the configuration", "api/v1/status/config", False, False),
        ("the TSDB", "api/v1/status/tsdb", False, False),
        ("deleting series", f"api/v1/admin/tsdb/delete_series?match[]={match}", False, False),
        ("remote read", "api/v1/read", False, False),
        ("Prometheus' own metrics", "metrics", False, False),
        ("its pages", "graph", False, False),
        ("quitting", "-/quit", False, False),
        ("up and down", "api/v1/../../api/v1/status/config", False, False),
        ("up, escaped", "%2e%2e/%2e%2e/api/v1/status/config", False, False),
        ("up, escaped twice", "%252e%252e/api/v1/status/config", False, False),
        ("up, with an escaped slash", "..%2f..%2fapi/v1/targets", False, False),
        ("two slashes", "/api/v1//status/config", False, False),
        ("a backslash", "..%5c..%5capi/v1/targets", False, False),
        ("another host in the path", "//127.0.0.1:9090/api/v1/status/config", False, False),
        ("a line end in the path", "api/v1/labels%0d%0aX-Usage-Token:%20b", False, False),
        ("a NUL in the path", "api/v1/labels%00", False, False))
    for way in (f"uid/{SOURCE}/resources", f"proxy/uid/{SOURCE}"):
        for name, path, is_allowed, b_sees in rows:
            yield Attempt(f"{way.split('/', 1)[0]}: {name}", "GET", f"/api/datasources/{way}/{path}",
                          ANY if is_allowed else REFUSED, b_sees=b_sees)


def _writes():
    """With a body, and with B's data source by number."""
    ways = (f"uid/{SOURCE}/resources", f"proxy/uid/{SOURCE}")
    for way in ways:
        for name, path, body in (("a query", "api/v1/query", "query=usage_sessions"),
                                 ("series", "api/v1/series", 'match[]={tenant_id="B"}'),
                                 ("labels", "api/v1/labels", "match[]=only_b")):
            yield Attempt(f"{way.split('/', 1)[0]}: {name} in a body", "POST",
                          f"/api/datasources/{way}/{path}", OK, body, {"Content-Type": FORM},
                          b_sees=path != "api/v1/labels")
        for method in ("PUT", "DELETE", "PATCH"):
            yield Attempt(f"{way.split('/', 1)[0]}: {method}", method,
                          f"/api/datasources/{way}/api/v1/query?query=usage_sessions", REFUSED)
    for way in ("{b_source}/resources", "proxy/{b_source}"):
        yield Attempt(f"B's data source by number: {way}", "GET",
                      f"/api/datasources/{way}/api/v1/query?query=usage_sessions", REFUSED,
                      b_sees=True)


def _dashboards():
    """B's pages by name, by search, by either API."""
    k8s = "/apis/dashboard.grafana.app/v0alpha1/namespaces/org-{b}/dashboards"
    b = {"X-Grafana-Org-Id": "{b}"}
    board = {"title": "mine", "uid": "{b_dashboard}"}
    return (
        Attempt("B's dashboard", "GET", "/api/dashboards/uid/{b_dashboard}", GONE, b_sees=True),
        Attempt("B's dashboard, in its org", "GET", "/api/dashboards/uid/{b_dashboard}", DENIED,
                headers=b, b_sees=True),
        Attempt("B's dashboard, by namespace", "GET", k8s + "/{b_dashboard}", DENIED, b_sees=True),
        Attempt("B's dashboards, by namespace", "GET", k8s, DENIED, b_sees=True),
        Attempt("B's dashboard, written", "PUT", k8s + "/{b_dashboard}", DENIED,
                {"metadata": {"name": "{b_dashboard}"}, "spec": {"title": "mine"}}),
        Attempt("B's dashboard, deleted", "DELETE", k8s + "/{b_dashboard}", DENIED),
        Attempt("a namespace that is no number", "GET", k8s.replace("{b}", "{a},{b}"), REFUSED),
        Attempt("a search in B", "GET", "/api/search", ANY, headers=b, b_sees=True),
        Attempt("a search by title", "GET", "/api/search?query=Home", OK, b_sees=True),
        Attempt("a search by uid", "GET", "/api/search?dashboardUIDs={b_dashboard}", OK, b_sees=True),
        Attempt("B's home", "GET", "/api/dashboards/home", ANY, headers=b),
        Attempt("B's folder", "GET", f"/api/folders/{FOLDER}", DENIED, headers=b),
        Attempt("B's preferences", "GET", "/api/org/preferences", DENIED, headers=b),
        Attempt("a dashboard for B", "POST", "/api/dashboards/db", REFUSED,
                {"dashboard": board, "folderUid": FOLDER, "overwrite": True}, b),
        Attempt("a page of B", "GET", "/d/{b_dashboard}/x?orgId={b}", (302, 404), b_sees=False),
        Attempt("a snapshot", "POST", "/api/snapshots", DENIED, {"dashboard": {"title": "s"}}),
        Attempt("a public dashboard", "POST",
                "/api/dashboards/uid/{b_dashboard}/public-dashboards", (403, 404),
                {"isEnabled": True}))


def _sources():
    """The data source: to read its secret, to point it elsewhere."""
    uid = f"/api/datasources/uid/{SOURCE}"
    body = {"name": "Usage", "uid": SOURCE, "type": "prometheus", "access": "proxy",
            "url": "http://127.0.0.1:9090"}
    b = {"X-Grafana-Org-Id": "{b}"}
    return (
        Attempt("the data source", "GET", uid, OK),
        Attempt("the data sources", "GET", "/api/datasources", OK),
        Attempt("the data source by name", "GET", "/api/datasources/name/Usage", OK),
        Attempt("B's data source by number", "GET", "/api/datasources/{b_source}", REFUSED),
        Attempt("B's data sources", "GET", "/api/datasources", DENIED, headers=b),
        Attempt("the settings of the page", "GET", "/api/frontend/settings", OK),
        Attempt("the settings of B's page", "GET", "/api/frontend/settings", ANY, headers=b),
        Attempt("what the page starts with", "GET", "/bootdata", ANY),
        Attempt("the page", "GET", "/", OK),
        Attempt("the page of B", "GET", "/?orgId={b}", (302, 404)),
        Attempt("the data source, moved", "PUT", uid, DENIED, body),
        Attempt("B's data source, moved", "PUT", uid, DENIED, body, b),
        Attempt("a data source to Prometheus", "POST", "/api/datasources", DENIED,
                {**body, "uid": "mine", "name": "mine"}),
        Attempt("the data source, deleted", "DELETE", uid, DENIED))


def _switches_and_accounts():
    """Other orgs, other roles, other accounts."""
    b, user = {"X-Grafana-Org-Id": "{b}"}, "/api/orgs/{a}/users/{me}"
    return (
        Attempt("switching to B", "POST", "/api/user/using/{b}", DENIED),
        Attempt("switching to org 1", "POST", "/api/user/using/1", DENIED),
        Attempt("switching by a page", "GET", "/api/user?orgId={b}", (302, 404)),
        Attempt("its own orgs", "GET", "/api/user/orgs", OK, b_sees=True),
        Attempt("itself in B", "GET", "/api/user", OK, headers=b, b_sees=True),
        Attempt("all orgs", "GET", "/api/orgs", DENIED),
        Attempt("B", "GET", "/api/orgs/{b}", DENIED),
        Attempt("B, by header", "GET", "/api/org", DENIED, headers=b, b_sees=True),
        Attempt("B's members", "GET", "/api/orgs/{b}/users", DENIED),
        Attempt("a member of B", "POST", "/api/orgs/{b}/users", DENIED,
                {"loginOrEmail": "{my_login}", "role": "Viewer"}),
        Attempt("an org of its own", "POST", "/api/orgs", DENIED, {"name": "mine"}),
        Attempt("its own role", "PATCH", user, DENIED, {"role": "Admin"}),
        Attempt("its own org's members", "GET", "/api/org/users", DENIED),
        Attempt("an invitation", "POST", "/api/org/invites", (403, 404),
                {"loginOrEmail": "x@x.example", "role": "Admin"}),
        Attempt("all users", "GET", "/api/users", DENIED),
        Attempt("a user by name", "GET", "/api/users/lookup?loginOrEmail=admin", DENIED),
        Attempt("a user", "POST", "/api/admin/users", DENIED,
                {"login": "mine", "password": "mine-pass", "OrgId": "{b}"}),
        Attempt("the server's settings", "GET", "/api/admin/settings", DENIED),
        Attempt("server admin", "PUT", "/api/admin/users/{me}/permissions", DENIED,
                {"isGrafanaAdmin": True}),
        Attempt("service accounts", "GET", "/api/serviceaccounts/search", DENIED),
        Attempt("a service account", "POST", "/api/serviceaccounts", DENIED,
                {"name": "mine", "role": "Admin"}),
        Attempt("a plug-in", "POST", "/api/plugins/grafana-clock-panel/install", (403, 404), {}))


def _live():
    """Live, as far as it is HTTP."""
    b, line = {"X-Grafana-Org-Id": "{b}"}, "traffic,access=pppoe sessions=1"
    return (
        Attempt("its channels", "GET", "/api/live/list", OK),
        Attempt("B's channels", "GET", "/api/live/list", ANY, headers=b),
        Attempt("a frame for B", "POST", f"/api/live/push/{LIVE_STREAM}", ANY, line, b),
        Attempt("a message for B's channel", "POST", "/api/live/publish", REFUSED,
                {"channel": f"{{b}}/stream/{LIVE_STREAM}/traffic", "data": {"a": 1}}))


ATTEMPTS = [*_expressions(), *_overrides(), *_paths(), *_writes(), *_dashboards(), *_sources(),
            *_switches_and_accounts(), *_live()]
