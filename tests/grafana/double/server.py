"""The double as a server: counts, faults, who asks, which route, may he, and its handler."""

import asyncio
import json
import sys
import traceback
import urllib.parse

from . import answers, rights
from .auth import NO_ORG, Authenticator
from .clock import Clock
from .faults import Control
from .live import Live
from .router import PUBLIC, SIGNED_IN, Route, Router
from .routes import ALL
from .source_cache import SourceCache
from .state import State
from .upstream import Upstream
from .wire import Connection, Response


class Call:
    """One request on its way through a handler."""

    __slots__ = ("grafana", "request", "caller", "parameters")

    def __init__(self, grafana, request, caller, parameters):
        self.grafana, self.request, self.caller = grafana, request, caller
        self.parameters = parameters

    @property
    def state(self):
        return self.grafana.state

    @property
    def now(self):
        return self.grafana.state.clock.now()

    @property
    def org(self):
        """The caller's. A handler behind a right in the org has one."""
        return self.state.orgs[self.caller.org_id]

    def number(self, at=0):
        """A parameter of the path that has to be an id. Raises answers.Failure."""
        text = self.parameters[at]
        if not text.isascii() or not text.isdigit():
            raise answers.failure("id is invalid", 400)
        return int(text)

    def json(self):
        """The body, an object. Raises answers.Failure."""
        try:
            value = json.loads(self.request.body)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise answers.failure("bad request data", 400)
        return value

    def must(self, action, is_granted):
        if not is_granted:
            raise answers.access_denied(action)


class Grafana:
    """One server. Everything runs in the thread of its event loop."""

    def __init__(self, settings):
        self.settings = settings
        self.state = State(Clock(), settings.get("security", "admin_user"),
                           settings.get("security", "admin_password"))
        self.authenticator = Authenticator(self.state, settings)
        self.control = Control(self.state.clock)
        self.live = Live(self.state.clock, int(settings.get("live", "max_connections")))
        self.sources = SourceCache(self.state)
        self.upstream = Upstream()
        self._router = Router(*ALL)

    def answer(self, request):
        """A Response, or an awaitable of one."""
        if request.path.startswith("/-/double/"):
            return self.control.answer(request)
        found = self._router.find(request.method, request.path)
        self.control.count(request, f"{request.method} {found[0].pattern if found else '?'}")
        fault = self.control.fault_for(request)
        if fault:
            return fault.run(lambda: self._run(request, found))
        return self._run(request, found)

    def _run(self, request, found):
        try:
            result = self._handle(request, found)
        except answers.Failure as failure:
            return failure.response
        except Exception:  # pylint: disable=broad-except
            return _broken(request)
        return result if isinstance(result, Response) else self._later(request, result)

    @staticmethod
    async def _later(request, result):
        try:
            return await result
        except answers.Failure as failure:
            return failure.response
        except Exception:  # pylint: disable=broad-except
            return _broken(request)

    def _handle(self, request, found):
        route, parameters = found or _NOWHERE
        if route.needs == PUBLIC:
            return route.handler(Call(self, request, None, parameters))
        caller = self.authenticator.caller_of(request)
        if caller is None:
            return _turned_away(request)
        switched = self._switch_org(request, caller)
        if switched:
            return switched
        call = Call(self, request, caller, parameters)
        if route.needs != SIGNED_IN:
            self._check(route.needs, call)
        return route.handler(call)

    def _check(self, right, call):
        caller = call.caller
        if right.where == "org":
            granted = rights.may_in(caller.role, right.action)
        else:
            granted = rights.may_everywhere(caller, right.action)
            if right.where == "path" and not granted:
                granted = rights.may_in(self._role_at(call), right.action)
        call.must(right.shown or right.action, granted)

    def _role_at(self, call):
        org = self.state.orgs.get(call.number())
        user = call.caller.user
        return org.members.get(user.id, "None") if org and user else "None"

    def _switch_org(self, request, caller):
        """?orgId=N moves the active org for good, and sends the browser to the same page again."""
        org_id = request.parameter("orgId")
        if not org_id.isdigit() or caller.user is None or int(org_id) in (0, caller.org_id):
            return None
        if self.authenticator.in_org(caller.user, int(org_id)).org_id == NO_ORG:
            raise answers.not_found()
        caller.user.org_id = int(org_id)
        return Response(302, headers=[("Location", request.target)])


def _turned_away(request):
    """Pages send a stranger to where one signs in."""
    if request.path.startswith("/api"):
        raise answers.unauthorized()
    there = "/login?redirectTo=" + urllib.parse.quote(request.target, "")
    return Response(302, headers=[("Location", there)])


def _nowhere(_):
    raise answers.not_found()


_NOWHERE = (Route("?", SIGNED_IN, _nowhere), [])


def _broken(request):
    """A fault of the double itself, or a body whose types nobody foresaw: it goes on serving."""
    print(f"{request.method} {request.target}", traceback.format_exc(), sep="\n", file=sys.stderr)
    return Response.json({"message": "Internal Server Error"}, 500)


async def listen(grafana, host, port):
    """An asyncio server that listens."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Connection(grafana.answer), host, port, backlog=4096)
