"""HTTP/1.1 on asyncio: bytes that arrive become a Request, a Response becomes bytes.

Hand-written because the standard library's servers take a thread a connection, and a benchmark's
thousand pushes a second would measure them.
"""

import asyncio
import json
import urllib.parse

MAX_HEAD = 64 * 1024
MAX_BODY = 64 * 1024 * 1024

REASONS = {100: "Continue", 101: "Switching Protocols", 200: "OK", 201: "Created", 302: "Found",
           400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
           405: "Method Not Allowed", 409: "Conflict", 412: "Precondition Failed",
           413: "Payload Too Large", 422: "Unprocessable Entity",
           431: "Request Header Fields Too Large", 500: "Internal Server Error",
           501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
           505: "HTTP Version Not Supported"}


class Refusal(Exception):
    """A message that can't be read; the connection ends with this status."""

    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


class Request:
    """`headers` has lower-case names and the first value; `pairs` has all, as they were sent."""

    __slots__ = ("method", "target", "path", "raw_query", "headers", "pairs", "body", "peer",
                 "keeps_alive", "_query")

    def __init__(self, method, target, pairs, peer, keeps_alive):
        self.method, self.target, self.peer = method, target, peer
        self.path, _, self.raw_query = target.partition("?")
        self.pairs = pairs
        self.headers = {}
        for name, value in pairs:
            self.headers.setdefault(name.lower(), value)
        self.keeps_alive = keeps_alive
        self.body = b""
        self._query = None

    @property
    def query(self):
        """{name: [values]} of the URL."""
        if self._query is None:
            self._query = urllib.parse.parse_qs(self.raw_query, keep_blank_values=True)
        return self._query

    def parameter(self, name, default=""):
        return self.query.get(name, (default,))[0]

    def cookie(self, name):
        for part in self.headers.get("cookie", "").split(";"):
            key, _, value = part.strip().partition("=")
            if key == name:
                return value
        return ""


class Response:
    """`upgrade`, where set, gets the transport once the head is sent, and all later bytes."""

    __slots__ = ("status", "headers", "body", "upgrade", "is_cut")

    def __init__(self, status=200, body=b"", content_type=None, headers=()):
        self.status, self.body = status, body
        self.headers = list(headers)
        if content_type:
            self.headers.append(("Content-Type", content_type))
        self.upgrade = None
        self.is_cut = False

    @classmethod
    def json(cls, value, status=200, content_type="application/json"):
        return cls(status, json.dumps(value, separators=(",", ":")).encode(), content_type)

    @classmethod
    def cut(cls):
        """No answer: the connection breaks off."""
        response = cls()
        response.is_cut = True
        return response

    def encode(self, method, keeps_alive):
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.status >= 200:
            lines.append(f"Content-Length: {len(self.body)}")
            if not keeps_alive:
                lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
        return head if method == "HEAD" else head + self.body


class FixedBody:
    def __init__(self, length):
        self._length = length

    def take(self, buffer):
        """The body once it is all there, else None; what it took is gone from `buffer`."""
        if len(buffer) < self._length:
            return None
        body = bytes(buffer[:self._length])
        del buffer[:self._length]
        return body


class ChunkedBody:
    def __init__(self):
        self._body = bytearray()
        self._left = None  # of the chunk that is being read, its line end included
        self._is_last = False

    def take(self, buffer):
        """As FixedBody.take."""
        while True:
            if self._left is None and not self._begin_chunk(buffer):
                return None
            if self._is_last:
                return bytes(self._body) if self._skip_trailer(buffer) else None
            if len(buffer) < self._left:
                return None
            self._body += buffer[:self._left - 2]
            del buffer[:self._left]
            self._left = None
            if len(self._body) > MAX_BODY:
                raise Refusal(413, "the body is too large")

    def _begin_chunk(self, buffer):
        end = buffer.find(b"\r\n")
        if end < 0:
            return False
        size = bytes(buffer[:end]).split(b";")[0].strip()
        del buffer[:end + 2]
        if not size or any(byte not in b"0123456789abcdefABCDEF" for byte in size):
            raise Refusal(400, "the size of a chunk is no number")
        self._left = int(size, 16) + 2
        self._is_last = self._left == 2
        if self._left > MAX_BODY:
            raise Refusal(413, "the body is too large")
        return True

    @staticmethod
    def _skip_trailer(buffer):
        while (end := buffer.find(b"\r\n")) >= 0:
            del buffer[:end + 2]
            if end == 0:
                return True
        return False


def parse_head(head, peer):
    """A Request without its body. Raises Refusal."""
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3 or not words[0].isalpha() or not words[2].startswith("HTTP/"):
        raise Refusal(400, "the request line is malformed")
    method, target, version = words
    if version not in ("HTTP/1.1", "HTTP/1.0"):
        raise Refusal(505, "only HTTP/1.1 is spoken here")
    if not target.startswith("/"):
        raise Refusal(400, "the target is no path")
    pairs = [_parse_header(line) for line in lines[1:]]
    connection = next((v.lower() for n, v in pairs if n.lower() == "connection"), "")
    is_kept = version == "HTTP/1.1" or "keep-alive" in connection
    keeps_alive = is_kept and "close" not in connection
    return Request(method, target, pairs, peer, keeps_alive)


def _parse_header(line):
    name, colon, value = line.partition(":")
    if not colon or not name or name != name.strip():
        raise Refusal(400, "a header is malformed")
    return name, value.strip(" \t")


def body_of(request):
    """What reads the body of `request`. Raises Refusal."""
    coding = request.headers.get("transfer-encoding")
    if coding is not None:
        if coding.lower() != "chunked":
            raise Refusal(501, "the transfer coding is unknown")
        return ChunkedBody()
    lengths = {value for name, value in request.pairs if name.lower() == "content-length"} or {"0"}
    length = lengths.pop()
    if lengths or not (length.isascii() and length.isdigit()):
        raise Refusal(400, "the length of the body is no number")
    if int(length) > MAX_BODY:
        raise Refusal(413, "the body is too large")
    return FixedBody(int(length))


class Connection(asyncio.Protocol):
    """One client. Requests are answered one after the other, in their order."""

    def __init__(self, answer):
        """`answer` makes of a Request a Response, or an awaitable of one."""
        self._answer = answer
        self._buffer = bytearray()
        self._request = self._body = self._task = self._upgraded = None
        self._transport = None
        self._peer = ""

    def connection_made(self, transport):
        self._transport = transport
        self._peer = (transport.get_extra_info("peername") or ("",))[0]

    def connection_lost(self, _):
        if self._task:
            self._task.cancel()
        if self._upgraded:
            self._upgraded.lost()

    def data_received(self, data):
        if self._upgraded:
            self._upgraded.feed(data)
            return
        self._buffer += data
        if self._task:
            if len(self._buffer) > MAX_HEAD:
                self._transport.pause_reading()
            return
        self._serve_what_is_there()

    def _serve_what_is_there(self):
        try:
            while not self._task and not self._transport.is_closing() and self._read_request():
                request, self._request = self._request, None
                self._serve(request)
        except Refusal as refusal:
            self._refuse(refusal)

    def _read_request(self):
        """Whether self._request is complete."""
        if self._request is None and not self._read_head():
            return False
        body = self._body.take(self._buffer)
        if body is None:
            return False
        self._request.body = body
        return True

    def _read_head(self):
        end = self._buffer.find(b"\r\n\r\n")
        if end > MAX_HEAD or (end < 0 and len(self._buffer) > MAX_HEAD):
            raise Refusal(431, "the head is too large")
        if end < 0:
            return False
        head = bytes(self._buffer[:end]).lstrip(b"\r\n")
        del self._buffer[:end + 4]
        request = parse_head(head, self._peer)
        self._body = body_of(request)
        self._request = request
        if request.headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _refuse(self, refusal):
        text = f"{refusal.status} {REASONS[refusal.status]}: {refusal}".encode()
        response = Response(refusal.status, text, "text/plain; charset=utf-8")
        self._transport.write(response.encode("GET", False))
        self._transport.close()

    def _serve(self, request):
        result = self._answer(request)
        if isinstance(result, Response):
            self._send(request, result)
        else:
            self._task = asyncio.get_running_loop().create_task(self._serve_later(request, result))

    async def _serve_later(self, request, result):
        response = await result
        self._task = None
        self._send(request, response)
        if not self._transport.is_closing() and not self._upgraded:
            self._transport.resume_reading()
            self._serve_what_is_there()

    def _send(self, request, response):
        if response.is_cut:
            self._transport.abort()
            return
        self._transport.write(response.encode(request.method, request.keeps_alive))
        if response.upgrade:
            self._upgraded = response.upgrade(self._transport)
            self._upgraded.feed(bytes(self._buffer))
            self._buffer.clear()
        elif not request.keeps_alive:
            self._transport.close()
