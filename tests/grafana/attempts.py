"""What a Viewer and an Editor of org A try from a browser, to see or change what is B's.

Rows, in the words of a request. `{a}`, `{b}`: the orgs' ids; `{b_source}`, `{b_dashboard}`, `{me}`,
`{my_login}`: what an attacker knows or may have guessed. Whatever the status, nothing of B may be
in the answer.
"""

import dataclasses
import typing
import urllib.parse

from two_tenants import FOLDER, LIVE_STREAM, SOURCE

# What may come back. 500 is what Grafana 12.4 says to some: no answer, but no data either.
OK = (200,)
DENIED = (401, 403)
GONE = (403, 404)
MOVED = (302, 404)
REFUSED = (400, 401, 403, 404, 405, 412, 422, 500)
ANY = OK + REFUSED

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
IN_B = {"X-Grafana-Org-Id": "{b}"}

_OF_B = urllib.parse.quote('{tenant_id="B"}')
_QUERY_PATH = "api/v1/query?query=usage_sessions"
_WAYS = (f"uid/{SOURCE}/resources", f"proxy/uid/{SOURCE}")


@dataclasses.dataclass(frozen=True)
class Attempt:
    """`b_sees`: sent by B's own Viewer it shows B's data, so it can find something."""

    name: str
    method: str
    path: str
    may: tuple = ANY
    body: typing.Any = None
    headers: dict = dataclasses.field(default_factory=dict)
    b_sees: bool = False


def _query(expression, **more):
    return {"from": "now-10m", "to": "now", "queries": [
        {"refId": "A", "datasource": {"type": "prometheus", "uid": SOURCE}, "expr": expression,
         "intervalMs": 15000, "maxDataPoints": 500, "instant": True, **more}]}


# By the query API, as panels and Explore ask: name, expression, whether B sees its own.
_EXPRESSIONS = (
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
    ("a broken string", 'usage_sessions{tenant_id="A"} or {__name__="only_b', False),
    ("a join with another's info", "info(usage_sessions)", False),
    ("whether B is absent", 'absent(usage_sessions{tenant_id="B"})', False),
)

# A good query, with the wish to be somebody else: name, end of the URL, headers, status.
_DISGUISES = (
    ("the org in a header", "", IN_B, DENIED),
    ("the org in targetOrgId", "targetOrgId={b}", {}, DENIED),
    ("the org in orgId", "orgId={b}", {}, (302, *REFUSED)),
    ("two orgs in a header", "", {"X-Grafana-Org-Id": "{a},{b}"}, OK),
    ("org -1 in a header", "", {"X-Grafana-Org-Id": "-1"}, OK),
    ("another token", "", {"X-Usage-Token": "guessed"}, OK),
    ("another token, spelt otherwise", "", {"X_Usage_Token": "guessed"}, OK),
    ("another proxy's tenant", "", {"X-Scope-OrgID": "B"}, OK),
    ("a token for the data source", "", {"X-DS-Authorization": "Bearer guessed"}, OK),
    ("another user", "", {"X-Grafana-User": "admin", "X-WEBAUTH-USER": "admin"}, OK),
    ("another identity", "", {"X-Grafana-Id": "a.b.c", "X-Access-Token": "a.b.c"}, ANY),
    ("a forwarded address", "", {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"}, OK),
)

# Of Prometheus's API, by resource call and by proxy: name, path, status, whether B sees its own.
_PATHS = (
    ("labels", "api/v1/labels", ANY, False),
    ("values of a label", "api/v1/label/subscriber/values", OK, True),
    ("values by B's matcher", f"api/v1/label/subscriber/values?match[]={_OF_B}", OK, True),
    ("values of the tenants' label", "api/v1/label/tenant_id/values", OK, False),
    ("series", f"api/v1/series?match[]={_OF_B}", OK, True),
    ("a query", f"api/v1/query?query=usage_sessions{_OF_B}", OK, True),
    ("the query as a tenant", _QUERY_PATH + "&tenant_id=B", REFUSED, False),
    ("two queries in one", "api/v1/query?query=only_a&query=only_b", REFUSED, False),
    ("rules", "api/v1/rules", ANY, True),
    ("alerts", "api/v1/alerts", ANY, True),
    ("metadata", "api/v1/metadata", ANY, False),
    ("exemplars", "api/v1/query_exemplars?query=only_b&start=1&end=2", ANY, False),
    ("federation", f"federate?match[]={_OF_B}", ANY, True),
    ("targets", "api/v1/targets", REFUSED, False),
    ("the configuration", "api/v1/status/config", REFUSED, False),
    ("the TSDB", "api/v1/status/tsdb", REFUSED, False),
    ("deleting series", f"api/v1/admin/tsdb/delete_series?match[]={_OF_B}", REFUSED, False),
    ("remote read", "api/v1/read", REFUSED, False),
    ("Prometheus' own metrics", "metrics", REFUSED, False),
    ("its pages", "graph", REFUSED, False),
    ("quitting", "-/quit", REFUSED, False),
    ("up and down", "api/v1/../../api/v1/status/config", REFUSED, False),
    ("up, escaped", "%2e%2e/%2e%2e/api/v1/status/config", REFUSED, False),
    ("up, escaped twice", "%252e%252e/api/v1/status/config", REFUSED, False),
    ("up, with an escaped slash", "..%2f..%2fapi/v1/targets", REFUSED, False),
    ("two slashes", "/api/v1//status/config", REFUSED, False),
    ("a backslash", "..%5c..%5capi/v1/targets", REFUSED, False),
    ("another host in the path", "//127.0.0.1:9090/api/v1/status/config", REFUSED, False),
    ("a line end in the path", "api/v1/labels%0d%0aX-Usage-Token:%20b", REFUSED, False),
    ("a question mark in the path", "api/v1/query%3fquery=only_b", REFUSED, False),
    ("a NUL in the path", "api/v1/labels%00", REFUSED, False),
)

# The same with a body: name, path, body, whether B sees its own.
_FORMS = (
    ("a query", "api/v1/query", "query=usage_sessions", True),
    ("series", "api/v1/series", 'match[]={tenant_id="B"}', True),
    ("labels", "api/v1/labels", "match[]=only_b", False),
)

_K8S = "/apis/dashboard.grafana.app/v0alpha1/namespaces/org-{b}/dashboards"
_DASHBOARDS = (
    Attempt("B's dashboard", "GET", "/api/dashboards/uid/{b_dashboard}", GONE, b_sees=True),
    Attempt("B's dashboard, in its org", "GET", "/api/dashboards/uid/{b_dashboard}", DENIED,
            headers=IN_B, b_sees=True),
    Attempt("B's dashboard, by namespace", "GET", _K8S + "/{b_dashboard}", DENIED, b_sees=True),
    Attempt("B's dashboards, by namespace", "GET", _K8S, DENIED, b_sees=True),
    Attempt("B's dashboard, written", "PUT", _K8S + "/{b_dashboard}", DENIED,
            {"metadata": {"name": "{b_dashboard}"}, "spec": {"title": "mine"}}),
    Attempt("B's dashboard, deleted", "DELETE", _K8S + "/{b_dashboard}", DENIED),
    Attempt("a namespace of two", "GET", _K8S.replace("{b}", "{a},{b}"), REFUSED),
    Attempt("B's folders, by namespace", "GET",
            "/apis/folder.grafana.app/v1beta1/namespaces/org-{b}/folders", REFUSED),
    Attempt("a search in B", "GET", "/api/search", headers=IN_B, b_sees=True),
    Attempt("a search by title", "GET", "/api/search?query=Home", OK, b_sees=True),
    Attempt("a search by uid", "GET", "/api/search?dashboardUIDs={b_dashboard}", OK, b_sees=True),
    Attempt("B's home", "GET", "/api/dashboards/home", headers=IN_B),
    Attempt("B's folder", "GET", f"/api/folders/{FOLDER}", DENIED, headers=IN_B),
    Attempt("B's preferences", "GET", "/api/org/preferences", DENIED, headers=IN_B),
    Attempt("B's versions", "GET", "/api/dashboards/uid/{b_dashboard}/versions", REFUSED),
    Attempt("B's annotations", "GET", "/api/annotations", headers=IN_B),
    Attempt("B's query history", "GET", "/api/query-history", headers=IN_B),
    Attempt("a dashboard for B", "POST", "/api/dashboards/db", REFUSED,
            {"dashboard": {"title": "mine", "uid": "{b_dashboard}"}, "folderUid": FOLDER,
             "overwrite": True}, IN_B),
    Attempt("a page of B", "GET", "/d/{b_dashboard}/x?orgId={b}", MOVED),
    Attempt("a snapshot", "POST", "/api/snapshots", DENIED, {"dashboard": {"title": "s"}}),
    Attempt("a public dashboard", "POST", "/api/dashboards/uid/{b_dashboard}/public-dashboards",
            GONE, {"isEnabled": True}),
)

# The data source: to read its secret, to point it elsewhere.
_UID = f"/api/datasources/uid/{SOURCE}"
_ELSEWHERE = {"name": "Usage", "uid": SOURCE, "type": "prometheus", "access": "proxy",
              "url": "http://127.0.0.1:9090"}
_SOURCES = (
    Attempt("the data source", "GET", _UID, OK),
    Attempt("the data sources", "GET", "/api/datasources", OK),
    Attempt("the data source by name", "GET", "/api/datasources/name/Usage", OK),
    Attempt("B's data source by number", "GET", "/api/datasources/{b_source}", REFUSED),
    Attempt("B's data sources", "GET", "/api/datasources", DENIED, headers=IN_B),
    Attempt("the settings of the page", "GET", "/api/frontend/settings", OK),
    Attempt("the settings of B's page", "GET", "/api/frontend/settings", headers=IN_B),
    Attempt("what the page starts with", "GET", "/bootdata"),
    Attempt("what B's page starts with", "GET", "/bootdata", headers=IN_B),
    Attempt("the page", "GET", "/", OK),
    Attempt("the page of B", "GET", "/?orgId={b}", MOVED),
    Attempt("the data source, moved", "PUT", _UID, DENIED, _ELSEWHERE),
    Attempt("B's data source, moved", "PUT", _UID, DENIED, _ELSEWHERE, IN_B),
    Attempt("a data source to Prometheus", "POST", "/api/datasources", DENIED,
            {**_ELSEWHERE, "uid": "mine", "name": "mine"}),
    Attempt("the data source, deleted", "DELETE", _UID, DENIED),
)

_SWITCHES = (
    Attempt("switching to B", "POST", "/api/user/using/{b}", DENIED),
    Attempt("switching to org 1", "POST", "/api/user/using/1", DENIED),
    Attempt("switching by a page", "GET", "/api/user?orgId={b}", MOVED),
    Attempt("its own orgs", "GET", "/api/user/orgs", OK, b_sees=True),
    Attempt("itself in B", "GET", "/api/user", OK, headers=IN_B, b_sees=True),
    Attempt("all orgs", "GET", "/api/orgs", DENIED),
    Attempt("B", "GET", "/api/orgs/{b}", DENIED),
    Attempt("B, by header", "GET", "/api/org", DENIED, headers=IN_B, b_sees=True),
    Attempt("B's members", "GET", "/api/orgs/{b}/users", DENIED),
    Attempt("membership of B", "POST", "/api/orgs/{b}/users", DENIED,
            {"loginOrEmail": "{my_login}", "role": "Viewer"}),
    Attempt("an org of its own", "POST", "/api/orgs", DENIED, {"name": "mine"}),
)

_ACCOUNTS = (
    Attempt("its own role", "PATCH", "/api/orgs/{a}/users/{me}", DENIED, {"role": "Admin"}),
    Attempt("its own org's members", "GET", "/api/org/users", DENIED),
    Attempt("an invitation", "POST", "/api/org/invites", GONE,
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
    Attempt("a plug-in", "POST", "/api/plugins/grafana-clock-panel/install", GONE, {}),
)

# Live, as far as it is HTTP.
_LIVE = (
    Attempt("its channels", "GET", "/api/live/list", OK),
    Attempt("B's channels", "GET", "/api/live/list", headers=IN_B),
    Attempt("a frame for B", "POST", f"/api/live/push/{LIVE_STREAM}", ANY,
            "traffic,access=pppoe sessions=1", IN_B),
    Attempt("a message for B's channel", "POST", "/api/live/publish", REFUSED,
            {"channel": f"{{b}}/stream/{LIVE_STREAM}/traffic", "data": {"a": 1}}),
)


def _by_query_api():
    for name, expression, b_sees in _EXPRESSIONS:
        yield Attempt(name, "POST", "/api/ds/query", ANY, _query(expression), b_sees=b_sees)
    for name, suffix, headers, may in _DISGUISES:
        yield Attempt(f"a query with {name}", "POST", f"/api/ds/query?{suffix}", may,
                      _query("usage_sessions"), headers, b_sees=_is_true_of_b(headers))
    yield Attempt("Explore's range and instant", "POST", "/api/ds/query?ds_type=prometheus", OK,
                  _query("usage_sessions", range=True), {"X-Query-Group-Id": "explore"}, True)
    yield Attempt("exemplars", "POST", "/api/ds/query", ANY,
                  _query("only_b", exemplar=True, instant=False))
    by_number = _query("usage_sessions", datasource=None, datasourceId="{b_source}")
    yield Attempt("a query to B's data source by number", "POST", "/api/ds/query", REFUSED,
                  by_number)


def _is_true_of_b(headers):
    """Not where the gateway may refuse the disguise to everybody."""
    return "guessed" not in str(headers) and "a.b.c" not in str(headers)


def _by_path():
    for way in _WAYS:
        kind = "proxy" if way.startswith("proxy") else "resource"
        for name, path, may, b_sees in _PATHS:
            yield Attempt(f"{kind}: {name}", "GET", f"/api/datasources/{way}/{path}", may,
                          b_sees=b_sees)
        for name, suffix, headers, may in _DISGUISES:
            yield Attempt(f"{kind}: a query with {name}", "GET",
                          f"/api/datasources/{way}/{_QUERY_PATH}&{suffix}".rstrip("&"),
                          may + (400,), headers=headers)
        for name, path, body, b_sees in _FORMS:
            yield Attempt(f"{kind}: {name} in a body", "POST", f"/api/datasources/{way}/{path}", OK,
                          body, FORM, b_sees)
        for method in ("PUT", "DELETE", "PATCH"):
            yield Attempt(f"{kind}: {method}", method, f"/api/datasources/{way}/{_QUERY_PATH}",
                          REFUSED)
    for way in ("{b_source}/resources", "proxy/{b_source}"):
        yield Attempt(f"B's data source by number: {way}", "GET",
                      f"/api/datasources/{way}/{_QUERY_PATH}", REFUSED, b_sees=True)


ATTEMPTS = [*_by_query_api(), *_by_path(), *_DASHBOARDS, *_SOURCES, *_SWITCHES, *_ACCOUNTS, *_LIVE]
