"""Redirects of a gateway, before it reads the body or after it."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest

from botocore_redirect.testing.server.gateway import Gateway, Received, Redirect
from unit.testing.http_requests import ask, read_head, talk
from unit.testing.server.gateway.echo import ORIGIN


def test_a_redirect_points_at_the_same_request_on_the_target(gateway: Gateway) -> None:
    gateway.rule = Redirect()
    response, body = ask(gateway, "GET", "//bucket/k%3B?versionId=1&x")
    assert (response.status, response.reason, body) == (307, "Temporary Redirect", b"")
    assert response.headers["Location"] == f"{ORIGIN}//bucket/k%3B?versionId=1&x"
    seen = gateway.received[0]
    assert (seen.status, seen.redirected, seen.query) == (307, True, "versionId=1&x")


def test_the_default_target_is_the_upstream(upstream: str) -> None:
    with Gateway(upstream, rule=Redirect(301)) as server:
        response, _ = ask(server, "GET", "/k")
    assert (response.status, response.headers["Location"]) == (301, f"{upstream}/k")


@pytest.mark.parametrize(
    ("location", "wire"),
    [
        ("http://n/日本", "http://n/日本".encode()),
        (b"http://n/\xff;", b"http://n/\xff;"),
        ("", b""),
        (lambda seen: f"{seen.method} is nonsense", b"GET is nonsense"),
    ],
)
def test_a_location_is_sent_as_it_is(gateway: Gateway, location: Any, wire: bytes) -> None:
    gateway.rule = Redirect(location=location)
    with talk(gateway) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert b"\r\nLocation: " + wire + b"\r\n" in read_head(sock)


@pytest.mark.parametrize("location", [None, lambda _: None])
def test_a_redirect_can_lack_a_location(gateway: Gateway, location: Any) -> None:
    gateway.rule = Redirect(location=location)
    response, _ = ask(gateway, "GET", "/")
    assert response.status == 307
    assert "Location" not in response.headers


def test_a_redirect_can_have_a_body_and_more_headers(gateway: Gateway) -> None:
    gateway.rule = Redirect(302, "/", b"<Error/>", (("X-A", "1"), ("X-A", "2")))
    response, body = ask(gateway, "GET", "/")
    assert (body, response.headers.get_all("X-A")) == (b"<Error/>", ["1", "2"])
    response, body = ask(gateway, "HEAD", "/")
    assert (body, response.headers["Content-Length"]) == (b"", "8")


@pytest.mark.parametrize(("method", "status"), [(b"HEAD", 307), (b"GET", 204), (b"GET", 304)])
def test_no_body_is_sent_where_http_has_none(gateway: Gateway, method: bytes, status: int) -> None:
    gateway.rule = Redirect(status, None, b"a body")
    with talk(gateway) as sock:
        for _ in range(2):
            sock.sendall(method + b" / HTTP/1.1\r\nHost: h\r\n\r\n")
            assert read_head(sock).startswith(b"HTTP/1.1 %d " % status)


def test_a_redirect_that_says_close_closes(gateway: Gateway) -> None:
    gateway.rule = Redirect(headers=(("Connection", "close"),))
    with talk(gateway) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        read_head(sock)
        assert sock.recv(1) == b""


def test_a_rule_is_called_for_each_request_before_its_body_is_read(gateway: Gateway) -> None:
    bodies = []

    def only_puts(seen: Received) -> Redirect | None:
        bodies.append(seen.body)
        return Redirect() if seen.method == "PUT" else None

    gateway.rule = only_puts
    assert ask(gateway, "PUT", "/k", b"body")[0].status == 307
    assert ask(gateway, "POST", "/k", b"body")[0].status == 418
    assert bodies == [b"", b""]
    assert [(r.redirected, r.body) for r in gateway.received] == [(True, b"body"), (False, b"body")]


ASKING_FIRST = b"PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"


def test_an_early_redirect_takes_no_body_and_keeps_the_connection(gateway: Gateway) -> None:
    gateway.rule = Redirect()
    with talk(gateway) as sock:
        for _ in range(2):
            sock.sendall(ASKING_FIRST)
            assert read_head(sock).startswith(b"HTTP/1.1 307 ")
    assert [(r.body_bytes, r.connection) for r in gateway.received] == [(0, 1), (0, 1)]
    assert gateway.connections == 1


def test_a_late_redirect_comes_after_100_and_the_body(gateway: Gateway) -> None:
    gateway.rule = Redirect()
    gateway.expect = "late"
    with talk(gateway) as sock:
        sock.sendall(ASKING_FIRST)
        assert read_head(sock) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert gateway.received == []
        sock.sendall(b"hello")
        assert read_head(sock).startswith(b"HTTP/1.1 307 ")
    assert gateway.received[0].body == b"hello"


def test_a_relayed_request_with_expect_gets_100_and_loses_it_upstream(gateway: Gateway) -> None:
    with talk(gateway) as sock:
        sock.sendall(ASKING_FIRST)
        assert read_head(sock) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"hello")
        response = http.client.HTTPResponse(sock)
        response.begin()
        seen_upstream = json.loads(response.read())
        response.close()
    assert seen_upstream["body"] == "hello"
    assert "expect" not in dict(seen_upstream["headers"])
