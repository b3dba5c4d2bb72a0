"""The Prometheus plug-in: a panel's queries and the health check, as requests to a data source."""

import asyncio
import json
import posixpath
import urllib.parse

from . import answers, identity
from .frames import Maker
from .intervals import Steps, as_go
from .upstream import Unreachable

_TOLD = ("X-Dashboard-Title", "X-Dashboard-Uid", "X-Datasource-Uid", "X-Panel-Id",
         "X-Panel-Plugin-Id", "X-Panel-Title", "X-Query-Group-Id")
_WITH_TEXT = (400, 422, 503)  # whose errorType and error are shown


class QueryFailed(Exception):
    """`is_told`: the data source has said why, in Prometheus's own form."""

    def __init__(self, status, text, is_told=False):
        super().__init__(text)
        self.status, self.is_told = status, is_told


def path_in(source, path):
    """`path` under the data source's URL: '.', '..' and '//' resolved, even out of it."""
    prefix = urllib.parse.urlsplit(source.url).path
    joined = posixpath.normpath("/" + prefix.strip("/") + "/" + path)
    return "/" + joined.lstrip("/")


def _quoted(number):
    return f"{number / 1000:.3f}".rstrip("0").rstrip(".")


class Plugin:
    """One data source, as one caller uses it."""

    def __init__(self, call, source):
        self._call, self._source = call, source
        self._headers = identity.of_grafana(call)
        for name in _TOLD:
            if name.lower() in call.request.headers:
                self._headers[name] = call.request.headers[name.lower()]

    async def query(self, query, begin, end):
        """{"frames": [...]} of one of the request's queries, with "error" where there was one."""
        try:
            steps = Steps(query, self._source, begin, end)
        except ValueError as error:
            raise answers.failure(str(error), 400) from error
        expression = steps.interpolated(query.get("expr") or "")
        maker = Maker({**query, "expr": expression}, steps,
                      f"Expr: {expression}\nStep: {as_go(steps.step)}")
        try:
            parts = await asyncio.gather(*(self._run(*request, maker)
                                           for request in _requests(query, expression, steps)))
            if query.get("exemplar"):
                await self._ask_for_exemplars(expression, steps)
        except QueryFailed as failed:
            return {"error": str(failed), "errorSource": "downstream", "status": failed.status,
                    "frames": [maker.empty(failed.is_told)]}
        return {"status": 200, "frames": [frame for part in parts for frame in part]}

    async def _run(self, path, form, maker):
        answer = await self._post(path, form)
        try:
            body = json.loads(answer.body)
        except ValueError:
            body = None
        if answer.status == 200 and body and body.get("status") == "success":
            return maker.of(body["data"])
        if answer.status in _WITH_TEXT and body and "error" in body:
            raise QueryFailed(answer.status, f"{body.get('errorType')}: {body['error']}", True)
        raise QueryFailed(500, f"unexpected response with status code {answer.status}: "
                          + answer.body.decode("utf-8", "replace"))

    async def _ask_for_exemplars(self, expression, steps):
        """The question alone: no source of this project has an exemplar to make a frame of."""
        start, end = steps.aligned()
        await self._post("/api/v1/query_exemplars", {
            "query": expression, "start": _quoted(start), "end": _quoted(end)})

    async def _post(self, path, form):
        body = urllib.parse.urlencode(sorted(form.items())).encode()
        headers = {**self._headers, "Content-Type": "application/x-www-form-urlencoded",
                   **identity.configured(self._source)}
        return await self._ask("POST", path, headers, body)

    async def _ask(self, method, path, headers, body=b""):
        try:
            return await self._call.grafana.upstream.ask(
                method, self._source.url, path_in(self._source, path), headers, body)
        except Unreachable as error:
            raise QueryFailed(502, f"Post \"{self._source.url}\": {error}") from error

    async def health(self):
        """(is well, what to say): the query 1+1, then which program it is, which may be unknown."""
        try:
            answer = await self._post("/api/v1/query", {"query": "1+1", "time": "4"})
            await self._ask("GET", "/api/v1/status/buildinfo",
                            {**self._headers, **identity.configured(self._source)})
        except QueryFailed as failed:
            return False, str(failed)
        if answer.status != 200:
            return False, f"{answer.status} - {answer.body.decode('utf-8', 'replace')}"
        return True, "Successfully queried the Prometheus API."


def _requests(query, expression, steps):
    """[(path, form)]: an instant query, a range query or both."""
    found = []
    if query.get("instant"):
        form = {"query": expression, "time": _quoted(steps.end)}
        found.append(("/api/v1/query", form))
    if query.get("range") or not found:
        start, end = steps.aligned()
        form = {"query": expression, "start": _quoted(start), "end": _quoted(end),
                "step": _quoted(steps.step)}
        found.append(("/api/v1/query_range", form))
    return found
