"""The endpoint that records what arrives."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace

import pytest

from botocore_redirect.testing.server.exchange import Response
from inert.calls.endpoint import HOST, Endpoint, Script

_UNVERIFIED = ssl._create_unverified_context()
_OK = Response(200, (("Content-Length", "4"),), b"fine")
_BUSY = Response(503, (("Content-Length", "0"),))
_WAITING = b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"
_MOVED = Response(307, (("Content-Length", "0"),))


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as opened:
        yield opened


def opened(host: str) -> http.client.HTTPSConnection:
    return http.client.HTTPSConnection(host, context=_UNVERIFIED, timeout=10)


def connected() -> ssl.SSLSocket:
    return _UNVERIFIED.wrap_socket(socket.create_connection((HOST, 443), 10))


def asked(host: str, *more: str, method: str = "PUT") -> http.client.HTTPResponse:
    connection = opened(host)
    connection.request(method, "/a%2Fb?c", b"body", dict(each.split(": ") for each in more))
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_a_request_is_kept_as_it_arrived(endpoint: Endpoint) -> None:
    with endpoint.serve(Script((_OK,))) as received:
        asked(HOST, "X-Two: 2", "x-one: 1")
    (request,) = received
    assert request.line == "PUT /a%2Fb?c HTTP/1.1"
    assert request.body == b"body"
    assert request.head.endswith(b"X-Two: 2\r\nx-one: 1\r\n\r\n")
    assert request.header("HOST") == HOST


def test_each_call_gets_the_answers_in_order_and_the_last_is_repeated(endpoint: Endpoint) -> None:
    for _ in range(2):
        with endpoint.serve(Script((_BUSY, _OK))) as received:
            assert [asked(HOST).status for _ in range(3)] == [503, 200, 200]
        assert len(received) == 3


def test_a_redirect_keeps_labels_path_and_query_and_the_node_answers(endpoint: Endpoint) -> None:
    with endpoint.serve(Script((_OK,), redirect=_MOVED)):
        moved = asked(f"bucket.{HOST}")
        there = asked(f"bucket.node.{HOST}")
    assert moved.status == 307
    assert moved.headers["Location"] == f"https://bucket.node.{HOST}/a%2Fb?c"
    assert there.status == 200


def test_the_answers_at_the_node_do_not_count_what_the_gateway_was_asked(
    endpoint: Endpoint,
) -> None:
    with endpoint.serve(Script((_BUSY, _OK), redirect=_MOVED)):
        hosts = [HOST, f"node.{HOST}"] * 2
        assert [asked(host).status for host in hosts] == [307, 503, 307, 200]


def test_a_host_that_is_not_below_the_gateway_is_redirected_too(endpoint: Endpoint) -> None:
    with endpoint.serve(Script((_OK,), redirect=_MOVED)):
        moved = asked("sts.example")
    assert moved.headers["Location"] == f"https://sts.example.node.{HOST}/a%2Fb?c"


def test_repeated_requests_to_the_gateway_are_answered_in_the_end(endpoint: Endpoint) -> None:
    with endpoint.serve(Script((_OK,), redirect=_MOVED)):
        assert [asked(HOST).status for _ in range(9)] == [*[307] * 8, 200]


def test_the_connections_of_a_call_are_counted(endpoint: Endpoint) -> None:
    kept = opened(HOST)
    for numbers in ([1, 1, 2], [0, 0, 1]):
        with endpoint.serve(Script((_OK,))) as received:
            for _ in range(2):
                kept.request("GET", "/")
                kept.getresponse().read()
            asked(HOST)
        assert [each.connection for each in received] == numbers
    kept.close()


def test_an_answer_may_be_missing_or_break_off(endpoint: Endpoint) -> None:
    half = Response(200, (("Content-Length", "9"),), b"fine")
    with endpoint.serve(Script((replace(_OK, hangs_up=True), half))) as received:
        with pytest.raises((ConnectionError, ssl.SSLError)):
            asked(HOST)
        with pytest.raises((http.client.IncompleteRead, ssl.SSLError)):
            asked(HOST)
    assert len(received) == 2


def test_the_answer_to_a_head_has_no_body(endpoint: Endpoint) -> None:
    with endpoint.serve(Script((_OK,))), connected() as client:
        client.sendall(b"HEAD / HTTP/1.1\r\n\r\n")
        assert client.recv(1000).endswith(b"\r\nContent-Length: 4\r\n\r\n")


def test_a_request_that_expects_100_continue_gets_it(endpoint: Endpoint) -> None:
    with endpoint.serve(Script((_OK,))) as received, connected() as client:
        client.sendall(_WAITING)
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"x")
        assert client.recv(100).startswith(b"HTTP/1.1 200 ")
    assert [each.body for each in received] == [b"x"]


def test_an_early_answer_comes_instead_of_100_continue_and_no_body_is_read(
    endpoint: Endpoint,
) -> None:
    with endpoint.serve(Script((_BUSY, _OK), early=True)) as received, connected() as client:
        for status in (b"503", b"200"):
            client.sendall(_WAITING)
            assert client.recv(1000).startswith(b"HTTP/1.1 " + status)
    assert [each.body for each in received] == [b"", b""]


def test_a_body_that_comes_after_an_early_answer_is_no_request(endpoint: Endpoint) -> None:
    with endpoint.serve(Script((_OK,), early=True)) as received, connected() as client:
        client.sendall(_WAITING + b"1\r\nx\r\n\r\n")
        with client.makefile("rb") as stream:
            assert stream.read().startswith(b"HTTP/1.1 200 ")
    assert len(received) == 1


def test_names_lead_to_the_endpoint_only_during_a_call() -> None:
    before = socket.getaddrinfo
    with Endpoint() as endpoint:
        with endpoint.serve(Script((_OK,))):
            assert socket.getaddrinfo is not before
        assert socket.getaddrinfo is before
