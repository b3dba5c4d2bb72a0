"""RFC 6455, the server's side: text and binary messages, ping, close; no extensions."""

import base64
import hashlib
import struct

from .wire import Response

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_MAX_MESSAGE = 1024 * 1024

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(payload, opcode=TEXT):
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | opcode, size))
    elif size < 65536:
        head = struct.pack(">BBH", 0x80 | opcode, 126, size)
    else:
        head = struct.pack(">BBQ", 0x80 | opcode, 127, size)
    return head + payload


def unmask(data, mask):
    """XOR with the four bytes of `mask`, as one number: a loop over bytes would be slow."""
    size = len(data)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


class WebSocket:
    """Cuts the bytes of one connection into messages; `listener` hears of each.

    listener: opened(socket), message(bytes), closed().
    """

    def __init__(self, transport, listener):
        self._transport = transport
        self._listener = listener
        self._buffer = bytearray()
        self._message = bytearray()
        self._is_over = False
        listener.opened(self)

    def send(self, payload):
        self.write(frame(payload))

    def write(self, data):
        """`data`: a whole frame, which many sockets may share."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def close(self, code, reason=""):
        self.write(frame(struct.pack(">H", code) + reason.encode(), CLOSE))
        self._transport.close()
        self.lost()

    def lost(self):
        if not self._is_over:
            self._is_over = True
            self._listener.closed()

    def feed(self, data):
        self._buffer += data
        while not self._is_over and (part := self._next_frame()):
            self._take(*part)

    def _next_frame(self):
        """(is last, opcode, payload), or None as long as it is not whole."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 127, 2
        if size >= 126:
            width = 2 if size == 126 else 8
            size, start = int.from_bytes(buffer[2:2 + width], "big"), 2 + width
        if size > _MAX_MESSAGE or not buffer[1] & 128:
            self.close(1009 if buffer[1] & 128 else 1002)
            return None
        if len(buffer) < start + 4 + size:
            return None
        mask, payload = bytes(buffer[start:start + 4]), bytes(buffer[start + 4:start + 4 + size])
        first = buffer[0]
        del buffer[:start + 4 + size]
        return bool(first & 128), first & 15, unmask(payload, mask)

    def _take(self, is_last, opcode, payload):
        if opcode == CLOSE:
            self.close(1000)
        elif opcode == PING:
            self.write(frame(payload, PONG))
        elif opcode in (0, TEXT, BINARY):
            self._message += payload
            if is_last:
                message, self._message = bytes(self._message), bytearray()
                self._listener.message(message)


def wants_upgrade(request):
    return (request.headers.get("upgrade", "").lower() == "websocket" and
            "sec-websocket-key" in request.headers)


def accept(request, listener):
    """The answer 101 to `request`; from then on `listener` hears what arrives."""
    key = request.headers["sec-websocket-key"].encode()
    digest = base64.b64encode(hashlib.sha1(key + _MAGIC).digest()).decode()
    response = Response(101, headers=[("Upgrade", "websocket"), ("Connection", "Upgrade"),
                                      ("Sec-WebSocket-Accept", digest)])
    response.upgrade = lambda transport: WebSocket(transport, listener)
    return response
