"""Grafana Live over HTTP: pushes, the list of channels, and the doors to the WebSockets."""

import urllib.parse

from .. import answers, influx, websocket
from ..centrifuge import Client, Pusher
from ..router import Routes
from ..wire import Response

routes = Routes()


def _form(call):
    form = call.request.parameter("gf_live_frame_format")
    if form not in influx.FORMS:
        raise answers.Failure(Response(400))
    return form


@routes.add("POST", "/api/live/push/:stream")
def push(call):
    """Any role may; of whom asks for a foreign org it goes to org -1."""
    try:
        call.grafana.live.push(call.caller.org_id, call.parameters[0], call.request.body,
                               _form(call))
    except ValueError:
        return Response(500)
    return Response(200)


@routes.add("GET", "/api/live/list")
def list_channels(call):
    return Response.json({"channels": call.grafana.live.listed(call.caller.org_id)})


@routes.add("POST", "/api/live/publish")
def publish(call):
    """A channel of scope stream takes pushes only."""
    channel = str(call.json().get("channel"))
    if len(channel.split("/")) < 3:
        raise answers.failure("invalid channel ID", 400)
    raise answers.failure("Forbidden", 403)


def _check_upgrade(call):
    if not websocket.wants_upgrade(call.request):
        raise answers.Failure(Response(400, b"Bad Request\n", "text/plain; charset=utf-8"))
    origin = call.request.headers.get("origin")
    if origin and not _is_own(call, origin):
        raise answers.Failure(Response(403, b"Forbidden\n", "text/plain; charset=utf-8"))


def _is_own(call, origin):
    root = call.grafana.settings.get("server", "root_url")
    own = urllib.parse.urlsplit(root).netloc or call.request.headers.get("host")
    allowed = call.grafana.settings.get("live", "allowed_origins").replace(",", " ").split()
    return urllib.parse.urlsplit(origin).netloc == own or origin in allowed


@routes.add("GET", "/api/live/ws")
def connect(call):
    _check_upgrade(call)
    return websocket.accept(call.request, Client(call.grafana.live, call.caller.org_id))


@routes.add("GET", "/api/live/push/:stream")
def connect_pusher(call):
    if call.caller.role != "Admin":
        raise answers.refused("Permission denied")
    _check_upgrade(call)
    return websocket.accept(call.request, Pusher(call.grafana.live, call.caller.org_id,
                                                 call.parameters[0], _form(call)))
