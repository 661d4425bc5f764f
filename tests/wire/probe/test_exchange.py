"""One exchange of `probe`: when the answer came, and what became of the connection."""

from __future__ import annotations

import queue
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from typing import Any, Callable

import pytest

from botocore_redirect.commands.probe.exchange import Exchange, Request, Server
from wire.servers.served import Served
from wire.servers.tls import CA, server_context

REDIRECT = b"HTTP/1.1 307 Elsewhere\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
CLOSING = REDIRECT.replace(b"Location", b"Connection: close\r\nLocation")
BODY = b"x" * 1000
Stream = Any
Behaviour = Callable[[Stream, bytes], None]


class Behaving(Served):
    """Greet `HEAD /` alone on a connection; give the first request of others to a behaviour."""

    def __init__(self, behaviour: Behaviour, greeting: bytes = b"HTTP/1.1 403 No\r\n\r\n") -> None:
        self.behaviour, self.greeting = behaviour, greeting
        self.ended = threading.Event()
        super().__init__(_Handler)

    def __exit__(self, *exception: object) -> None:
        self.ended.set()
        super().__exit__(*exception)


class _Handler(socketserver.StreamRequestHandler):
    server: Behaving

    def handle(self) -> None:
        head = self.read_head()
        if head.startswith(b"HEAD / "):
            self.wfile.write(self.server.greeting)
        else:
            self.server.behaviour(self, head)

    def read_head(self) -> bytes:
        lines: list[bytes] = []
        while not lines or lines[-1] not in (b"\r\n", b""):
            lines.append(self.rfile.readline())
        return b"".join(lines)

    def send(self, *parts: bytes) -> None:
        self.wfile.write(b"".join(parts))

    def wait(self) -> None:
        self.server.ended.wait(20)


@contextmanager
def asked(
    behaviour: Behaviour, request: Request | None = None, seconds: float = 10, **options: Any
) -> Iterator[Exchange]:
    with Behaving(behaviour, **options) as server:
        method, _, headers, body = request or get()
        url = f"{server.url}/bkt/key?x=1"
        yield Server(server.url, None, seconds).exchange(Request(method, url, headers, body))


def get(*headers: tuple[str, str]) -> Request:
    return Request("GET", "", headers)


def put(*headers: tuple[str, str]) -> Request:
    given = (("Content-Length", str(len(BODY))), ("Expect", "100-continue"), *headers)
    return Request("PUT", "", given, BODY)


def test_a_request_goes_out_as_it_is_with_the_host_that_was_signed() -> None:
    heads: list[bytes] = []

    def behave(stream: Stream, head: bytes) -> None:
        heads.append(head)
        stream.send(CLOSING)

    with asked(behave, get(("X-One", "1"), ("accept-encoding", "gzip"))) as answer:
        assert (answer.status, answer.expect, answer.connection) == (307, None, "closed")
        assert ("Location", "/there") in answer.headers
    line, host, *rest = heads[0].split(b"\r\n")
    assert line == b"GET /bkt/key?x=1 HTTP/1.1"
    assert host.startswith(b"Host: 127.0.0.1:")
    assert rest == [b"X-One: 1", b"accept-encoding: gzip", b"", b""]


def test_an_answer_before_the_body_is_early_and_the_body_is_not_sent() -> None:
    after: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def behave(stream: Stream, _: bytes) -> None:
        stream.send(CLOSING)
        after.put(stream.rfile.read())

    with asked(behave, put()) as answer:
        assert (answer.expect, answer.connection) == ("early", "closed")
    assert after.get(timeout=10) == b""


def test_an_answer_after_100_continue_is_late_and_has_the_body() -> None:
    bodies: list[bytes] = []

    def behave(stream: Stream, _: bytes) -> None:
        stream.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        bodies.append(stream.rfile.read(len(BODY)))
        stream.send(CLOSING)

    with asked(behave, put()) as answer:
        assert (answer.status, answer.expect) == (307, "late")
    assert bodies == [BODY]


def test_a_server_that_does_not_answer_expect_gets_the_body_after_a_second() -> None:
    bodies: list[bytes] = []

    def behave(stream: Stream, _: bytes) -> None:
        bodies.append(stream.rfile.read(len(BODY)))
        stream.send(b"HTTP/1.1 100 Continue\r\n\r\n", CLOSING)

    with asked(behave, put()) as answer:
        assert (answer.status, answer.expect) == (307, "ignored")
    assert bodies == [BODY]


def test_a_connection_on_which_the_next_request_is_answered_is_kept() -> None:
    def behave(stream: Stream, _: bytes) -> None:
        stream.send(REDIRECT)
        stream.read_head()
        stream.send(stream.server.greeting)

    with asked(behave) as answer:
        assert answer.connection == "kept"


def test_a_connection_on_which_the_next_request_is_a_bad_one_is_stuck() -> None:
    def behave(stream: Stream, _: bytes) -> None:
        stream.send(REDIRECT)
        stream.read_head()
        stream.send(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

    with asked(behave, put()) as answer:
        assert (answer.expect, answer.connection) == ("early", "stuck")
    with asked(behave, put(), greeting=b"HTTP/1.1 400 As always\r\n\r\n") as answer:
        assert answer.connection == "kept"


def test_a_connection_that_waits_for_the_body_is_stuck() -> None:
    def behave(stream: Stream, _: bytes) -> None:
        stream.send(REDIRECT)
        stream.wait()

    with asked(behave, put(), seconds=0.5) as answer:
        assert answer.connection == "stuck"


def test_a_connection_that_the_server_closes_without_saying_so_is_closed() -> None:
    with asked(lambda stream, _: stream.send(REDIRECT)) as answer:
        assert answer.connection == "closed"


def test_a_body_is_read_in_chunks_and_cut_where_it_is_too_long() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with asked(lambda stream, _: stream.send(head, b"3\r\nabc\r\n0\r\n\r\n")) as answer:
        assert answer.body == b"abc"
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + bytes(1 << 21)
    with asked(lambda stream, _: stream.send(endless)) as answer:
        assert (len(answer.body), answer.connection) == (1 << 20, "closed")


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (b"", ConnectionError),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", HTTPException),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, HTTPException),
    ],
)
def test_what_is_no_answer_is_an_error(sent: bytes, kind: type[Exception]) -> None:
    with pytest.raises(kind), asked(lambda stream, _: stream.send(sent)):
        pass


def test_a_server_that_sends_a_byte_now_and_then_has_no_more_time_than_others() -> None:
    def drip(stream: Stream, _: bytes) -> None:
        stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        with suppress(ConnectionError):
            while not stream.server.ended.wait(0.05):
                stream.send(b"x")

    with pytest.raises(OSError, match="timed out"), asked(drip, seconds=0.4):
        pass


def test_an_answer_that_does_not_end_has_no_more_time_than_others() -> None:
    def flood(stream: Stream, _: bytes) -> None:
        stream.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
        with suppress(ConnectionError):
            while not stream.server.ended.is_set():
                stream.send(b"X-Trailer: x\r\n" * 1000)

    with pytest.raises(OSError, match="timed out"), asked(flood, seconds=0.4):
        pass


def test_a_connection_over_tls_is_verified() -> None:
    def behave(stream: Stream, _: bytes) -> None:
        stream.send(CLOSING)

    class Encrypted(Behaving):
        def get_request(self) -> Any:
            connection, address = super().get_request()
            return server_context().wrap_socket(connection, server_side=True), address

        def handle_error(self, *_: Any) -> None:
            """The client does not trust us."""

    with Encrypted(behave) as server:
        url = server.url.replace("http://127.0.0.1", "https://localhost")
        context = ssl.create_default_context(cafile=CA)
        context.check_hostname = False
        answer = Server(url, context, 10).exchange(Request("GET", f"{url}/"))
        assert answer.status == 307
        with pytest.raises(ssl.SSLError):
            Server(url, ssl.create_default_context(), 10).exchange(Request("GET", f"{url}/"))
