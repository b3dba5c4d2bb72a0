"""What a browser does with Grafana Live: a WebSocket that speaks Centrifuge's JSON."""

import base64
import json
import os
import socket
import struct
import urllib.parse

from waiting import PATIENCE

_SECONDS = 20 * PATIENCE


class Refused(Exception):
    def __init__(self, status):
        super().__init__(f"the server answers {status}")
        self.status = status


class WebSocket:
    """Text messages to and from a server; `path` as it is typed."""

    def __init__(self, url, path, headers):
        """Raises Refused."""
        parts = urllib.parse.urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port or 80), _SECONDS)
        self._buffer = b""
        key = base64.b64encode(os.urandom(16)).decode()
        head = {"Host": parts.netloc, "Upgrade": "websocket", "Connection": "Upgrade",
                "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key, **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        self._socket.sendall(f"GET {parts.path}{path} HTTP/1.1\r\n{lines}\r\n".encode())
        status = int(self._until(b"\r\n\r\n").split()[1])
        if status != 101:
            self.close()
            raise Refused(status)

    def _until(self, end):
        while end not in self._buffer:
            self._receive()
        found, _, self._buffer = self._buffer.partition(end)
        return found

    def _take(self, size):
        while len(self._buffer) < size:
            self._receive()
        found, self._buffer = self._buffer[:size], self._buffer[size:]
        return found

    def _receive(self):
        data = self._socket.recv(65536)
        if not data:
            raise EOFError("the server has closed the connection")
        self._buffer += data

    def send(self, text):
        data = text.encode()
        size = struct.pack(">B", 128 | len(data)) if len(data) < 126 else \
            struct.pack(">BH", 254, len(data))
        self._socket.sendall(b"\x81" + size + bytes(4) + data)

    def wait_for_ever(self):
        """From now on, where nothing may come for long."""
        self._socket.settimeout(None)

    def receive(self):
        """The next text. Raises EOFError, with the code, when the server says goodbye."""
        while True:
            opcode, size = self._take(2)
            size &= 127
            if size > 125:
                size = int.from_bytes(self._take(2 if size == 126 else 8), "big")
            data = self._take(size)
            if opcode & 15 == 8:
                raise EOFError(int.from_bytes(data[:2], "big"))
            if opcode & 15 == 1:
                return data.decode()

    def close(self):
        self._socket.close()


class LiveClient:
    """Connected to Live; answers and frames come in their order."""

    def __init__(self, url, headers, path="/api/live/ws"):
        """Raises Refused."""
        self._socket = WebSocket(url, path, headers)
        self._lines, self._id = [], 0
        self.pushes = []  # [(channel, frame)] that have come
        try:
            self.ask("connect", name="js")
        except EOFError:
            self.close()
            raise

    def ask(self, method, **parameters):
        """The reply: {"subscribe": …} or {"error": {"code": …}}; pushes before it are kept."""
        self._id += 1
        self._socket.send(json.dumps({"id": self._id, method: parameters}))
        while (message := self._next()).get("id") != self._id:
            self._keep(message)
        return message

    def subscribe(self, channel):
        return self.ask("subscribe", channel=channel)

    def wait_for_ever(self):
        self._socket.wait_for_ever()

    def next_push(self):
        """(channel, frame)."""
        while not self.pushes:
            self._keep(self._next())
        return self.pushes.pop(0)

    def _keep(self, message):
        if "push" in message:
            self.pushes.append((message["push"]["channel"], message["push"]["pub"]["data"]))

    def _next(self):
        while not self._lines:
            self._lines = [line for line in self._socket.receive().split("\n") if line.strip()]
        message = json.loads(self._lines.pop(0))
        if not message:
            self._socket.send("{}")
            return self._next()
        return message

    def close(self):
        self._socket.close()
