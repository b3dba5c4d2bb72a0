"""Grafana Live's channels: the last frame of each, and who listens."""

import collections
import json

from . import influx
from .websocket import frame as websocket_frame

MAX_CHANNEL = 160  # characters


class Channel:
    """`name` begins with the org's id, as browsers subscribe to it."""

    def __init__(self, name):
        self.name = name
        self.subscribers = set()
        self._schema = self._last = None
        self._times = collections.deque(maxlen=10_000)

    def publish(self, frame, now):
        """Data alone as long as the schema stays."""
        is_new = frame.schema != self._schema
        self._schema, self._last = frame.schema, frame.data
        self._times.append(now)
        if self.subscribers:
            shown = {"schema": frame.schema, "data": frame.data} if is_new else {"data": frame.data}
            self._send({"push": {"channel": self.name, "pub": {"data": shown}}})

    def _send(self, message):
        data = websocket_frame(json.dumps(message, separators=(",", ":")).encode())
        for subscriber in self.subscribers:
            subscriber.write(data)

    def last(self):
        """What a subscriber is told at once: {} before the first frame."""
        return {"data": {"schema": self._schema, "data": self._last}} if self._schema else {}

    def shown(self, now):
        """As /api/live/list shows it, or None before the first frame."""
        rate = sum(at > now - 60 for at in self._times)
        return self._schema and {"channel": self.name.partition("/")[2], "minute_rate": rate,
                                 "data": {"schema": self._schema}}


class Live:
    def __init__(self, clock, max_connections):
        self._clock = clock
        self._max_connections = max_connections
        self._channels = {}
        self._connections = set()

    def channel(self, name):
        if name not in self._channels:
            self._channels[name] = Channel(name)
        return self._channels[name]

    def push(self, org_id, stream, body, form):
        """Publishes all lines of `body`, or none. `form`: a key of influx.FORMS.

        Raises influx.BadLine, UnicodeDecodeError.
        """
        now = self._clock.now()
        lines = influx.parse(body.decode(), int(now * 1e9))
        for name, frame in influx.FORMS[form](lines):
            self.channel(f"{org_id}/stream/{stream}/{name}").publish(frame, now)

    def listed(self, org_id):
        now, start = self._clock.now(), f"{org_id}/"
        shown = (channel.shown(now) for name, channel in sorted(self._channels.items())
                 if name.startswith(start))
        return [row for row in shown if row]

    def may_connect(self):
        return not 0 < self._max_connections <= len(self._connections)

    def join(self, connection):
        self._connections.add(connection)

    def leave(self, connection):
        self._connections.discard(connection)
