"""One request and its answer, over a connection of its own: nothing is followed, and nothing hangs.

botocore hides what the probe asks for: when the answer came, and what became of the connection.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from typing import Any, Literal, NamedTuple, cast
from urllib.parse import SplitResult, urlsplit

#: When the answer to `Expect: 100-continue` came: instead of the 100, after it, or without one.
Expect = Literal["early", "late", "ignored"]
#: Afterwards: closed, kept, or kept although the server does not understand the next request.
Connection = Literal["closed", "kept", "stuck"]

_CONTINUE_SECONDS = 1.0  # as long as botocore waits
_NEXT_SECONDS = 3.0
_BODY_LIMIT = 1 << 20
_LONGEST_LINE = 65536
_BAD_REQUEST = 400
_PORTS = {"http": 80, "https": 443}


class Request(NamedTuple):
    """A request as it is to be sent."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Exchange(NamedTuple):
    """The answer to one request, and how it came."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    #: None if the request did not ask.
    expect: Expect | None
    connection: Connection


class Server:
    """The server that requests are sent to, each over a new connection and within `seconds`."""

    def __init__(self, origin: str, context: ssl.SSLContext | None, seconds: float) -> None:
        self._origin = origin
        self._context = context
        self._seconds = seconds
        self._greeting: Exchange | None = None

    def greeting(self) -> Exchange:
        """Return the answer to an unsigned `HEAD /`, asked once."""
        if self._greeting is None:
            connection = _Connection(self._origin, self._context, self._seconds)
            with connection:
                self._greeting = connection.exchange(self._next_request())
        return self._greeting

    def exchange(self, request: Request) -> Exchange:
        """Send a request, read its answer, and find out what becomes of the connection."""
        usual = self.greeting().status
        with _Connection(self._origin, self._context, self._seconds) as connection:
            answer = connection.exchange(request)
            if answer.connection == "closed":
                return answer
            connection.limit(min(_NEXT_SECONDS, self._seconds))
            try:
                status = connection.exchange(self._next_request()).status
            except (socket.timeout, HTTPException):
                return answer._replace(connection="stuck")
            except OSError:
                return answer._replace(connection="closed")
            stuck = status == _BAD_REQUEST != usual
            return answer._replace(connection="stuck" if stuck else "kept")

    def _next_request(self) -> Request:
        return Request("HEAD", f"{self._origin}/", (("Connection", "close"),))


class _Connection:
    def __init__(self, origin: str, context: ssl.SSLContext | None, seconds: float) -> None:
        parts = urlsplit(origin)
        self.limit(seconds)
        port = parts.port or _PORTS[parts.scheme]
        host = cast("str", parts.hostname)
        self._socket = socket.create_connection((host, port), seconds)
        if context is not None:
            try:
                self._socket = context.wrap_socket(self._socket, server_hostname=host)
            except BaseException:
                self._socket.close()
                raise
        self._incoming = io.BufferedReader(_Incoming(self))

    def __enter__(self) -> _Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def limit(self, seconds: float) -> None:
        """Give all that follows so many seconds."""
        self._deadline = time.monotonic() + seconds

    def receive(self, buffer: Any) -> int:
        """Receive bytes into a buffer, before the deadline."""
        self._socket.settimeout(self._left())
        return self._socket.recv_into(buffer)

    def exchange(self, request: Request) -> Exchange:
        """Send a request and read its answer."""
        expects = any(
            name.lower() == "expect" and value.lower() == "100-continue"
            for name, value in request.headers
        )
        head = _wire_head(request)
        expect: Expect | None = None
        self._socket.settimeout(self._left())
        self._socket.sendall(head if expects else head + request.body)
        first = b""
        if expects:
            first = self._first_head()
            expect = "ignored" if not first else "late" if _is_continue(first) else "early"
            if expect != "early":
                first = b""
                with suppress(ConnectionError):  # its answer may be there all the same
                    self._socket.settimeout(self._left())
                    self._socket.sendall(request.body)
        return self._read(first, request.method, expect)

    def _first_head(self) -> bytes:
        """Return the first head, or nothing if none comes while botocore would wait for it."""
        deadline = self._deadline
        self._deadline = min(deadline, time.monotonic() + _CONTINUE_SECONDS)
        try:
            self._incoming.peek(1)
        except socket.timeout:
            return b""
        finally:
            self._deadline = deadline
        return self._read_head()

    def _read_head(self) -> bytes:
        lines: list[bytes] = []
        while not lines or lines[-1] not in (b"\r\n", b"\n", b""):
            lines.append(self._incoming.readline(_LONGEST_LINE))
            if sum(map(len, lines)) > _LONGEST_LINE:
                raise HTTPException(f"the head of its answer is longer than {_LONGEST_LINE} bytes")
        return b"".join(lines)

    def _read(self, head: bytes, method: str, expect: Expect | None) -> Exchange:
        while not head or _is_continue(head):
            head = self._read_head()
            if not head:
                raise ConnectionResetError("it closed the connection without an answer")
        stream = _Answer(head, self._incoming)
        response = HTTPResponse(cast("socket.socket", stream), method=method)
        response.begin()
        closes = response.will_close
        body = response.read(_BODY_LIMIT + 1)
        if len(body) > _BODY_LIMIT:
            body, closes = body[:_BODY_LIMIT], True  # not read to its end
        headers = tuple(response.headers.items())
        return Exchange(response.status, headers, body, expect, "closed" if closes else "kept")

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise socket.timeout("timed out")
        return left


class _Incoming(io.RawIOBase):
    """The bytes that arrive on a connection, before its deadline."""

    def __init__(self, connection: _Connection) -> None:
        super().__init__()
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._connection.receive(buffer)


class _Answer(io.RawIOBase):
    """What `HTTPResponse` takes for a socket: a head that was read already, and the rest."""

    def __init__(self, head: bytes, rest: io.BufferedReader[Any]) -> None:
        super().__init__()
        self._head = io.BytesIO(head)
        self._rest = rest

    def makefile(self, mode: str) -> io.BufferedReader[Any]:  # noqa: ARG002 - a socket's signature
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._head.readinto(buffer) or self._rest.readinto1(buffer)


def _is_continue(head: bytes) -> bool:
    return head.split(b" ", 2)[1:2] == [b"100"]


def _wire_head(request: Request) -> bytes:
    parts = urlsplit(request.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    given = {name.lower() for name, _ in request.headers}
    always = {"Host": _host(parts), "Accept-Encoding": "identity"}
    fields = [*(each for each in always.items() if each[0].lower() not in given), *request.headers]
    lines = [f"{request.method} {target} HTTP/1.1", *(f"{name}: {text}" for name, text in fields)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _host(parts: SplitResult) -> str:
    """Return the `Host` that botocore signs: without the port that is usual for the scheme."""
    usual = f":{_PORTS[parts.scheme]}"
    return parts.netloc.removesuffix(usual)
