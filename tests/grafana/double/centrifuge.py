"""The Centrifuge protocol, in JSON, that browsers speak with Grafana Live."""

import asyncio
import json
import re
import uuid

from .live import MAX_CHANNEL

PING_SECONDS = 25
_PONG_SECONDS = 8

_CHANNEL = re.compile(r"[A-Za-z0-9_\-/=.]+")
_SCOPES = ("grafana", "stream")  # those that the double has

_INTERNAL = {"code": 100, "message": "internal server error", "temporary": True}
_DENIED = {"code": 103, "message": "permission denied"}
_NO_METHOD = {"code": 104, "message": "method not found"}
_TWICE = {"code": 105, "message": "already subscribed"}
_UNAVAILABLE = {"code": 108, "message": "not available"}
_INVALID = {"code": 400, "message": "invalid channel ID"}
_FORBIDDEN = {"code": 403, "message": "Forbidden"}


class Client:
    """One browser. Its org is settled when it connects, whatever becomes of its user."""

    def __init__(self, live, org_id):
        self._live = live
        self._org_id = org_id
        self._channels = {}
        self._socket = self._timer = None
        self._is_connected = False

    def opened(self, socket):
        self._socket = socket
        if not self._live.may_connect():
            socket.close(3504, "connection limit")
            return
        self._live.join(self)

    def closed(self):
        if self._timer:
            self._timer.cancel()
        self._live.leave(self)
        for channel in self._channels.values():
            channel.subscribers.discard(self._socket)

    def message(self, text):
        """Commands, one on a line; {} is the answer to a ping."""
        for line in text.split(b"\n"):
            if not line.strip():
                continue
            try:
                self._run(json.loads(line))
            except (ValueError, TypeError, AttributeError, RecursionError):
                self._socket.close(3501, "bad request")
                return

    def _run(self, command):
        if not command:
            self._later(PING_SECONDS, self._ping)
            return
        method = next((key for key in command if key != "id"), "")
        if not self._is_connected and method != "connect":
            self._socket.close(3501, "bad request")
            return
        if method == "send":
            return
        handler = getattr(self, f"_on_{method}", None)
        reply = handler(command[method]) if handler else {"error": _NO_METHOD}
        self._socket.send(json.dumps({"id": command["id"], **reply},
                                     separators=(",", ":")).encode())

    def _later(self, seconds, what):
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, what)

    def _ping(self):
        self._socket.send(b"{}")
        self._later(_PONG_SECONDS, lambda: self._socket.close(3012, "no pong"))

    def _on_connect(self, _):
        self._is_connected = True
        self._later(PING_SECONDS, self._ping)
        return {"connect": {"client": str(uuid.uuid4()), "ping": PING_SECONDS, "pong": True}}

    def _fault(self, name):
        """Why this client may not use a channel of that name, or None."""
        org, slash, rest = name.partition("/")
        if not slash or not org.removeprefix("-").isdigit():
            return _INTERNAL
        if int(org) != self._org_id:
            return _DENIED
        parts = rest.split("/")
        if len(parts) < 3 or len(rest) > MAX_CHANNEL or not _CHANNEL.fullmatch(rest):
            return _INVALID
        return None if parts[0] in _SCOPES else _INTERNAL

    def _on_subscribe(self, command):
        name = str(command.get("channel"))
        if name in self._channels:
            return {"error": _TWICE}
        fault = self._fault(name)
        if fault:
            return {"error": fault}
        channel = self._channels[name] = self._live.channel(name)
        channel.subscribers.add(self._socket)
        return {"subscribe": channel.last()}

    def _on_unsubscribe(self, command):
        channel = self._channels.pop(str(command.get("channel")), None)
        if channel:
            channel.subscribers.discard(self._socket)
        return {"unsubscribe": {}}

    def _on_publish(self, command):
        return {"error": self._fault(str(command.get("channel"))) or _FORBIDDEN}

    def _on_history(self, _):
        return {"error": _UNAVAILABLE}

    _on_presence = _on_presence_stats = _on_rpc = _on_refresh = _on_sub_refresh = _on_history


class Pusher:
    """A WebSocket that pushes lines: it answers nothing, and a bad message is skipped."""

    def __init__(self, live, org_id, stream, form):
        self._push = lambda body: live.push(org_id, stream, body, form)

    def opened(self, _):
        """Nothing to say."""

    def closed(self):
        """Nothing to give up."""

    def message(self, body):
        try:
            self._push(body)
        except ValueError:
            return
