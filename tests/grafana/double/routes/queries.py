"""The ways from a browser to a data source: query API, resource calls, data proxy, health."""

import posixpath
import urllib.parse

from .. import answers, identity
from ..intervals import instant
from ..prometheus import Plugin, path_in
from ..router import Right, Routes
from ..upstream import Unreachable
from ..wire import Response
from .data_sources import by_id

routes = Routes()

_QUERY = Right("datasources:query")
# What the plug-in lists for the proxy's POST; of PUT and DELETE there is none.
_POSTABLE = ("api/v1/query", "api/v1/query_range", "api/v1/series", "api/v1/labels",
             "api/v1/query_exemplars", "rules", "config/v1/rules")
_SAFE_IN_PATH = "/$&+,:;=@"


def _used(call, uid):
    """The data source as queries see it. Raises answers.Failure."""
    source = call.grafana.sources.get(call.org, uid)
    if source is None:
        raise answers.failure("Data source not found", 404)
    return source


@routes.add("POST", "/api/ds/query", _QUERY)
async def query(call):
    body = call.json()
    queries = body.get("queries")
    if not isinstance(queries, list) or not queries:
        raise answers.error_id(400, "query.noQueries", "No queries found")
    begin, end = (_instant(call, body.get(key)) for key in ("from", "to"))
    results = {}
    for one in queries:
        source = _used(call, str((one.get("datasource") or {}).get("uid") or ""))
        results[one.get("refId", "A")] = await Plugin(call, source).query(one, begin, end)
    has_failed = any("error" in result for result in results.values())
    return Response.json({"results": results}, 400 if has_failed else 200)


def _instant(call, text):
    """Now, for what is no time."""
    try:
        return instant(text, call.now)
    except ValueError:
        return instant("now", call.now)


@routes.add("GET", "/api/datasources/uid/:uid/health", _QUERY)
async def health(call):
    is_well, text = await Plugin(call, _used(call, call.parameters[0])).health()
    if not is_well:
        return Response.json({"message": text, "status": "ERROR"}, 400)
    return Response.json({"message": text, "status": "OK", "details": {
        "application": "Prometheus", "features": {"rulerApiEnabled": False}}})


@routes.add("ANY", "/api/datasources/uid/:uid/resources/*", _QUERY)
async def resource(call):
    return await _resource(call, _used(call, call.parameters[0]))


@routes.add("ANY", "/api/datasources/:id/resources/*", _QUERY)
async def resource_by_id(call):
    return await _resource(call, _used(call, by_id(call, call.parameters[0]).uid))


async def _resource(call, source):
    """Any method; the path is decoded once, and then cleaned."""
    request = call.request
    path = path_in(source, urllib.parse.unquote(call.parameters[1]))
    target = urllib.parse.quote(path, _SAFE_IN_PATH) + _query_string(request)
    headers = {**identity.of_client(request),
               "X-Forwarded-For": identity.forwarded_for(request, 1),
               **identity.of_grafana(call), **identity.configured(source)}
    answer = await _ask(call, source, target, headers)
    return Response(answer.status, answer.body, answer.headers.get("content-type"))


def _query_string(request):
    return "?" + request.raw_query if request.raw_query else ""


@routes.add("ANY", "/api/datasources/proxy/uid/:uid/*", _QUERY)
async def proxy(call):
    return await _proxy(call, _used(call, call.parameters[0]))


@routes.add("ANY", "/api/datasources/proxy/:id/*", _QUERY)
async def proxy_by_id(call):
    return await _proxy(call, _used(call, by_id(call, call.parameters[0]).uid))


async def _proxy(call, source):
    """The path goes on as it was typed."""
    request, typed = call.request, call.parameters[1]
    _check_proxied(call, source, typed)
    prefix = urllib.parse.urlsplit(source.url).path.rstrip("/")
    answer = await _ask(call, source, f"{prefix}/{typed}{_query_string(request)}",
                        _proxy_headers(call, source))
    if answer.status == 401:
        return Response(400, b"Authentication to data source failed", "text/plain; charset=utf-8")
    return Response(answer.status, answer.body, answer.headers.get("content-type"),
                    [("Content-Security-Policy", "sandbox")])


def _check_proxied(call, source, typed):
    allowed = call.grafana.settings.get("security", "data_source_proxy_whitelist").split()
    if allowed and urllib.parse.urlsplit(source.url).netloc not in allowed:
        raise answers.refused("Data proxy hostname and ip are not included in whitelist")
    method = call.request.method
    clean = posixpath.normpath("/" + urllib.parse.unquote(typed)).lstrip("/")
    if method in ("PUT", "DELETE") or (method == "POST" and not clean.startswith(_POSTABLE)):
        raise answers.refused(
            f"non allow-listed {method}s not allowed on proxied Prometheus datasource")


def _proxy_headers(call, source):
    headers = identity.of_client(call.request)
    headers.pop("X-Grafana-User", None)
    own = headers.pop("X-Ds-Authorization", None)
    if own:
        headers["Authorization"] = own
    return {**headers, "X-Forwarded-For": identity.forwarded_for(call.request, 2),
            **identity.of_grafana(call), **identity.configured(source)}


async def _ask(call, source, target, headers):
    try:
        return await call.grafana.upstream.ask(call.request.method, source.url, target, headers,
                                               call.request.body)
    except Unreachable as error:
        raise answers.failure(f"the data source can't be reached: {error}", 502) from error
