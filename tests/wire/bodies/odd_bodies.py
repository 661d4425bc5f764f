"""A server whose redirects have odd bodies: endless, slow, cut short, or badly framed."""

from __future__ import annotations

import socketserver
import ssl
import threading
import time
from contextlib import suppress
from typing import Any, Callable

from botocore_redirect.transport.redirect_body import LIMIT
from wire.servers.served import Served

#: Sends a body after the head, until the client closes the connection.
Send = Callable[[Any, threading.Event], None]


def endless(out: Any, _: threading.Event) -> None:
    while True:
        out.write(b"x" * 65536)


def endless_chunks(out: Any, _: threading.Event) -> None:
    while True:
        out.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")


def trickle(out: Any, over: threading.Event) -> None:
    while not over.wait(0.02):
        out.write(b"<")


def silence(out: Any, over: threading.Event) -> None:
    out.write(b"")
    over.wait(20)


def cut_short(out: Any, _: threading.Event) -> None:
    out.write(b"<Error>")


def bad_chunks(out: Any, _: threading.Event) -> None:
    out.write(b"5\r\nhelloNO CHUNK")


def negative_chunk(out: Any, _: threading.Event) -> None:
    out.write(b"-5\r\nhello\r\n")


def endless_line(out: Any, _: threading.Event) -> None:
    out.write(b"0" * 100_000)


def huge_chunk(out: Any, over: threading.Event) -> None:
    out.write(b"ffffffffff\r\n")
    endless(out, over)


CHUNKED = "Transfer-Encoding: chunked"
#: The framing of each body, and the function that sends it.
BODIES: dict[str, tuple[str, Send]] = {
    "endless until the end": ("X-Framing: none", endless),
    "endless in chunks": (CHUNKED, endless_chunks),
    "huge": ("Content-Length: 1000000000000", endless),
    "huge and silent": ("Content-Length: 1000000000000", silence),
    "one huge chunk": (CHUNKED, huge_chunk),
    "trickling": ("Content-Length: 100000", trickle),
    "trickling until the end": ("X-Framing: none", trickle),
    "trickling in chunks": (CHUNKED, trickle),
    "silent": ("Content-Length: 7", silence),
    "silent in chunks": (CHUNKED, silence),
    "cut short": ("Content-Length: 100", cut_short),
    "cut short in chunks": (CHUNKED, cut_short),
    "bad chunks": (CHUNKED, bad_chunks),
    "a negative chunk": (CHUNKED, negative_chunk),
    "an endless line": (CHUNKED, endless_line),
    "two encodings": ("Transfer-Encoding: gzip, chunked", endless_chunks),
}


def whole(out: Any, _: threading.Event) -> None:
    out.write(b"<Error><Endpoint>127.0.0.1:9</Endpoint></Error>")


def nonsense(out: Any, _: threading.Event) -> None:
    """Send XML that botocore cannot parse."""
    out.write(b"<x><ResponseMetadata/></x> ")


def late(out: Any, _: threading.Event) -> None:
    """Send a body in two parts, the second one later than the head."""
    out.write(b"<Error><Endpoint>127.0.0.1:9")
    time.sleep(0.2)
    out.write(b"</Endpoint></Error>")


def chunks(out: Any, _: threading.Event) -> None:
    out.write(b"9\r\n<Error><E\r\n26\r\nndpoint>127.0.0.1:9</Endpoint></Error>\r\n0\r\n\r\n")


def at_the_limit(out: Any, over: threading.Event) -> None:
    whole(out, over)
    out.write(b" " * (LIMIT - 47))


def bodiless(out: Any, _: threading.Event) -> None:
    out.write(b"")


class OddServer(Served):
    """Redirect every request, with an odd body after the head."""

    def __init__(self, location: str | None, framing: str, send: Send, context: Any = None) -> None:
        self.location, self.framing, self.send = location, framing, send
        self.context: ssl.SSLContext | None = context
        self.status = 307
        self.over = threading.Event()
        self.connections = 0
        super().__init__(_Handler)

    def __exit__(self, *exception: object) -> None:
        self.over.set()
        super().__exit__(*exception)


class _AfterHead:
    """Send the head together with the first data."""

    def __init__(self, out: Any, head: bytes) -> None:
        self._out, self._head = out, head

    def write(self, data: bytes) -> None:
        self._out.write(self._head + data)
        self._head = b""


class _Handler(socketserver.StreamRequestHandler):
    server: OddServer

    def setup(self) -> None:
        self.server.connections += 1
        if self.server.context:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        with suppress(OSError):
            while self._take():
                where = f"Location: {self.server.location}\r\n" if self.server.location else ""
                first = f"HTTP/1.1 {self.server.status} X"
                head = f"{first}\r\n{where}{self.server.framing}\r\n\r\n".encode()
                self.server.send(_AfterHead(self.wfile, head), self.server.over)
                if self.server.send not in (whole, bodiless):
                    return

    def _take(self) -> bytes:
        first = line = self.rfile.readline()
        while line.strip():
            line = self.rfile.readline()
        return first

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
