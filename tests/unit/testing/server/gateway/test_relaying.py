"""What a gateway relays to its upstream and back."""

from __future__ import annotations

import io
import json
import socket
from email.message import Message
from urllib.parse import urlsplit

import pytest

from botocore_redirect.testing.server.gateway import Gateway, Redirect, Rule
from botocore_redirect.testing.server.request_body import read_body
from unit.testing.http_requests import ask, read_head, talk
from unit.testing.server.gateway.echo import NOBODY


def test_method_target_body_and_headers_are_relayed(gateway: Gateway, upstream: str) -> None:
    response, body = ask(gateway, "PUT", "//bucket///a%2fb?x=%20y", b"\x00\xff", X_Amz_Meta_A="b")
    seen_upstream = json.loads(body)
    assert response.status == 418
    assert (seen_upstream["method"], seen_upstream["target"]) == ("PUT", "//bucket///a%2fb?x=%20y")
    assert seen_upstream["body"].encode("latin-1") == b"\x00\xff"
    headers = dict(seen_upstream["headers"])
    assert headers["x-amz-meta-a"] == "b"
    assert headers["host"] == urlsplit(upstream).netloc


def test_a_relayed_request_has_no_hop_by_hop_headers(gateway: Gateway) -> None:
    _, body = ask(
        gateway, "PUT", "/", b"x", Connection="X-Private", X_Private="1", Keep_Alive="2", TE="3"
    )
    names = {name for name, _ in json.loads(body)["headers"]}
    assert names == {"host", "accept-encoding", "content-length"}


def test_relay_headers_replace_those_of_the_request(upstream: str) -> None:
    with Gateway(upstream, relay_headers={"X-Account": "ours"}) as server:
        _, body = ask(server, "GET", "/", x_account="theirs")
    assert [v for n, v in json.loads(body)["headers"] if n == "x-account"] == ["ours"]


def test_raw_bytes_and_headers_keep_their_case_and_order(gateway: Gateway) -> None:
    with talk(gateway) as sock:
        sock.sendall(
            b"HEAD /\xc3\xbc\x01 HTTP/1.1\r\nHost: h\r\nX-B: 1\r\nx-a: 2\r\nX-B: 3\r\n\r\n"
        )
        assert read_head(sock).startswith(b"HTTP/1.1 200 ")
    (seen,) = gateway.received
    assert seen.target.encode("latin-1") == b"/\xc3\xbc\x01"
    assert seen.headers["X-A"] == "2"
    assert seen.raw_headers == [("Host", "h"), ("X-B", "1"), ("x-a", "2"), ("X-B", "3")]


def test_status_reason_and_repeated_headers_are_relayed_back(gateway: Gateway) -> None:
    response, body = ask(gateway, "GET", "/")
    assert (response.status, response.reason) == (418, "Short And Stout")
    assert response.headers.get_all("X-Twice") == ["one", "two"]
    assert "Keep-Alive" not in response.headers
    assert response.headers.get_all("Content-Length") == [str(len(body))]


def test_the_response_to_a_head_keeps_the_length_of_the_upstream(gateway: Gateway) -> None:
    response, body = ask(gateway, "HEAD", "/")
    assert (response.headers["Content-Length"], body) == ("12345", b"")


def test_a_response_without_a_body_stays_without(gateway: Gateway) -> None:
    response, body = ask(gateway, "DELETE", "/empty")
    assert (response.status, response.reason, body) == (204, "Nothing Here", b"")


def test_a_chunked_response_gets_a_length(gateway: Gateway) -> None:
    response, body = ask(gateway, "GET", "/chunked")
    assert (response.headers["Content-Length"], body) == ("5", b"abcde")
    assert "Transfer-Encoding" not in response.headers


def test_an_upstream_that_is_down_is_a_502_with_the_reason() -> None:
    with Gateway(NOBODY) as server:
        response, body = ask(server, "GET", "/")
    assert response.status == 502
    assert b"ConnectionRefusedError" in body
    assert server.received[0].status == 502


@pytest.mark.parametrize("rule", [None, Redirect()])
def test_a_body_without_expect_is_read_and_counted(gateway: Gateway, rule: Rule) -> None:
    gateway.rule = rule
    ask(gateway, "PUT", "/", b"x" * 100_000)
    assert gateway.received[0].body == b"x" * 100_000
    assert gateway.received[0].body_bytes == 100_000


def test_a_chunked_body_may_end_in_several_trailers() -> None:
    headers = Message()
    headers["Transfer-Encoding"] = "chunked"
    sent = b"3\r\nabc\r\n0\r\nOne: 1\r\nTwo: 2\r\n\r\n"
    body = read_body(io.BufferedReader(io.BytesIO(sent + b"next request")), headers)
    assert (body.data, body.wire_bytes) == (b"abc", len(sent))


def test_a_chunked_body_is_relayed_with_its_length(gateway: Gateway) -> None:
    _, answer = ask(gateway, "PUT", "/", iter([b"abc", b"defgh"]))
    headers = dict(json.loads(answer)["headers"])
    assert json.loads(answer)["body"] == "abcdefgh"
    assert headers["content-length"] == "8"
    assert "transfer-encoding" not in headers
    assert gateway.received[0].body == b"abcdefgh"
    assert gateway.received[0].body_bytes == len(b"3\r\nabc\r\n5\r\ndefgh\r\n0\r\n\r\n")


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 10\r\n\r\nfour",
        b"Content-Length: ten\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nnope\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n",
    ],
)
@pytest.mark.parametrize("rule", [None, Redirect()])
def test_an_incomplete_body_is_a_400(rest: bytes, rule: Rule) -> None:
    with Gateway(NOBODY, rule=rule) as server, talk(server) as sock:
        sock.sendall(b"PUT /k HTTP/1.1\r\nHost: h\r\n" + rest)
        sock.shutdown(socket.SHUT_WR)
        assert read_head(sock).startswith(b"HTTP/1.1 400 ")
    assert [(r.status, r.redirected) for r in server.received] == [(400, False)]
