"""Steps of a script: invalid ones are refused where they are made; chunked responses."""

from __future__ import annotations

import contextlib
import http.client
from functools import partial
from typing import Any, Callable

import pytest

from botocore_redirect.testing import Fault, Gateway, Redirect, Response
from unit.testing.http_requests import ask, connect

NOBODY = "http://127.0.0.1:1"
CHUNKED = ("Transfer-Encoding", "chunked")
WORDS: Any = "http://other.example"
NUMBER: Any = 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Redirect(WORDS), f"status of Redirect is '{WORDS}': give a number, .*Redirect.to"),
        (lambda: Redirect(location=NUMBER), "location of Redirect is 1: give text, bytes"),
        (lambda: Redirect.to(NUMBER), "origin of Redirect is 1: give text, such as 'http://"),
        (lambda: Fault(WORDS), "status of Fault is .*: give a number, .* the code comes after it"),
        (lambda: Fault(503, NUMBER), "code of Fault is 1: give text"),
        (lambda: Fault(message=NUMBER), "message of Fault is 1: give text"),
        (lambda: Response(WORDS), "status of Response is .*: give a number, such as 200"),
        (lambda: Response(200, body=WORDS), "body of Response is .*: give bytes, such as b'text'"),
        (lambda: Redirect(body=WORDS), "body of Redirect is .*: give bytes, such as b'text'"),
        (lambda: Response(200, reason=NUMBER), "reason of Response is 1: give text"),
        (lambda: Response(200, reason="日"), "reason of Response is '日': give text"),
    ],
)
def test_a_step_with_an_invalid_part_is_refused_where_it_is_made(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        make()


@pytest.mark.parametrize("make", [partial(Response, 200), Fault, Redirect])
@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "1"},
        ("Retry-After", "1"),
        (("Retry-After", 1),),
        (("Retry-After", "1", ""),),
        (("Retry-After", "日"),),
        "Retry-After: 1",
    ],
)
def test_headers_that_are_not_pairs_are_refused(make: Callable[..., object], headers: Any) -> None:
    with pytest.raises(TypeError, match=r'headers of .*: give pairs .*\(\("Retry-After", "1"\),\)'):
        make(headers=headers)


def test_bytes_of_any_kind_and_lists_of_headers_are_accepted() -> None:
    headers: Any = [("X-A", "ü"), ["X-B", ""]]
    body: Any = bytearray(b"body")
    wire = Response(200, headers, body).to_wire(with_body=True)
    assert wire == b"HTTP/1.1 200 OK\r\nX-A: \xfc\r\nX-B: \r\n\r\nbody"


def test_a_function_that_returns_no_location_is_an_error() -> None:
    gateway = Gateway(NOBODY, rule=Redirect(location=lambda _: NUMBER)).start()
    assert ask(gateway)[0].status == 500
    with pytest.raises(TypeError, match="location of Redirect is 1: give text, bytes"):
        gateway.close()


@pytest.mark.parametrize(
    "body", [b"", b"5\r\nhel", b"5\r\nhello\r\n", b"5\r\nhello\r\n0\r\n", b"hello"]
)
def test_a_chunked_response_may_break_off(body: bytes) -> None:
    with Gateway(NOBODY, rule=Response(200, (CHUNKED,), body)) as gateway:
        connection = connect(gateway)
        connection.request("GET", "/")
        with contextlib.suppress(http.client.IncompleteRead):
            connection.getresponse().read()
        assert connection.sock.recv(1) == b""  # the gateway has closed it
        connection.close()


@pytest.mark.parametrize("trailer", [b"", b"X-A: 1\r\n"])
def test_a_complete_chunked_response_keeps_the_connection(trailer: bytes) -> None:
    whole = b"5\r\nhello\r\n0\r\n" + trailer + b"\r\n"
    with Gateway(NOBODY, rule=Response(200, (CHUNKED,), whole)) as gateway:
        connection = connect(gateway)
        for _ in range(2):
            connection.request("GET", "/")
            assert connection.getresponse().read() == b"hello"
        connection.close()
        assert gateway.connections == 1
