"""An HTTP/1.1 client on asyncio that sends just the headers it is given: the data sources' side."""

import asyncio
import dataclasses
import ssl
import urllib.parse

_IDLE_KEPT = 64  # connections of a host
_TIMEOUT = 60.0  # seconds


class Unreachable(Exception):
    """No whole answer came."""


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict  # lower-case names
    body: bytes


def header_pairs(headers):
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


class Upstream:
    def __init__(self):
        self._idle = {}  # (scheme, host, port) -> [(reader, writer)]

    async def ask(self, method, url, target, headers, body=b""):
        """An Answer to `target`, sent as it is to the host of `url`. Raises Unreachable."""
        parts = urllib.parse.urlsplit(url)
        key = (parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
        head = f"{method} {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n{header_pairs(headers)}"
        if body or method in ("POST", "PUT", "PATCH"):
            head += f"Content-Length: {len(body)}\r\n"
        message = (head + "\r\n").encode("latin-1", "replace") + body
        try:
            return await asyncio.wait_for(self._exchange(key, message, method), _TIMEOUT)
        except (OSError, EOFError, ValueError, asyncio.TimeoutError, ssl.SSLError) as error:
            raise Unreachable(str(error) or type(error).__name__) from error

    async def _exchange(self, key, message, method):
        """An idle connection may have been closed by the other side: then a new one is made."""
        idle = self._idle.setdefault(key, [])
        while idle:
            reader, writer = idle.pop()
            try:
                return await self._over(key, reader, writer, message, method)
            except (OSError, EOFError):
                writer.close()
        secure = ssl.create_default_context() if key[0] == "https" else None
        reader, writer = await asyncio.open_connection(key[1], key[2], ssl=secure)
        return await self._over(key, reader, writer, message, method)

    async def _over(self, key, reader, writer, message, method):
        is_reusable = False
        try:
            writer.write(message)
            answer = await _read_answer(reader, method)
            is_reusable = ("close" not in answer.headers.get("connection", "") and
                           len(self._idle[key]) < _IDLE_KEPT)
            if is_reusable:
                self._idle[key].append((reader, writer))
            return answer
        finally:
            if not is_reusable:
                writer.close()


async def _read_answer(reader, method):
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ", 2)[1])
    headers = {}
    for line in lines[1:-2]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    if 100 <= status < 200:
        return await _read_answer(reader, method)
    has_none = method == "HEAD" or status in (204, 304)
    return Answer(status, headers, b"" if has_none else await _read_body(reader, headers))


async def _read_body(reader, headers):
    if "chunked" in headers.get("transfer-encoding", ""):
        return await _read_chunks(reader)
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    headers["connection"] = "close"
    return await reader.read()


async def _read_chunks(reader):
    body = bytearray()
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass
    return bytes(body)
